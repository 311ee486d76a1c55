import { auditEvent } from '../audit/entry/entry.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import { DAY } from '../kernel/clock.ts'
import { saveClaim } from '../roles/claim.repository.ts'
import { savePin } from '../roles/pin.repository.ts'
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
  if (!(await saveClaim(tx.db, phone, account, new Date(now), new Date(now - TOLD_EVERY)))) return []
  const text = texts.role.identityNote(phone, `${prefix} role confirm ${phone} ${codeOf(account)}`)
  // Whoever has the number now must not be told by which words they would be let in.
  return notesToOwners(tx.db, text, [phone], now)
}

/** From now on this account alone may act as the caller's number. */
export async function pinIdentity(tx: AuditTransaction, caller: Caller, now: number): Promise<void> {
  const { phone, first, actor, place } = caller
  if (phone === undefined || first === undefined) return
  await savePin(tx.db, { account: first, phone, confirmed: false }, new Date(now))
  await tx.append(auditEvent('IDENTITY_PINNED', actor, place, { targetUser: phone, account: first }))
}
