import { auditEvent } from '../audit/entry/entry.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import { DAY } from '../kernel/clock.ts'
import { isPhone } from '../kernel/phone.ts'
import { endUnentitled } from '../roles/access-service.ts'
import { saveClaim } from '../roles/claim.repository.ts'
import { saveLink } from '../roles/link.repository.ts'
import { findPerson } from '../roles/person.ts'
import { findUser } from '../roles/stored-user.repository.ts'
import { codeOf } from './arguments/account-code.ts'
import type { Caller, Note, Services } from './command.ts'
import { notesToOwners } from './owners.ts'

/** Owners hear of one account under one number this often; each attempt is an entry all the same. */
const TOLD_EVERY = DAY

type Told = Pick<Services, 'texts' | 'prefix'>

/** Remembers which account it was, for an owner to confirm. @returns what the owners are told, unless they were. */
export async function claimIdentity(
  tx: AuditTransaction,
  { phone, account }: NonNullable<Caller['changed']>,
  { texts, prefix }: Told,
  now: number,
): Promise<Note[]> {
  if (!(await saveClaim(tx, phone, account, now, TOLD_EVERY))) return []
  const text = texts.role.identityNote(phone, `${prefix} role confirm ${phone} ${codeOf(account)}`)
  // Whoever has the number now must not be told by which words they would be let in.
  const person = await findUser(tx.db, phone)
  return notesToOwners(tx.db, text, [person?.id], now)
}

/**
 * From now on this account alone may act as the caller's number, and it is theirs.
 * @returns what owners are told, where the account was blocked by somebody who may not block the caller.
 */
export async function pinIdentity(tx: AuditTransaction, caller: Caller, { texts }: Told, now: number): Promise<Note[]> {
  const { account: phone, first, actor, place } = caller
  const { userId } = actor
  if (phone === undefined || !isPhone(phone) || first === undefined || userId === undefined) return []
  await saveLink(tx.db, { account: first, userId, proof: 'seen', phone, since: new Date(now) })
  await tx.append(auditEvent('IDENTITY_PINNED', actor, place, { targetUser: phone, account: first }, userId))
  const ended = await endUnentitled(tx, first, await findPerson(tx.db, phone), now)
  if (ended === undefined) return []
  return notesToOwners(tx.db, texts.access.blockEnded(phone, first, ended.blockedBy), [userId], now)
}
