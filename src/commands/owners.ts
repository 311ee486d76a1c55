import type { Phone } from '../kernel/phone.ts'
import { claimsOf } from '../roles/claim.repository.ts'
import { activeOwners } from '../roles/owners.ts'
import type { WriteTransaction } from '../storage/contract.ts'
import type { Note } from './command.ts'

/**
 * A note to each owner but those of these numbers. Under whose number another account has appeared is not written to:
 * it goes to the number, which may be somebody else's by now.
 */
export async function notesToOwners(
  db: WriteTransaction,
  text: string,
  but: readonly string[],
  now: number,
): Promise<Note[]> {
  const phones = await reachableOwners(db, now)
  return phones.filter((phone) => !but.includes(phone)).map((phone) => ({ phone, text, role: 'OWNER' }))
}

/** Owners who can act at this moment and whose number is not in doubt. */
export async function reachableOwners(db: WriteTransaction, now: number): Promise<Phone[]> {
  const phones: Phone[] = []
  for (const { phoneNumber } of await activeOwners(db, now))
    if ((await claimsOf(db, phoneNumber)).length === 0) phones.push(phoneNumber)
  return phones
}
