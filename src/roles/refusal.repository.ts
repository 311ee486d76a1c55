import type { Who } from '../audit/entry/audit-filter.ts'
import { DAY, HOUR } from '../kernel/clock.ts'
import type { Reader, WriteTransaction } from '../storage/contract.ts'

/** Why somebody is turned away. */
export type RefusalReason = 'BLOCKED' | 'NOT_WHITELISTED'

/** One sender is an entry this often, however much they write. */
const RECORDED_EVERY = HOUR

/** The whitelist may be switched off and on again; after so long, who writes does not know any more. */
const TOLD_AGAIN = 7 * DAY

interface Refusal {
  readonly reason: RefusalReason
  readonly recordedAt: Date
}

/** Whether turning this sender away is neither to be told nor to be an entry. */
export async function isRefusedQuietly(
  db: Pick<Reader, '$queryRaw'>,
  sender: string,
  reason: RefusalReason,
  now: number,
): Promise<boolean> {
  const refusal = await findRefusal(db, sender)
  // Also where the clock was set back.
  return refusal?.reason === reason && Math.abs(now - refusal.recordedAt.getTime()) < RECORDED_EVERY
}

/** Remembers that a sender is turned away. @returns whether they are to be told: the first time for that reason, or after a while. */
export async function saveRefusal(
  tx: WriteTransaction,
  sender: string,
  reason: RefusalReason,
  recordedAt: Date,
): Promise<boolean> {
  const before = await findRefusal(tx, sender)
  const row = { reason, recordedAt }
  await tx.refusal.upsert({ where: { sender }, create: { sender, ...row }, update: row })
  if (before?.reason !== reason) return true
  return reason === 'NOT_WHITELISTED' && recordedAt.getTime() - before.recordedAt.getTime() > TOLD_AGAIN
}

/** What changes for somebody is told them once more. */
export async function forgetRefusalsOf(tx: WriteTransaction, { userId, accounts }: Who): Promise<void> {
  await tx.refusal.deleteMany({ where: { sender: { in: [...accounts, ...(userId === undefined ? [] : [userId])] } } })
}

export async function forgetRefusals(tx: WriteTransaction, before: Date): Promise<void> {
  await tx.refusal.deleteMany({ where: { recordedAt: { lt: before } } })
}

async function findRefusal(db: Pick<Reader, '$queryRaw'>, sender: string): Promise<Refusal | undefined> {
  const [row] = await db.$queryRaw<Refusal[]>`
    SELECT reason, recorded_at AS "recordedAt" FROM refusals WHERE sender = ${sender}`
  return row
}
