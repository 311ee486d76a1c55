import { auditEvent, SYSTEM } from '../audit/entry/entry.ts'
import type { AuditWriter } from '../audit/write/audit-writer.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import type { Clock } from '../kernel/clock.ts'
import { ChatwardenError } from '../kernel/errors.ts'
import { addCost, markTold } from './cost.repository.ts'

/** More is no cost but a mistake, and could not be added up exactly. */
const MOST = 1e9

/** In the unit in which costs are reported; `none` for no threshold. */
type Threshold = number | 'none'

interface Parts {
  readonly writer: AuditWriter
  readonly clock: Clock
  /** The day (`YYYY-MM-DD`) of a moment, in the time zone of the bot. */
  readonly dayOf: (moment: number) => string
  readonly thresholds: { day(): Threshold; month(): Threshold }
}

/** Adds up what the bot spends, in the database, so that every process and every restart counts on. */
export class CostMeter {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /**
   * Adds a cost, in whatever unit the thresholds are in. The first cost with which a day or a month goes over its
   * threshold writes a `COST_THRESHOLD_BREACH`, in the same commit: once for each threshold, across all processes.
   * @throws {ChatwardenError} `INVALID_ARGUMENT` for anything but a number from 0 to 1,000,000,000; `AUDIT_UNAVAILABLE`.
   */
  async add(amount: number): Promise<void> {
    if (typeof amount !== 'number' || !(amount >= 0 && amount <= MOST))
      throw new ChatwardenError('INVALID_ARGUMENT', `A cost must be a number from 0 to ${MOST}.`)
    const { writer, clock, dayOf, thresholds } = this.#parts
    const day = dayOf(clock.now())
    await writer.transaction(async (tx) => {
      await addTo(tx, `day:${day}`, amount, thresholds.day())
      await addTo(tx, `month:${day.slice(0, 7)}`, amount, thresholds.month())
    })
  }
}

async function addTo(tx: AuditTransaction, period: string, amount: number, threshold: Threshold): Promise<void> {
  const { amount: sum, told } = await addCost(tx.db, period, amount)
  // Sums of decimal fractions carry a dust of binary ones.
  const actual = Math.round(sum * 1e6) / 1e6
  if (threshold === 'none' || actual <= threshold || told.includes(threshold)) return
  await markTold(tx.db, period, [...told, threshold])
  await tx.append(auditEvent('COST_THRESHOLD_BREACH', SYSTEM, { source: 'system' }, { threshold, actual, period }))
}
