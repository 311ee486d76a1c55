import type { WriteTransaction } from '../storage/database.ts'
import { atLeast } from './role.ts'
import { findUser } from './user.repository.ts'
import { effectiveRole } from './user.ts'

/**
 * Forgets a person as far as authority allows: their name, which accounts they were seen with, and that they were turned
 * away. Number, role, whitelisting and a block stay with the entries that establish them; so does the account of
 * somebody above USER, or the next who comes with their number would be let in as them.
 */
export async function forgetPerson(tx: WriteTransaction, phoneNumber: string, now: Date): Promise<void> {
  const accounts = await tx.knownAccount.findMany({ where: { phoneNumber } })
  await tx.knownAccount.deleteMany({ where: { phoneNumber } })
  await tx.identityClaim.deleteMany({ where: { phoneNumber } })
  const senders = [phoneNumber, ...accounts.map(({ account }) => account)]
  await tx.refusal.deleteMany({ where: { sender: { in: senders } } })
  await tx.block.deleteMany({ where: { phoneNumber, until: { lte: now } } })
  const user = await findUser(tx, phoneNumber)
  if (!atLeast(effectiveRole(user), 'OPERATOR')) await tx.pinnedAccount.deleteMany({ where: { phoneNumber } })
  if (user !== undefined) await tx.user.update({ where: { phoneNumber }, data: { name: null } })
}
