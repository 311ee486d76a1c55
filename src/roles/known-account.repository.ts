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
  return known(await db.knownAccount.findFirst({ where: { phone }, orderBy: { toldAt: 'desc' } }), seals)
}

/** Keeps what the platform said. Nothing else may end up here. */
export async function saveAccount(tx: WriteTransaction, known: KnownAccount, seals: RowSeals): Promise<void> {
  const { account, phone, toldAt } = known
  const row = { phone, toldAt: new Date(toldAt), seal: seals.seal(knownAccountRow(known)) }
  await tx.knownAccount.upsert({ where: { account }, create: { account, ...row }, update: row })
}

const knownAccountRow = ({ account, phone, toldAt }: KnownAccount): SealedRow => [
  'known_accounts',
  account,
  phone,
  toldAt,
]

/** What somebody else wrote there, the platform never said. */
function known(
  row: { account: string; phone: string; toldAt: Date; seal: string } | null,
  seals: RowSeals,
): KnownAccount | undefined {
  if (row === null || !isPhone(row.phone)) return undefined
  const found = { account: row.account as Account, phone: row.phone, toldAt: row.toldAt.getTime() }
  return seals.isSealed(knownAccountRow(found), row.seal) ? found : undefined
}

/**
 * By which other names the platform last knew whoever has these accounts: numbers of theirs, and accounts with their
 * numbers. None where it is somebody's by now, for then it says nothing about anybody else.
 */
export async function otherNames(db: Pick<Reader, '$queryRaw'>, accounts: readonly Account[]): Promise<Account[]> {
  const given = Prisma.join(accounts)
  const rows = await db.$queryRaw<{ account: Account; phone: Phone }[]>`
    SELECT k.account, k.phone FROM known_accounts k WHERE (k.account IN (${given}) OR k.phone IN (${given}))
      AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.account = k.account OR a.phone = k.phone
        OR (a.account = k.phone AND a.proof = 'vacated'))`
  const names = new Set<Account>(rows.flatMap(({ account, phone }) => [account, phone]))
  return [...names].filter((name) => !accounts.includes(name))
}

/** Who has not written for long is asked about again. */
export async function forgetAccounts(tx: WriteTransaction, before: Date): Promise<void> {
  await tx.knownAccount.deleteMany({ where: { toldAt: { lt: before } } })
}
