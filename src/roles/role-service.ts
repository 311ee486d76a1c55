import { type Actor, auditEvent, type Place, SYSTEM, SYSTEM_PLACE } from '../audit/entry/entry.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import type { Account } from '../kernel/account.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Reader } from '../storage/contract.ts'
import { forgetSeen } from './confirm-account.ts'
import { beginProbation, endProbation } from './new-owner.repository.ts'
import { isLastOwner } from './owners.ts'
import { findPerson, isSame } from './person.ts'
import { type Decision, type Direction, decide } from './policy.ts'
import { atLeast, type EffectiveRole, type Role } from './role.ts'
import { findUser, saveRole } from './stored-user.repository.ts'
import { effectiveRole } from './user.ts'

export interface RoleRequest {
  readonly actor: Actor
  readonly place: Place
  readonly target: Account
  readonly wanted: Role
  readonly direction: Direction
  readonly reason?: string | undefined
  /** Who asked for it, where the actor only confirms it: by their rights it is judged. */
  readonly requestedBy?: Account | undefined
}

export type RoleResult = Decision & { readonly current: EffectiveRole }

/**
 * Checks and makes one role change inside a transaction that holds the write lock: both roles are read there, so
 * nobody acts on a role that they no longer have. The entry is part of the same commit.
 */
export async function changeRole(tx: AuditTransaction, request: RoleRequest, clock: Clock): Promise<RoleResult> {
  const asker = request.requestedBy ?? (request.actor.account as Account)
  const result = await judgeRoleChange(tx.db, asker, request, clock)
  if (result.kind !== 'allowed') return result
  const { userId, seq } = await setRole(tx, { ...request, current: result.current }, clock)
  if (request.wanted === 'OWNER') await beginProbation(tx, userId, seq)
  return result
}

/** What would come of a role change at this moment, if that person asked for it. */
export async function judgeRoleChange(
  db: Pick<Reader, '$queryRaw'>,
  actor: Account,
  { target, wanted, direction }: Pick<RoleRequest, 'target' | 'wanted' | 'direction'>,
  clock: Clock,
): Promise<RoleResult> {
  const [asker, person] = [await findPerson(db, actor), await findPerson(db, target)]
  const { user } = person
  const current = effectiveRole(user)
  const decision = decide({
    actor: effectiveRole(asker.user),
    current,
    wanted,
    direction,
    self: isSame(asker, person),
    lastOwner: user?.role === 'OWNER' && (await isLastOwner(db, user, clock.now())),
  })
  return { ...decision, current }
}

/** Adds or changes a user by rule, not by a person: for seeding. */
export async function setRoleBySystem(
  tx: AuditTransaction,
  target: Account,
  wanted: Role,
  reason: string,
  clock: Clock,
) {
  const current = effectiveRole(await findUser(tx.db, target))
  const change = { actor: SYSTEM, place: SYSTEM_PLACE, target, current, wanted, reason }
  if (current !== wanted) await setRole(tx, change, clock)
}

type RoleSetting = Omit<RoleRequest, 'direction'> & { readonly current: EffectiveRole }

/** Gives a role that it was decided to give, with the entry that says so. @returns the id of the user, and the entry's number. */
export async function setRole(
  tx: AuditTransaction,
  change: RoleSetting,
  clock: Clock,
): Promise<{ readonly userId: string; readonly seq: number }> {
  const { actor, place, target: targetUser, current: oldRole, wanted: newRole, reason, requestedBy } = change
  const userId = await saveRole(tx.db, targetUser, newRole, new Date(clock.now()))
  const metadata = { targetUser, oldRole, newRole, reason, requestedBy }
  const { seq } = await tx.append(auditEvent('ROLE_CHANGE', actor, place, metadata, userId))
  await endProbation(tx.db, userId)
  if (!atLeast(newRole, 'OPERATOR')) await forgetSeen(tx, userId, { actor, place })
  return { userId, seq }
}
