import type { AuditTransaction } from '../audit/write/change.ts'
import type { RowSeals, SealedRow } from '../audit/write/row-seals.ts'
import type { Account } from '../kernel/account.ts'
import { isPhone, type Phone } from '../kernel/phone.ts'
import type { Reader, WriteTransaction } from '../storage/contract.ts'
import { Prisma } from '../storage/prisma.ts'

/** What the platform last said about one account. */
export interface KnownAccount {
  /** The lasting one; on WhatsApp that of the LID. */
  readonly account: Account
  readonly phone: Phone
  /** When it said so, in milliseconds. */
  readonly toldAt: number
}

type Accounts = Pick<Reader, 'knownAccount'>

export async function findAccount(db: Accounts, account: Account, seals: RowSeals): Promise<KnownAccount | undefined> {
  return known(await db.knownAccount.findUnique({ where: { account } }), seals)
}

/** The account that has this number, by the platform's latest word. */
export async function findAccountOf(db: Accounts, phone: Phone, seals: RowSeals): Promise<KnownAccount | undefined> {
  const rows = await db.knownAccount.findMany({ where: { phone }, orderBy: { toldAt: 'desc' } })
  return rows.flatMap((row) => known(row, seals) ?? [])[0]
}

/** What is known of whoever has one of these accounts or numbers. */
export async function knownAmong(
  { db, seals }: Known,
  accounts: readonly Account[],
): Promise<readonly Pick<KnownAccount, 'account' | 'phone'>[]> {
  if (accounts.length === 0) return []
  const given = Prisma.join(accounts)
  const rows = await db.$queryRaw<Row[]>`
    SELECT account, phone, told_at AS "toldAt", seal FROM known_accounts WHERE account IN (${given}) OR phone IN (${given})
    ORDER BY account`
  return rows.flatMap((row) => known(row, seals) ?? [])
}

/** By what rows that the bot wrote itself are known, and where they lie. */
export interface Known {
  readonly db: Pick<Reader, '$queryRaw'>
  readonly seals: Pick<RowSeals, 'isSealed'>
}

/** Keeps what the platform said. Nothing else may end up here. */
export async function saveAccount(tx: Pick<AuditTransaction, 'db' | 'seal'>, known: KnownAccount): Promise<void> {
  const { account, phone, toldAt } = known
  const row = { phone, toldAt: new Date(toldAt), seal: await tx.seal(knownAccountRow(known)) }
  await tx.db.knownAccount.upsert({ where: { account }, create: { account, ...row }, update: row })
}

export const knownAccountRow = ({ account, phone, toldAt }: KnownAccount): SealedRow => [
  'known_accounts',
  account,
  phone,
  toldAt,
]

interface Row {
  readonly account: string
  readonly phone: string
  readonly toldAt: Date
  readonly seal: string
}

/** What somebody else wrote there, the platform never said. */
function known(row: Row | null, seals: Known['seals']): KnownAccount | undefined {
  if (row === null || !isPhone(row.phone)) return undefined
  const found = { account: row.account as Account, phone: row.phone, toldAt: row.toldAt.getTime() }
  return seals.isSealed(knownAccountRow(found), row.seal) ? found : undefined
}

/**
 * By which other names the platform last knew whoever has these accounts: numbers of theirs, and accounts with their
 * numbers. None where it is somebody's by now, for then it says nothing about anybody else.
 */
export async function otherNames(at: Known, accounts: readonly Account[]): Promise<Account[]> {
  const names = new Set<Account>()
  for (const { account, phone } of await knownAmong(at, accounts))
    if (!(await isSomebodys(at.db, account, phone))) for (const name of [account, phone]) names.add(name)
  return [...names].filter((name) => !accounts.includes(name))
}

/** Whether an account, or the number by which the platform knew it, is that of a person here by now. */
async function isSomebodys(db: Known['db'], account: Account, phone: Phone): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 AS found FROM accounts
    WHERE account = ${account} OR phone = ${phone} OR (account = ${phone} AND proof = 'vacated') LIMIT 1`
  return rows.length > 0
}

/** Who has not written for long is asked about again. */
export async function forgetAccounts(tx: WriteTransaction, before: Date): Promise<void> {
  await tx.knownAccount.deleteMany({ where: { toldAt: { lt: before } } })
}
