import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { type Clock, HOUR } from '../kernel/clock.ts'
import type { Database, WriteTransaction } from '../storage/database.ts'
import { appendEntries } from './audit-head.repository.ts'
import { type Draft, draft } from './draft.ts'
import { type AuditEvent, type AuditLog, auditEvent, SYSTEM, SYSTEM_PLACE } from './entry.ts'
import type { EventTypes } from './event-types.ts'

/** How many entries one commit takes at most. */
const MAX_BATCH = 1000
/** How many entries may wait for the database before more are refused. */
export const MAX_WAITING = 100_000

/** A privileged change in progress: what it does in `db` and what it appends are one commit. */
export interface AuditTransaction {
  readonly db: WriteTransaction
  /** Writes an entry now, so that what follows in the same transaction finds it. */
  append(event: AuditEvent): Promise<AuditLog>
}

interface Append {
  readonly drafts: readonly Draft[]
  resolve(entries: readonly AuditLog[]): void
  reject(error: unknown): void
}

interface Change {
  run(): Promise<void>
}

/**
 * The only writer of the trail in this process. Appends that wait are committed together; changes run one at a
 * time between them. A promise resolves when its entries are on the disk.
 */
export class AuditWriter {
  readonly #database: Database
  readonly #types: EventTypes
  readonly #clock: Clock
  readonly #queue: (Append | Change)[] = []
  readonly #listeners = new Set<() => void>()
  #waiting = 0
  #isClockBehind = false
  #draining: Promise<void> | undefined

  constructor(database: Database, types: EventTypes, clock: Clock) {
    this.#database = database
    this.#types = types
    this.#clock = clock
  }

  /** How many entries wait for the database. */
  get waiting(): number {
    return this.#waiting
  }

  /**
   * Writes events as consecutive entries.
   * @throws {ChatwardenError} `INVALID_EVENT`, or `AUDIT_UNAVAILABLE` if the database did not take them.
   */
  append(...events: readonly AuditEvent[]): Promise<readonly AuditLog[]> {
    return new Promise((resolve, reject) => {
      const drafts = events.map((event) => this.#draft(event))
      this.#waiting += drafts.length
      this.#enqueue({ drafts, resolve, reject })
    })
  }

  /**
   * Runs a change and writes the entries it appends in one commit: either all of it happens or nothing.
   * `work` may read through `db` what nobody else can change until the commit.
   */
  transaction<T>(work: (tx: AuditTransaction) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = () =>
        this.#database
          .transaction((db) => work({ db, append: (event) => this.#appendIn(db, event) }))
          .then(resolve, reject)
      this.#enqueue({ run })
    })
  }

  /** Calls `listener` after each commit of this process, until the returned function is called. */
  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when everything asked for so far has been written or refused. */
  async flush(): Promise<void> {
    while (this.#draining !== undefined) await this.#draining
  }

  async #appendIn(db: WriteTransaction, event: AuditEvent): Promise<AuditLog> {
    const [entry] = await this.#write(db, [this.#draft(event)])
    return entry as AuditLog
  }

  async #write(db: WriteTransaction, drafts: readonly Draft[]): Promise<readonly AuditLog[]> {
    const observedAt = drafts[0]?.createdAt.getTime() ?? 0
    const entries = await appendEntries(db, drafts)
    this.#noticeClock((entries[0]?.createdAt.getTime() ?? 0) - observedAt)
    return entries
  }

  /** Entries keep their order by time, so a clock that was set back makes them later than they were: that is told. */
  #noticeClock(behindMs: number): void {
    const wasBehind = this.#isClockBehind
    this.#isClockBehind = behindMs > HOUR
    if (this.#isClockBehind && !wasBehind)
      this.append(auditEvent('CLOCK_JUMP', SYSTEM, SYSTEM_PLACE, { behindMs })).catch(() => {
        this.#isClockBehind = false
      })
  }

  #draft(event: AuditEvent): Draft {
    return draft(event, this.#types, this.#clock.now())
  }

  #enqueue(job: Append | Change): void {
    this.#queue.push(job)
    this.#draining ??= this.#drain()
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      // A commit itself never leaves the microtasks: without this, others would wait and each event be a commit.
      await yieldToOthers()
      const job = this.#queue.shift()
      if (job === undefined) break
      if ('run' in job) await job.run()
      else await this.#commit([job, ...this.#takeAppends(MAX_BATCH - job.drafts.length)])
      for (const listener of this.#listeners) listener()
    }
    this.#draining = undefined
  }

  #takeAppends(room: number): Append[] {
    const batch: Append[] = []
    for (const next of this.#queue) {
      if (!('drafts' in next) || next.drafts.length > room) break
      room -= next.drafts.length
      batch.push(next)
    }
    // Taken at once: shifting a long queue entry by entry costs a tenth of the whole write.
    this.#queue.splice(0, batch.length)
    return batch
  }

  async #commit(batch: readonly Append[]): Promise<void> {
    const drafts = batch.flatMap((append) => append.drafts)
    try {
      const entries = await this.#database.transaction((db) => this.#write(db, drafts))
      let from = 0
      for (const { drafts, resolve } of batch) {
        resolve(entries.slice(from, from + drafts.length))
        from += drafts.length
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      this.#waiting -= drafts.length
    }
  }
}
