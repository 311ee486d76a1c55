import { type Actor, auditEvent, type Place, SYSTEM, SYSTEM_PLACE } from '../audit/entry/entry.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import type { Account } from '../kernel/account.ts'
import type { Clock } from '../kernel/clock.ts'
import { ownTime } from '../kernel/own-time.ts'
import type { Reader } from '../storage/contract.ts'
import { activeBlocks, type Block, removeBlock, saveBlock } from './block.repository.ts'
import { type Known, otherNames } from './known-account.repository.ts'
import { areSeveralOwners, isLastOwner } from './owners.ts'
import { type FoundPerson, findPerson, isSame } from './person.ts'
import { type AccessChange, type AccessDecision, decideAccess } from './policy.ts'
import { forgetRefusalsOf } from './refusal.repository.ts'
import { atLeast, compareRoles, type EffectiveRole } from './role.ts'
import { setRole } from './role-service.ts'
import { findUser, saveWhitelisted } from './stored-user.repository.ts'
import { effectiveRole, type User } from './user.ts'

export interface AccessRequest {
  readonly actor: Actor
  readonly place: Place
  readonly target: Account
  /** Who asked for it, where the actor only confirms it: by their rights it is judged. */
  readonly requestedBy?: Account | undefined
}

export type AccessResult = (AccessDecision | { readonly kind: 'unchanged' }) & {
  readonly current: EffectiveRole
  readonly person: FoundPerson
}

type Raw = Pick<Reader, '$queryRaw'>

/** What would come of letting somebody in or keeping them out at this moment, if that person asked for it. */
export async function judgeAccess(
  at: Known,
  actor: Account,
  target: Account,
  change: AccessChange['change'],
  clock: Clock,
): Promise<AccessDecision & { readonly current: EffectiveRole; readonly person: FoundPerson }> {
  const { db } = at
  const [asker, person] = [await findPerson(db, actor), await findPerson(db, target)]
  const { user } = person
  const current = effectiveRole(user)
  const blocks = change === 'whitelist' ? [] : await blocksOn(at, person, clock.now())
  const decision = decideAccess({
    actor: effectiveRole(asker.user),
    current,
    blocker: await highestBlocker(db, blocks),
    change,
    self: isSame(asker, person),
    lastOwner: user?.role === 'OWNER' && (await isLastOwner(db, user, clock.now())),
  })
  return { ...decision, current, person }
}

/**
 * Whether it takes another owner to end or replace what keeps an owner out: who blocked them may do it alone. To block one
 * acts at once, as a telephone may be lost.
 */
export async function takesAnotherOwner(at: Known, asker: Account, target: Account, now: number): Promise<boolean> {
  const { db } = at
  const person = await findPerson(db, target)
  if ((await ownerNamed(at, person)) === undefined || !(await areSeveralOwners(db))) return false
  const { accounts } = await findPerson(db, asker)
  return (await blocksOn(at, person, now)).some(({ blockedBy }) => !accounts.includes(blockedBy))
}

/** The owner that somebody is, also by a name that the platform has for them and no entry yet. */
export async function ownerNamed(at: Known, person: FoundPerson): Promise<User | undefined> {
  if (person.user?.role === 'OWNER') return person.user
  return (await usersNamed(at, person)).find(({ role }) => role === 'OWNER')
}

/**
 * Whom the platform says an account is that is nobody's here, where their role is worth stealing. To make it a person of its
 * own would keep them from being themself.
 */
export async function knownAs(at: Known, account: Account): Promise<User | undefined> {
  const person = await findPerson(at.db, account)
  if (person.user !== undefined) return undefined
  return (await usersNamed(at, person)).find(({ role }) => atLeast(role, 'OPERATOR'))
}

async function usersNamed(at: Known, { accounts }: FoundPerson): Promise<User[]> {
  const named = await Promise.all((await otherNames(at, accounts)).map((account) => findUser(at.db, account)))
  return named.flatMap((user) => user ?? [])
}

/** What keeps somebody out at this moment, the longest first, by whichever of the names that the platform has for them. */
export async function blocksOn(at: Known, { user, accounts }: FoundPerson, now: number): Promise<Block[]> {
  const counting: Block[] = []
  const names = [...accounts, ...(await otherNames(at, accounts))]
  for (const block of await activeBlocks(at.db, { accounts: names }, now))
    if (accounts.includes(block.account) || (await isEntitled(at.db, block, user))) counting.push(block)
  return counting
}

/** Whether who set a block may block this person: the account may have been nobody's then. */
export async function isEntitled(db: Raw, { blockedBy }: Block, user: User | undefined): Promise<boolean> {
  const current = effectiveRole(user)
  if (!atLeast(current, 'OPERATOR')) return true
  const actor = await roleOfBlocker(db, blockedBy)
  const change = { actor, current, blocker: 'NONE', change: 'block', self: false, lastOwner: false } as const
  return decideAccess(change).kind === 'allowed'
}

/**
 * Ends the block of an account that turns out to be the person's, unless who set it may block them.
 * @returns the block that ended.
 */
export async function endUnentitled(
  tx: AuditTransaction,
  account: Account,
  person: FoundPerson,
  now: number,
): Promise<Block | undefined> {
  const [block] = await activeBlocks(tx.db, { accounts: [account] }, now)
  if (block === undefined || (await isEntitled(tx.db, block, person.user))) return undefined
  await lift(tx, account, { actor: SYSTEM, place: SYSTEM_PLACE, person })
  return block
}

/** Whoever runs the bot blocks as an owner does. */
const roleOfBlocker = async (db: Raw, blockedBy: Account): Promise<EffectiveRole> =>
  blockedBy === SYSTEM.account ? 'OWNER' : effectiveRole(await findUser(db, blockedBy))

/** Whoever of those that keep somebody out has the highest role. */
async function highestBlocker(db: Raw, blocks: readonly Block[]): Promise<EffectiveRole> {
  let highest: EffectiveRole = 'NONE'
  for (const { blockedBy } of blocks) {
    const role = await roleOfBlocker(db, blockedBy)
    if (compareRoles(role, highest) > 0) highest = role
  }
  return highest
}

/** Keeps somebody out, until a moment or until they are unblocked. A block that the account has already is replaced. */
export async function block(
  tx: AuditTransaction,
  { actor, place, target, requestedBy }: AccessRequest,
  { until, reason }: { readonly until: Date | null; readonly reason: string | null },
  clock: Clock,
): Promise<AccessResult> {
  const result = await judgeAccess(tx, requestedBy ?? (actor.account as Account), target, 'block', clock)
  if (result.kind === 'denied') return result
  const { person } = result
  // Of several accounts that are blocked the longest block would count, and not this one.
  for (const { account } of await blocksOn(tx, person, clock.now()))
    if (account !== target) await lift(tx, account, { actor, place, person, requestedBy })
  // They are told once more.
  await forgetRefusalsOf(tx.db, person)
  const metadata = { targetUser: target, until: until?.toISOString(), reason: reason ?? undefined, requestedBy }
  const blockedAt = ownTime(await tx.append(auditEvent('USER_BLOCK', actor, place, metadata, person.userId)))
  await saveBlock(tx.db, { account: target, until, reason, blockedBy: actor.account as Account, blockedAt })
  return result
}

export async function unblock(
  tx: AuditTransaction,
  { actor, place, target, requestedBy }: AccessRequest,
  clock: Clock,
): Promise<AccessResult> {
  const result = await judgeAccess(tx, requestedBy ?? (actor.account as Account), target, 'unblock', clock)
  if (result.kind === 'denied') return result
  const { person } = result
  const active = await blocksOn(tx, person, clock.now())
  for (const { account } of active) await lift(tx, account, { actor, place, person, requestedBy })
  for (const account of person.accounts) await removeBlock(tx.db, account)
  await forgetRefusalsOf(tx.db, person)
  return active.length === 0 ? { ...result, kind: 'unchanged' } : result
}

interface Lifting extends Omit<AccessRequest, 'target'> {
  readonly person: FoundPerson
}

/** Ends the block of one account, if it has one, with the entry that says so. */
async function lift(
  tx: AuditTransaction,
  account: Account,
  { actor, place, person, requestedBy }: Lifting,
): Promise<void> {
  await removeBlock(tx.db, account)
  await tx.append(auditEvent('USER_UNBLOCK', actor, place, { targetUser: account, requestedBy }, person.userId))
}

/** Lets somebody in by rule, not by a person: for seeding. */
export async function unblockBySystem(tx: AuditTransaction, target: Account, clock: Clock): Promise<void> {
  const person = await findPerson(tx.db, target)
  for (const { account } of await blocksOn(tx, person, clock.now()))
    await lift(tx, account, { actor: SYSTEM, place: SYSTEM_PLACE, person })
}

/** Puts somebody on the whitelist, adding them as USER if need be, or takes them off it. */
export async function setWhitelisted(
  tx: AuditTransaction,
  { actor, place, target }: AccessRequest,
  wanted: boolean,
  clock: Clock,
): Promise<AccessResult> {
  const result = await judgeAccess(tx, actor.account as Account, target, 'whitelist', clock)
  if (result.kind === 'denied') return result
  const { person } = result
  if ((person.user?.whitelisted ?? false) === wanted) return { ...result, kind: 'unchanged' }
  const addition = { actor, place, target, current: 'NONE', wanted: 'USER' } as const
  const userId = person.userId ?? (await setRole(tx, addition, clock)).userId
  await saveWhitelisted(tx.db, userId, wanted, new Date(clock.now()))
  await forgetRefusalsOf(tx.db, person)
  const action = wanted ? 'WHITELIST_ADD' : 'WHITELIST_REMOVE'
  await tx.append(auditEvent(action, actor, place, { targetPhoneNumber: target }, userId))
  return result
}
