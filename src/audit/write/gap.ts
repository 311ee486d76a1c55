import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/log.ts'
import type { Draft } from '../entry/draft.ts'
import { auditEvent, SYSTEM, SYSTEM_PLACE } from '../entry/entry.ts'
import type { AuditWriter } from './audit-writer.ts'
import type { Spool } from './spool.ts'

/** How many events were not kept, and when the first and the last of them happened (ms). */
export interface Lost {
  readonly count: number
  readonly first: number
  readonly last: number
}

/** Counts events that could not be kept, and tells of them in the trail once it takes entries again. */
export class Gap {
  readonly #writer: AuditWriter
  readonly #clock: Clock
  readonly #log: Logger
  #lost: Lost | undefined
  /** The entry that tells of what was lost. It keeps its id until it is written, so that it is not written twice. */
  #untold: Draft | undefined
  #telling: Promise<void> = Promise.resolve()

  constructor(writer: AuditWriter, clock: Clock, log: Logger) {
    this.#writer = writer
    this.#clock = clock
    this.#log = log
  }

  /** Adds what was lost now. */
  add(error: unknown): void {
    const now = this.#clock.now()
    // One line for a whole outage: a flood of events must not become a flood of log lines.
    if (!this.isOpen) this.#log.error({ err: error }, 'An audit event could not be written')
    this.missed({ count: 1, first: now, last: now })
  }

  /** Adds what was lost elsewhere. */
  missed(lost: Lost): void {
    this.#lost = together(this.#lost, lost)
  }

  /** Writes what is still to be told, if the database takes it. Never rejects. */
  tell(): Promise<void> {
    if (this.isOpen) this.#telling = this.#telling.then(() => this.#tellNow())
    return this.#telling
  }

  /** Keeps what is still to be told for the next process. Never rejects. */
  async spool(spool: Spool): Promise<void> {
    const untold = this.#take()
    if (untold === undefined) return
    const isKept = await spool.add(untold, { evenIfFull: true }).then(
      () => true,
      () => false,
    )
    if (isKept) this.#untold = undefined
  }

  /** Whether something is still to be told. */
  get isOpen(): boolean {
    return this.#lost !== undefined || this.#untold !== undefined
  }

  async #tellNow(): Promise<void> {
    for (let draft = this.#take(); draft !== undefined; draft = this.#take()) {
      const now: Draft = { ...draft, createdAt: new Date(this.#clock.now()) }
      try {
        await this.#writer.transaction((tx) => tx.appendMissing([now]))
      } catch {
        return
      }
      this.#untold = undefined
    }
  }

  #take(): Draft | undefined {
    if (this.#untold !== undefined || this.#lost === undefined) return this.#untold
    const { count, first, last } = this.#lost
    this.#lost = undefined
    this.#untold = this.#writer.draft(
      auditEvent('AUDIT_GAP', SYSTEM, SYSTEM_PLACE, {
        lostCount: count,
        firstLostAt: new Date(first).toISOString(),
        lastLostAt: new Date(last).toISOString(),
      }),
    )
    return this.#untold
  }
}

function together(a: Lost | undefined, b: Lost): Lost {
  if (a === undefined) return b
  return { count: a.count + b.count, first: Math.min(a.first, b.first), last: Math.max(a.last, b.last) }
}
