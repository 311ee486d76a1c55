import { type Actor, auditEvent, type Place, SYSTEM, SYSTEM_PLACE } from '../audit/entry/entry.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Phone } from '../kernel/phone.ts'
import type { Reader } from '../storage/contract.ts'
import { activeBlock, removeBlock, saveBlock } from './block.repository.ts'
import { isLastOwner } from './owners.ts'
import { type AccessChange, type AccessDecision, decideAccess } from './policy.ts'
import { forgetRefusal } from './refusal.repository.ts'
import type { EffectiveRole } from './role.ts'
import { setRole } from './role-service.ts'
import { findUser, saveWhitelisted } from './stored-user.repository.ts'
import { effectiveRole } from './user.ts'

export interface AccessRequest {
  readonly actor: Actor
  readonly place: Place
  readonly target: Phone
}

export type AccessResult = (AccessDecision | { readonly kind: 'unchanged' }) & { readonly current: EffectiveRole }

/** What would come of letting somebody in or keeping them out at this moment, if that person asked for it. */
export async function judgeAccess(
  db: Pick<Reader, '$queryRaw' | 'user' | 'block'>,
  actor: string,
  target: Phone,
  change: AccessChange['change'],
  clock: Clock,
): Promise<AccessDecision & { readonly current: EffectiveRole }> {
  const current = effectiveRole(await findUser(db, target))
  const found = change === 'whitelist' ? undefined : await activeBlock(db, target, clock.now())
  const blocker = found === undefined ? 'NONE' : effectiveRole(await findUser(db, found.blockedBy))
  const decision = decideAccess({
    actor: effectiveRole(await findUser(db, actor)),
    current,
    blocker,
    change,
    self: actor === target,
    lastOwner: current === 'OWNER' && (await isLastOwner(db, target, clock.now())),
  })
  return { ...decision, current }
}

/** Keeps somebody out, until a moment or until they are unblocked. A block that there is already is replaced. */
export async function block(
  tx: AuditTransaction,
  { actor, place, target }: AccessRequest,
  { until, reason }: { readonly until: Date | null; readonly reason: string | null },
  clock: Clock,
): Promise<AccessResult> {
  const result = await judgeAccess(tx.db, actor.phoneNumber, target, 'block', clock)
  if (result.kind === 'denied') return result
  const blockedAt = new Date(clock.now())
  await saveBlock(tx.db, { phoneNumber: target, until, reason, blockedBy: actor.phoneNumber, blockedAt })
  // They are told once more.
  await forgetRefusal(tx.db, target)
  const metadata = { targetUser: target, until: until?.toISOString(), reason: reason ?? undefined }
  await tx.append(auditEvent('USER_BLOCK', actor, place, metadata))
  return result
}

export async function unblock(
  tx: AuditTransaction,
  { actor, place, target }: AccessRequest,
  clock: Clock,
): Promise<AccessResult> {
  const result = await judgeAccess(tx.db, actor.phoneNumber, target, 'unblock', clock)
  if (result.kind === 'denied') return result
  const isBlocked = (await activeBlock(tx.db, target, clock.now())) !== undefined
  await removeBlock(tx.db, target)
  await forgetRefusal(tx.db, target)
  if (!isBlocked) return { ...result, kind: 'unchanged' }
  await tx.append(auditEvent('USER_UNBLOCK', actor, place, { targetUser: target }))
  return result
}

/** Lets somebody in by rule, not by a person: for seeding. */
export async function unblockBySystem(tx: AuditTransaction, target: Phone, clock: Clock): Promise<void> {
  if ((await activeBlock(tx.db, target, clock.now())) === undefined) return
  await removeBlock(tx.db, target)
  await tx.append(auditEvent('USER_UNBLOCK', SYSTEM, SYSTEM_PLACE, { targetUser: target }))
}

/** Puts somebody on the whitelist, adding them as USER if need be, or takes them off it. */
export async function setWhitelisted(
  tx: AuditTransaction,
  { actor, place, target }: AccessRequest,
  wanted: boolean,
  clock: Clock,
): Promise<AccessResult> {
  const result = await judgeAccess(tx.db, actor.phoneNumber, target, 'whitelist', clock)
  if (result.kind === 'denied') return result
  const user = await findUser(tx.db, target)
  if ((user?.whitelisted ?? false) === wanted) return { ...result, kind: 'unchanged' }
  if (user === undefined) await setRole(tx, { actor, place, target, current: 'NONE', wanted: 'USER' }, clock)
  await saveWhitelisted(tx.db, target, wanted, new Date(clock.now()))
  await forgetRefusal(tx.db, target)
  const action = wanted ? 'WHITELIST_ADD' : 'WHITELIST_REMOVE'
  await tx.append(auditEvent(action, actor, place, { targetPhoneNumber: target }))
  return result
}
