import { ALL_HELD, findHold, type Hold } from '../../../audit/remove/hold.repository.ts'
import type { Account } from '../../../kernel/account.ts'
import { findPerson } from '../../../roles/person.ts'
import type { WriteTransaction } from '../../../storage/contract.ts'

/** The hold on everything, or on somebody by whichever of their accounts it was put. */
export async function holdOn(db: WriteTransaction, subject: Account | typeof ALL_HELD): Promise<Hold | undefined> {
  if (subject === ALL_HELD) return findHold(db, ALL_HELD)
  for (const account of (await findPerson(db, subject)).accounts) {
    const hold = await findHold(db, account)
    if (hold !== undefined) return hold
  }
  return undefined
}
