import type { AuditTransaction } from '../audit/write/change.ts'
import type { RowSeals } from '../audit/write/row-seals.ts'
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

interface KnownHere extends KnownAccount {
  /** Whether the account, or the number by which the platform knew it, is that of a person here by now. */
  readonly isSomebodys: boolean
}

/** What is known of whoever has one of these accounts or numbers. */
export async function knownAmong({ db, seals }: Known, accounts: readonly Account[]): Promise<readonly KnownHere[]> {
  if (accounts.length === 0) return []
  const given = Prisma.join(accounts)
  const rows = await db.$queryRaw<(Row & { readonly links: number | bigint })[]>`
    SELECT k.account, k.phone, k.told_at AS "toldAt", k.seal, (SELECT count(*) FROM accounts a
      WHERE a.account = k.account OR a.phone = k.phone OR (a.account = k.phone AND a.proof = 'vacated')) AS links
    FROM known_accounts k WHERE k.account IN (${given}) OR k.phone IN (${given}) ORDER BY k.account`
  return rows.flatMap((row) => {
    const found = known(row, seals)
    return found === undefined ? [] : { ...found, isSomebodys: Number(row.links) > 0 }
  })
}

/** By what rows that the bot wrote itself are known, and where they lie. */
export interface Known {
  readonly db: Pick<Reader, '$queryRaw'>
  readonly seals: Pick<RowSeals, 'isSealed'>
}

/** Keeps what the platform said. Nothing else may end up here. */
export async function saveAccount(tx: Pick<AuditTransaction, 'db' | 'seal'>, known: KnownAccount): Promise<void> {
  const { account, phone, toldAt } = known
  const row = { phone, toldAt: new Date(toldAt), seal: await tx.seal('known_accounts', known) }
  await tx.db.knownAccount.upsert({ where: { account }, create: { account, ...row }, update: row })
}

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
  return seals.isSealed('known_accounts', row) ? found : undefined
}

/**
 * By which other names the platform last knew whoever has these accounts: numbers of theirs, and accounts with their
 * numbers. None where it is somebody's by now, for then it says nothing about anybody else.
 */
export async function otherNames(at: Known, accounts: readonly Account[]): Promise<Account[]> {
  const names = new Set<Account>()
  for (const { account, phone, isSomebodys } of await knownAmong(at, accounts))
    if (!isSomebodys) for (const name of [account, phone]) names.add(name)
  return [...names].filter((name) => !accounts.includes(name))
}

/** Who has not written for long is asked about again. */
export async function forgetAccounts(tx: WriteTransaction, before: Date): Promise<void> {
  await tx.knownAccount.deleteMany({ where: { toldAt: { lt: before } } })
}
