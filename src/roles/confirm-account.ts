import { type Actor, auditEvent, type Place } from '../audit/entry/entry.ts'
import { heldNow, holdsPerson } from '../audit/remove/hold.repository.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import { type Account, platformOf } from '../kernel/account.ts'
import type { Phone } from '../kernel/phone.ts'
import type { Reader } from '../storage/contract.ts'
import { blocksOf } from './block.repository.ts'
import { findLink, type Link, removeLink, saveLink, seenWith, vacate } from './link.repository.ts'
import { findPerson } from './person.ts'
import { removeUser } from './stored-user.repository.ts'

type Raw = Pick<Reader, '$queryRaw'>

/** Who decided it. */
interface By {
  readonly actor: Actor
  readonly place: Place
}

interface Confirmed extends Confirmable, By {
  readonly now: Date
  /** The account of who asked for it, where the actor only confirms it. */
  readonly requestedBy?: Account | undefined
}

/** Which account is to act as which number. */
export interface Confirmable {
  readonly account: Account
  readonly phone: Phone
  /** Whose the number is, if it is somebody's here. */
  readonly userId: string | undefined
}

/** The accounts that would no longer be whose they are: the one itself, and those of its platform that it replaces. */
export async function replacedBy(db: Raw, { account, phone, userId }: Confirmable): Promise<Link[]> {
  const before = await findLink(db, account)
  const others = (await seenWith(db, { phone })).filter(
    (link) => link.account !== account && platformOf(link.account) === platformOf(account),
  )
  return before === undefined || before.userId === userId ? others : [before, ...others]
}

/**
 * Lets an account act as a number, in place of those of its platform before, with the entries that say so.
 * @returns `false` where the account is another person's by a role above USER, and nothing was done.
 */
export async function confirmAccount(tx: AuditTransaction, confirmed: Confirmed): Promise<boolean> {
  const { account, phone, userId, actor, place, now, requestedBy } = confirmed
  const before = await findLink(tx.db, account)
  if (before?.phone === null && before.userId !== userId && !(await giveUp(tx, account, { actor, place }))) return false
  for (const link of await replacedBy(tx.db, confirmed))
    if (link.account !== account) await forget(tx, link, { actor, place })
  if (before?.phone != null && before.phone !== phone) {
    await vacate(tx.db, before.phone)
    await tx.append(auditEvent('IDENTITY_LEFT', actor, place, { targetUser: before.phone, account }, before.userId))
  }
  // With a number that is nobody's here it is nobody's either.
  if (userId === undefined) await removeLink(tx.db, account)
  else await saveLink(tx.db, { account, userId, proof: 'confirmed', phone, since: now })
  await tx.append(auditEvent('IDENTITY_CONFIRMED', actor, place, { targetUser: phone, account, requestedBy }, userId))
  return true
}

/** A USER by this account alone is nobody besides whom it turns out to be: their row goes, with the entry that says so. */
async function giveUp(tx: AuditTransaction, account: Account, { actor, place }: By): Promise<boolean> {
  const { user, accounts } = await findPerson(tx.db, account)
  if (user === undefined || user.role !== 'USER' || accounts.length > 1) return false
  await removeLink(tx.db, account)
  await removeUser(tx.db, user.id)
  const change = { targetUser: account, oldRole: 'USER', newRole: 'NONE', reason: 'is somebody else' }
  await tx.append(auditEvent('ROLE_CHANGE', actor, place, change, user.id))
  return true
}

/**
 * Below OPERATOR nobody is worth the trouble of being them: any account may have the number. But what is blocked or
 * held by an account stays so for its person.
 */
export async function forgetSeen(tx: AuditTransaction, userId: string, by: By): Promise<void> {
  const links = await seenWith(tx.db, { userId })
  const accounts = links.map(({ account }) => account)
  if (links.length === 0 || holdsPerson(await heldNow(tx.db), { userId, accounts })) return
  const blocked = new Set((await blocksOf(tx.db, accounts)).map(({ account }) => account))
  for (const link of links) if (!blocked.has(link.account)) await forget(tx, link, by)
}

async function forget(tx: AuditTransaction, { account, phone, userId }: Link, { actor, place }: By): Promise<void> {
  await removeLink(tx.db, account)
  await tx.append(auditEvent('IDENTITY_FORGOTTEN', actor, place, { targetUser: phone ?? account, account }, userId))
}
