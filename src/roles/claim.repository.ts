import type { AuditTransaction } from '../audit/write/change.ts'
import type { RowSeals } from '../audit/write/row-seals.ts'
import type { Account } from '../kernel/account.ts'
import { SKEW } from '../kernel/clock.ts'
import type { Phone } from '../kernel/phone.ts'
import type { Reader, WriteTransaction } from '../storage/contract.ts'

/** An account that appeared as a number without being its person's. */
export interface Claim {
  readonly account: Account
  readonly claimedAt: Date
}

/** One number has this many at most: more accounts than that appear only where somebody tries to fill the table. */
const MOST = 10

/** The accounts that appeared as a number in the last `within` milliseconds, the latest first. What somebody else wrote there, never did. */
export async function claimsOf(
  { db, seals }: { readonly db: Pick<Reader, 'identityClaim'>; readonly seals: RowSeals },
  phone: Phone,
  now: number,
  within: number,
): Promise<Claim[]> {
  const rows = await db.identityClaim.findMany({
    where: { phone, claimedAt: { gte: new Date(now - within), lte: new Date(now + SKEW) } },
    orderBy: { claimedAt: 'desc' },
  })
  return rows
    .filter((row) => seals.isSealed('identity_claims', row))
    .map(({ account, claimedAt }) => ({ account: account as Account, claimedAt }))
}

/** Whether an account has appeared as a number that is not its own, whoever says so: who is in doubt is not let in. */
export async function isClaimed(db: Pick<Reader, '$queryRaw'>, phone: Phone): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`SELECT 1 AS claimed FROM identity_claims WHERE phone = ${phone} LIMIT 1`
  return rows.length > 0
}

/** @returns whether it is news: nobody was told of this account under this number for `told` milliseconds. */
export async function saveClaim(
  tx: Pick<AuditTransaction, 'db' | 'seals' | 'seal'>,
  phone: Phone,
  account: Account,
  now: number,
  told: number,
): Promise<boolean> {
  const claims = await claimsOf(tx, phone, now, now)
  const known = claims.find((claim) => claim.account === account)
  if (known === undefined && claims.length >= MOST) return false
  if (known !== undefined && known.claimedAt.getTime() > now - told) return false
  const claimedAt = new Date(now)
  const row = { claimedAt, seal: await tx.seal('identity_claims', { phone, account, claimedAt }) }
  await tx.db.identityClaim.upsert({
    where: { phone_account: { phone, account } },
    create: { phone, account, ...row },
    update: row,
  })
  return true
}

export async function removeClaims(tx: WriteTransaction, phone: Phone): Promise<void> {
  await tx.identityClaim.deleteMany({ where: { phone } })
}

export async function forgetClaims(tx: WriteTransaction, before: Date): Promise<void> {
  await tx.identityClaim.deleteMany({ where: { claimedAt: { lt: before } } })
}
