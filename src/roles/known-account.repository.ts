import { isPhone, type Phone } from '../kernel/phone.ts'
import type { Reader, WriteTransaction } from '../storage/contract.ts'

/** What the platform last said about one account. */
export interface KnownAccount {
  /** The platform's lasting id; on WhatsApp the LID without a device. */
  readonly account: string
  readonly phone: Phone
  /** When it said so, in milliseconds. */
  readonly toldAt: number
}

type Accounts = Pick<Reader, 'knownAccount'>

export async function findAccount(db: Accounts, account: string): Promise<KnownAccount | undefined> {
  return known(await db.knownAccount.findUnique({ where: { account } }))
}

/** The account that has this number, by the platform's latest word. */
export async function findAccountOf(db: Accounts, phoneNumber: Phone): Promise<KnownAccount | undefined> {
  return known(await db.knownAccount.findFirst({ where: { phoneNumber }, orderBy: { toldAt: 'desc' } }))
}

/** Keeps what the platform said. Nothing else may end up here. */
export async function saveAccount(tx: WriteTransaction, { account, phone, toldAt }: KnownAccount): Promise<void> {
  const row = { phoneNumber: phone, toldAt: new Date(toldAt) }
  await tx.knownAccount.upsert({ where: { account }, create: { account, ...row }, update: row })
}

function known(row: { account: string; phoneNumber: string; toldAt: Date } | null): KnownAccount | undefined {
  if (row === null || !isPhone(row.phoneNumber)) return undefined
  return { account: row.account, phone: row.phoneNumber, toldAt: row.toldAt.getTime() }
}

/** Who has not written for long is asked about again. */
export async function forgetAccounts(tx: WriteTransaction, before: Date): Promise<void> {
  await tx.knownAccount.deleteMany({ where: { toldAt: { lt: before } } })
}
