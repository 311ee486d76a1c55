import { DAY } from '../../kernel/clock.ts'
import type { Countdown } from '../../kernel/countdown.ts'
import type { WriteTransaction } from '../../storage/contract.ts'
import type { AuditTransaction } from '../write/change.ts'
import type { SaidDoubt } from '../write/clock-doubt.repository.ts'

/** For how long the bot runs until a clock that nobody speaks for is trusted, in milliseconds. */
export const PATIENCE = DAY

interface Count {
  /** Of the time that the bot is still to run. */
  readonly left: number
  /** Nothing was counted for this doubt before. */
  readonly isNew: boolean
}

/**
 * Counts what this process has run while the clock was in doubt, if that `counts`. Where somebody else wrote how much is left, all
 * is. It only gets less: a row of before that is put back gains nobody anything.
 */
export async function countDoubt(
  tx: AuditTransaction,
  { seq }: Pick<SaidDoubt, 'seq'>,
  countdown: Countdown,
  counts: boolean,
): Promise<Count> {
  const row = await tx.db.clockDoubt.findUnique({ where: { since: seq } })
  const isCounted = row !== null && tx.seals.isSealed('clock_doubts', row)
  const left = countdown.left(seq, isCounted ? row.remaining : undefined, counts)
  const counted = { since: seq, remaining: left }
  const sealed = { ...counted, seal: await tx.seal('clock_doubts', counted) }
  await forgetCount(tx.db)
  await tx.db.clockDoubt.create({ data: sealed })
  return { left, isNew: !isCounted }
}

/** For how many more milliseconds the bot is to run, as far as it is counted. */
export async function leftOf(
  { db, seals }: Pick<AuditTransaction, 'db' | 'seals'>,
  { seq }: Pick<SaidDoubt, 'seq'>,
): Promise<number> {
  const row = await db.clockDoubt.findUnique({ where: { since: seq } })
  return row !== null && seals.isSealed('clock_doubts', row) ? row.remaining : PATIENCE
}

export async function forgetCount(tx: WriteTransaction): Promise<void> {
  await tx.clockDoubt.deleteMany()
}
