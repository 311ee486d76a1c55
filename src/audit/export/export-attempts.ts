import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/log.ts'
import { auditEvent, SYSTEM, SYSTEM_PLACE } from '../entry/entry.ts'
import type { AuditWriter } from '../write/audit-writer.ts'
import type { AuditTransaction } from '../write/change.ts'
import type { DayName } from './export-days.ts'
import { type ExportFailure, ExportStepError } from './export-failure.ts'
import { hasFailureEntry } from './exported-day.repository.ts'

/** By whom failures are made known. */
export interface FailureTold {
  readonly writer: AuditWriter
  readonly clock: Clock
  readonly log: Logger
  /** Tells people, in the commit of the entry. */
  tell(tx: AuditTransaction, failure: ExportFailure): Promise<void>
}

/** The steps of one run: one that fails is told, once a day for the same problem, and does not end the others. */
export class ExportAttempts {
  readonly #told: FailureTold
  readonly #failures: ExportStepError[] = []

  constructor(told: FailureTold) {
    this.#told = told
  }

  /** @returns what went wrong, if anything did. */
  async attempt(
    step: ConstructorParameters<typeof ExportStepError>[1],
    day: DayName,
    work: () => Promise<void>,
  ): Promise<ExportStepError | undefined> {
    try {
      await work()
      return undefined
    } catch (error) {
      const failed = new ExportStepError(day, step, error)
      this.#failures.push(failed)
      await this.#report(failed.failure)
      return failed
    }
  }

  /** @throws what went wrong in any step, for the log. */
  end(): void {
    const [first, ...others] = this.#failures
    if (others.length > 0) throw new AggregateError(this.#failures, 'Several steps of the daily export failed.')
    if (first !== undefined) throw first
  }

  async #report(failure: ExportFailure): Promise<void> {
    const { writer, clock, log, tell } = this.#told
    try {
      await writer.transaction(async (tx) => {
        if (await hasFailureEntry(tx.db, failure, clock.now())) return
        await tx.append(auditEvent('SCHEDULED_EXPORT_FAILED', SYSTEM, SYSTEM_PLACE, failure))
        await tell(tx, failure)
      })
    } catch (err) {
      log.error(
        { err, ...failure },
        'That the daily export failed could not be written down; the next attempt tells it',
      )
    }
  }
}
