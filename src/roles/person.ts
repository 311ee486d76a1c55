import type { Who } from '../audit/entry/audit-filter.ts'
import type { Account } from '../kernel/account.ts'
import type { Reader } from '../storage/contract.ts'
import { accountsOfUser } from './link.repository.ts'
import { findUser } from './stored-user.repository.ts'
import type { User } from './user.ts'

/** Somebody, known or not: of who is no user, the account that was named is all there is. */
export interface FoundPerson extends Who {
  readonly user: User | undefined
  readonly accounts: readonly Account[]
}

/** Whose an account is. */
export async function findPerson(db: Pick<Reader, '$queryRaw'>, account: Account): Promise<FoundPerson> {
  const user = await findUser(db, account)
  if (user === undefined) return { user, userId: undefined, accounts: [account] }
  return { user, userId: user.id, accounts: await accountsOfUser(db, user.id) }
}

/** The same without what is known of them. */
export const whoOf = ({ userId, accounts }: FoundPerson): Who => ({ userId, accounts })

/** Whether two are the same person, by whichever of their accounts. */
export const isSame = (one: FoundPerson, other: FoundPerson): boolean =>
  one.accounts.some((account) => other.accounts.includes(account))

/** By what somebody is counted and remembered: the id of their user, or the account of who is none. */
export const senderKey = ({ userId, account }: { readonly userId?: string | undefined; readonly account: string }) =>
  userId ?? account
