import { type Actor, auditEvent, type Place } from '../audit/entry/entry.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import type { Account } from '../kernel/account.ts'
import type { Phone } from '../kernel/phone.ts'
import { findLink, type Link, removeLink, saveLink, seenWith, vacate } from './link.repository.ts'

interface Confirmed {
  readonly account: Account
  readonly phone: Phone
  /** Whose the number is, if it is somebody's here. */
  readonly userId: string | undefined
  readonly actor: Actor
  readonly place: Place
  readonly now: Date
}

/**
 * Lets an account act as a number, in place of those before, with the entries that say so.
 * @returns `false` where the account is another person's by their role, and nothing was done.
 */
export async function confirmAccount(tx: AuditTransaction, confirmed: Confirmed): Promise<boolean> {
  const { account, phone, userId, actor, place, now } = confirmed
  const before = await findLink(tx.db, account)
  if (before?.phone === null && before.userId !== userId) return false
  for (const link of await seenWith(tx.db, { phone }))
    if (link.account !== account) await forget(tx, link, { actor, place })
  if (before?.phone != null && before.phone !== phone) {
    await vacate(tx.db, before.phone)
    await tx.append(auditEvent('IDENTITY_LEFT', actor, place, { targetUser: before.phone, account }, before.userId))
  }
  // With a number that is nobody's here it is nobody's either.
  if (userId === undefined) await removeLink(tx.db, account)
  else await saveLink(tx.db, { account, userId, proof: 'confirmed', phone, since: now })
  await tx.append(auditEvent('IDENTITY_CONFIRMED', actor, place, { targetUser: phone, account }, userId))
  return true
}

/** Below OPERATOR nobody is worth the trouble of being them: any account may have the number. */
export async function forgetSeen(
  tx: AuditTransaction,
  userId: string,
  by: { readonly actor: Actor; readonly place: Place },
): Promise<void> {
  for (const link of await seenWith(tx.db, { userId })) await forget(tx, link, by)
}

async function forget(
  tx: AuditTransaction,
  { account, phone, userId }: Link,
  { actor, place }: { readonly actor: Actor; readonly place: Place },
): Promise<void> {
  await removeLink(tx.db, account)
  await tx.append(auditEvent('IDENTITY_FORGOTTEN', actor, place, { targetUser: phone ?? account, account }, userId))
}
