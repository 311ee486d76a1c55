import { accountOf } from '../kernel/phone.ts'
import type { WriteTransaction } from '../storage/contract.ts'
import { atLeast } from './role.ts'
import { findUser } from './stored-user.repository.ts'
import { effectiveRole } from './user.ts'

/**
 * Forgets a person as far as authority allows: their name, which accounts they were seen with, and that they were turned
 * away. Number, role, whitelisting and a block stay with the entries that establish them; so does the account of
 * somebody above USER, or the next who comes with their number would be let in as them.
 */
export async function forgetPerson(
  tx: WriteTransaction,
  phoneNumber: string,
  accounts: readonly string[],
  now: Date,
): Promise<void> {
  await tx.knownAccount.deleteMany({ where: { phoneNumber } })
  await tx.identityClaim.deleteMany({ where: { phoneNumber } })
  const senders = [phoneNumber, ...accounts]
  await tx.refusal.deleteMany({ where: { sender: { in: senders } } })
  await tx.block.deleteMany({ where: { phoneNumber, until: { lte: now } } })
  const user = await findUser(tx, phoneNumber)
  if (!atLeast(effectiveRole(user), 'OPERATOR')) await tx.pinnedAccount.deleteMany({ where: { phoneNumber } })
  if (user !== undefined) await tx.user.update({ where: { phoneNumber }, data: { name: null } })
}

/** The accounts that this person was seen with, by the platform's word or by an entry of the trail. */
export async function accountsOf(tx: WriteTransaction, phoneNumber: string): Promise<string[]> {
  const known = await tx.knownAccount.findMany({ where: { phoneNumber } })
  const pinned = await tx.pinnedAccount.findMany({ where: { phoneNumber, account: { contains: '@' } } })
  return [...new Set([...known, ...pinned].map(({ account }) => accountOf(account)))]
}
