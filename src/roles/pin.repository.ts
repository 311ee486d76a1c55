import { accountOf, type Phone } from '../kernel/phone.ts'
import type { Reader, WriteTransaction } from '../storage/contract.ts'

/** An account that may act as a number. */
export interface Pin {
  readonly account: string
  readonly phone: Phone
  /** Whether an owner vouches for it, so that it counts also where the platform tells no number. */
  readonly confirmed: boolean
}

type Raw = Pick<Reader, '$queryRaw'>
type Row = Omit<Pin, 'phone' | 'confirmed'> & { readonly phone: string; readonly confirmed: unknown }

export async function findPin(db: Raw, account: string): Promise<Pin | undefined> {
  const [row] = await db.$queryRaw<Row[]>`
    SELECT account, phone_number AS phone, confirmed FROM pinned_accounts WHERE account = ${account}`
  return row && toPin(row)
}

export async function pinsOf(db: Raw, phone: Phone): Promise<Pin[]> {
  const rows = await db.$queryRaw<Row[]>`
    SELECT account, phone_number AS phone, confirmed FROM pinned_accounts WHERE phone_number = ${phone}`
  return rows.map(toPin)
}

/** Lets an account act as a number, and as no other. Call it only together with the entry that says so. */
export async function savePin(tx: WriteTransaction, { account, phone, confirmed }: Pin, now: Date): Promise<void> {
  const row = { phoneNumber: phone, confirmed, pinnedAt: now }
  await tx.pinnedAccount.upsert({ where: { account }, create: { account, ...row }, update: row })
}

/** Stands for the account that left a number: whoever gets the number next is not the first one seen with it. */
export const departed = (phone: string): string => `departed:${phone}`

/**
 * Lets an account act as a number, in place of those before; other devices of the same account stay. Call it only
 * together with the entry that says so.
 */
export async function replacePins(tx: WriteTransaction, account: string, phone: Phone, now: Date): Promise<void> {
  const before = await findPin(tx, account)
  if (before !== undefined && before.phone !== phone)
    await savePin(tx, { account: departed(before.phone), phone: before.phone, confirmed: false }, now)
  for (const pin of await pinsOf(tx, phone))
    if (accountOf(pin.account) !== accountOf(account))
      await tx.pinnedAccount.delete({ where: { account: pin.account } })
  await savePin(tx, { account, phone, confirmed: true }, now)
}

const toPin = ({ account, phone, confirmed }: Row): Pin => ({
  account,
  phone: phone as Phone,
  confirmed: Boolean(confirmed),
})
