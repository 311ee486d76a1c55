import type { Who } from '../audit/entry/audit-filter.ts'
import type { Account } from '../kernel/account.ts'
import { isPhone } from '../kernel/phone.ts'
import type { WriteTransaction } from '../storage/contract.ts'
import { type Known, knownAmong } from './known-account.repository.ts'
import { accountsOfUser } from './link.repository.ts'
import { forgetRefusalsOf } from './refusal.repository.ts'

/**
 * Forgets a person as far as authority allows: their name, what the platform said of their accounts, and that they were
 * turned away. Whose an account is, the role, whitelisting and a block stay with the entries that establish them: those say
 * who may do what.
 */
export async function forgetPerson(tx: WriteTransaction, who: Who, now: Date): Promise<void> {
  const accounts = [...who.accounts]
  const phones = accounts.filter(isPhone)
  await tx.knownAccount.deleteMany({ where: { OR: [{ phone: { in: phones } }, { account: { in: accounts } }] } })
  await tx.identityClaim.deleteMany({ where: { OR: [{ phone: { in: phones } }, { account: { in: accounts } }] } })
  await forgetRefusalsOf(tx, who)
  await tx.block.deleteMany({ where: { account: { in: accounts }, until: { lte: now } } })
  if (who.userId !== undefined) await tx.user.updateMany({ where: { id: who.userId }, data: { name: null } })
}

/** A person with all accounts that they were seen with: by an entry of the trail, or by the platform's word. */
export async function allOf(at: Known, who: Who): Promise<Who> {
  const linked = who.userId === undefined ? [] : await accountsOfUser(at.db, who.userId)
  const accounts = [...new Set([...who.accounts, ...linked])] as Account[]
  const known = (await knownAmong(at, accounts)).filter(({ phone }) => accounts.includes(phone))
  return { userId: who.userId, accounts: [...new Set([...accounts, ...known.map(({ account }) => account)])] }
}
