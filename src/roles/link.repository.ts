import type { Account } from '../kernel/account.ts'
import type { Phone } from '../kernel/phone.ts'
import type { Reader, WriteTransaction } from '../storage/contract.ts'
import { Prisma } from '../storage/prisma.ts'

/**
 * How it is known whose an account is: it was `given` with a role; it was the first `seen` with the number of somebody
 * whose role is worth stealing, and counts together with that number alone; or an owner `confirmed` it. A number is
 * `vacated` when the account that was seen with it has another.
 */
export type Proof = 'given' | 'seen' | 'confirmed' | 'vacated'

/** An account of a person. */
export interface Link {
  readonly account: Account
  readonly userId: string
  readonly proof: Proof
  /** The number with which the account was seen, where it is one of a platform that has numbers besides. */
  readonly phone: Phone | null
  readonly since: Date
}

type Raw = Pick<Reader, '$queryRaw'>

export async function findLink(db: Raw, account: Account): Promise<Link | undefined> {
  const [row] = await db.$queryRaw<Link[]>`
    SELECT account, user_id AS "userId", proof, phone, since FROM accounts WHERE account = ${account}`
  return row
}

/** Whether somebody else than this account may act as the number: one that was seen with it, or one that left it. */
export async function isTaken(db: Raw, phone: Phone): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 AS taken FROM accounts WHERE phone = ${phone} OR (account = ${phone} AND proof = 'vacated') LIMIT 1`
  return rows.length > 0
}

/** A person's accounts in the order of which they are called by the first: numbers, then the oldest. */
export const CALLED_FIRST = Prisma.sql`account LIKE '+%' DESC, since, account`

/** A person's accounts, by the first of which they are called. */
export async function accountsOfUser(db: Raw, userId: string): Promise<Account[]> {
  const rows = await db.$queryRaw<{ account: Account }[]>`
    SELECT account FROM accounts WHERE user_id = ${userId} ORDER BY ${CALLED_FIRST}`
  return rows.map(({ account }) => account)
}

/** Makes an account somebody's, and nobody else's. Call it only together with the entry that says so. */
export async function saveLink(tx: WriteTransaction, { account, ...row }: Link): Promise<void> {
  await tx.account.upsert({ where: { account }, create: { account, ...row }, update: row })
}

/** Takes an account away from its person. Call it only together with the entry that says so. */
export async function removeLink(tx: WriteTransaction, account: Account): Promise<void> {
  await tx.account.deleteMany({ where: { account } })
}

/** The accounts that were seen with numbers of a person. */
export async function seenWith(
  db: Raw,
  where: { readonly userId: string } | { readonly phone: Phone },
): Promise<Link[]> {
  const [userId, phone] = 'userId' in where ? [where.userId, null] : [null, where.phone]
  return db.$queryRaw<Link[]>`
    SELECT account, user_id AS "userId", proof, phone, since FROM accounts
    WHERE phone IS NOT NULL AND (user_id = ${userId} OR phone = ${phone}) ORDER BY account`
}

/** From now on whoever has the number is not the first. Call it only together with the entry that says so. */
export async function vacate(tx: WriteTransaction, phone: Phone): Promise<void> {
  await tx.account.updateMany({ where: { account: phone }, data: { proof: 'vacated' } })
}
