import { claimsOf } from '../roles/claim.repository.ts'
import { activeOwners } from '../roles/owners.ts'
import type { WriteTransaction } from '../storage/database.ts'
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
  const notes: Note[] = []
  for (const { phoneNumber: phone } of await activeOwners(db, now))
    if (!but.includes(phone) && (await claimsOf(db, phone)).length === 0) notes.push({ phone, text })
  return notes
}
