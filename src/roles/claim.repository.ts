import type { Phone } from '../kernel/phone.ts'
import type { Reader, WriteTransaction } from '../storage/contract.ts'

/** An account that appeared as a number without being pinned to it. */
export interface Claim {
  readonly account: string
  readonly claimedAt: Date
}

/** One number has this many at most: more accounts than that appear only where somebody tries to fill the table. */
const MOST = 10

/** The accounts that appeared as a number since `since`, the latest first. */
export async function claimsOf(
  db: Pick<Reader, 'identityClaim'>,
  phoneNumber: Phone,
  since = new Date(0),
): Promise<Claim[]> {
  return db.identityClaim.findMany({
    where: { phoneNumber, claimedAt: { gte: since } },
    orderBy: { claimedAt: 'desc' },
  })
}

/** @returns whether it is news: nobody was told of this account under this number since `staleBefore`. */
export async function saveClaim(
  tx: WriteTransaction,
  phoneNumber: Phone,
  account: string,
  now: Date,
  staleBefore: Date,
): Promise<boolean> {
  const claims = await claimsOf(tx, phoneNumber)
  const known = claims.find((claim) => claim.account === account)
  if (known === undefined && claims.length >= MOST) return false
  if (known !== undefined && known.claimedAt > staleBefore) return false
  await tx.identityClaim.upsert({
    where: { phoneNumber_account: { phoneNumber, account } },
    create: { phoneNumber, account, claimedAt: now },
    update: { claimedAt: now },
  })
  return true
}

export async function removeClaims(tx: WriteTransaction, phoneNumber: Phone): Promise<void> {
  await tx.identityClaim.deleteMany({ where: { phoneNumber } })
}

export async function forgetClaims(tx: WriteTransaction, before: Date): Promise<void> {
  await tx.identityClaim.deleteMany({ where: { claimedAt: { lt: before } } })
}
