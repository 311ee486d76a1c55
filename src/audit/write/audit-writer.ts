import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { Clock } from '../../kernel/clock.ts'
import { ChatwardenError } from '../../kernel/errors.ts'
import type { Database, SqlTransaction } from '../../storage/contract.ts'
import { LOCK_TIMEOUT_MS } from '../../storage/retry-while-busy.ts'
import { type Draft, draft } from '../entry/draft.ts'
import type { AuditEntry, AuditEvent } from '../entry/entry.ts'
import type { EventTypes } from '../entry/event-types.ts'
import { Appender, type Appending } from './appender.ts'
import { type AuditTransaction, runChange } from './change.ts'
import { noticeLags } from './clock-lag.ts'
import type { ClockWatch } from './clock-watch.ts'
import { DatabaseWatch } from './database-watch.ts'
import { RowSeals } from './row-seals.ts'
import { SeenTrail } from './seen-trail.ts'
import type { SigningKey } from './signing-key.ts'

/** How many entries one commit takes at most. */
const MAX_BATCH = 1000
/** How many entries may wait for the database before more are refused. */
export const MAX_WAITING = 100_000
const PURGE_AGAIN_MS = 1000

interface Job {
  /** When it was asked for, by the process's own clock. */
  readonly since: number
  reject(error: unknown): void
}

interface Append extends Job {
  readonly drafts: readonly Draft[]
  /** Asked when its turn comes: whether something that must stand before it is not written yet. */
  mustWait(): boolean
  resolve(entries: readonly AuditEntry[]): void
}

interface ChangeJob extends Job {
  /** Rejects where the change did not take place. */
  run(): Promise<void>
}

interface WriterOptions {
  /** Goes on from a head that another key signed, because that key is lost. */
  readonly acceptsHead?: boolean
  /** Of a bot, which goes on running: it says where nobody can rely on the clock. */
  readonly clockWatch?: ClockWatch | undefined
}

/**
 * The only writer of the trail in this process. Appends that wait are committed together; changes run one at a
 * time between them. A promise resolves when its entries are on the disk.
 */
export class AuditWriter {
  readonly #database: Database
  readonly #types: EventTypes
  readonly #clock: Clock
  readonly #key: SigningKey
  readonly #appender: Appender
  readonly #clockWatch: ClockWatch | undefined
  readonly seals: RowSeals
  readonly watch: DatabaseWatch
  readonly #queue: (Append | ChangeJob)[] = []
  readonly #listeners = new Set<() => void>()
  #waiting = 0
  #isLocked = false
  #draining: Promise<void> | undefined
  #purging: NodeJS.Timeout | undefined

  constructor(database: Database, types: EventTypes, clock: Clock, key: SigningKey, options: WriterOptions = {}) {
    this.#database = database
    this.#types = types
    this.#clock = clock
    this.#key = key
    const seen = new SeenTrail()
    this.#appender = new Appender(key, options.acceptsHead ?? false, seen)
    this.watch = new DatabaseWatch(database, seen, key)
    this.#clockWatch = options.clockWatch
    this.seals = new RowSeals(key)
  }

  /** Whether this process can't rely on its clock: it was set while it ran, seemed to be wrong when it started, or messages speak against it. */
  get isClockDoubted(): boolean {
    const { isDoubting = false, isAboutToDoubt = false } = this.#clockWatch ?? {}
    return isDoubting || isAboutToDoubt
  }

  /** How many entries wait for the database. */
  get waiting(): number {
    return this.#waiting
  }

  /**
   * Writes events as consecutive entries.
   * @throws {ChatwardenError} `INVALID_EVENT`, or `AUDIT_UNAVAILABLE` if the database did not take them.
   */
  async append(...events: readonly AuditEvent[]): Promise<readonly AuditEntry[]> {
    return this.appendDrafts(events.map((event) => this.draft(event)))
  }

  /**
   * Writes drafts as consecutive entries, unless `mustWait` says when their turn comes that it is not theirs yet.
   * @throws {ChatwardenError} `AUDIT_UNAVAILABLE` if the database did not take them, or they must wait.
   */
  appendDrafts(drafts: readonly Draft[], mustWait = () => false): Promise<readonly AuditEntry[]> {
    return new Promise((resolve, reject) => {
      this.#waiting += drafts.length
      this.#enqueue({ since: performance.now(), drafts, mustWait, resolve, reject })
    })
  }

  /**
   * Runs a change and writes the entries it appends in one commit: either all of it happens or nothing.
   * `work` may read through `db` what nobody else can change until the commit.
   */
  transaction<T>(work: (tx: AuditTransaction) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = async () => resolve(await this.#change(work))
      this.#enqueue({ since: performance.now(), run, reject })
    })
  }

  /** Calls `listener` after each commit of this process that took place, until the returned function is called. */
  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when everything asked for so far has been written or refused. */
  async flush(): Promise<void> {
    clearTimeout(this.#purging)
    while (this.#draining !== undefined) await this.#draining
  }

  async #change<T>(work: (tx: AuditTransaction) => Promise<T>): Promise<T> {
    const parts = {
      database: this.#database,
      appender: this.#appender,
      seals: this.seals,
      clock: this.#clock,
      draft: (event: AuditEvent) => this.draft(event),
      clockWatch: this.#clockWatch,
      noticeClock: (appending: Appending) => this.#noticeClock(appending),
    }
    const { result, appending, hasAppended, hasErased } = await runChange(parts, work)
    if (appending !== undefined) {
      this.#appender.committed()
      this.#clockWatch?.committed(appending)
    }
    if (hasAppended) this.#key.settle()
    if (hasErased) await this.#purge(true)
    return result
  }

  /** Others who read for long keep it from happening: then it is tried again until it is done. */
  async #purge(isFirst: boolean): Promise<void> {
    if (await this.#database.purge(isFirst)) return
    const again = () => this.#enqueue({ since: performance.now(), run: () => this.#purge(false), reject: () => {} })
    clearTimeout(this.#purging)
    this.#purging = setTimeout(again, PURGE_AGAIN_MS).unref()
  }

  /** Says what there is to say of the clock, unless it is said: whether it is in doubt, and that entries are not of its time. */
  async #noticeClock(appending: Appending): Promise<AuditEntry | undefined> {
    const toDraft = (event: AuditEvent) => this.draft(event)
    const doubt = await this.#clockWatch?.notice(appending, toDraft)
    return (await noticeLags(appending, toDraft)) ?? doubt
  }

  /** @throws {ChatwardenError} `INVALID_EVENT` */
  draft(event: AuditEvent): Draft {
    return draft(event, this.#types, this.#clock.now())
  }

  #enqueue(job: Append | ChangeJob): void {
    this.#queue.push(job)
    this.#draining ??= this.#drain()
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      // A commit itself never leaves the microtasks: without this, others would wait and each event be a commit.
      await yieldToOthers()
      const job = this.#queue.shift()
      if (job === undefined) break
      const batch = 'run' in job ? [job] : [job, ...this.#takeAppends(MAX_BATCH - job.drafts.length, job.mustWait())]
      try {
        this.#refuseLate(job)
        this.#refuseEarly(job)
        await ('run' in job ? job.run() : this.#commit(batch as Append[]))
        this.#isLocked = false
        for (const listener of this.#listeners) listener()
      } catch (error) {
        this.#isLocked = error instanceof ChatwardenError && error.code === 'AUDIT_UNAVAILABLE'
        this.watch.failed(error)
        for (const { reject } of batch) reject(error)
      } finally {
        for (const each of batch) if ('drafts' in each) this.#waiting -= each.drafts.length
      }
    }
    this.#draining = undefined
  }

  #takeAppends(room: number, mustWait: boolean): Append[] {
    const batch: Append[] = []
    for (const next of this.#queue) {
      if (!('drafts' in next) || next.drafts.length > room || next.mustWait() !== mustWait) break
      room -= next.drafts.length
      batch.push(next)
    }
    // Taken at once: shifting a long queue entry by entry costs a tenth of the whole write.
    this.#queue.splice(0, batch.length)
    return batch
  }

  /** While the database stays locked, who waited long enough behind others is not made to wait once more. */
  #refuseLate({ since }: Job): void {
    if (this.#isLocked && performance.now() - since > LOCK_TIMEOUT_MS / 2)
      throw new ChatwardenError('AUDIT_UNAVAILABLE', 'The database stayed locked.')
  }

  #refuseEarly(job: Append | ChangeJob): void {
    if ('drafts' in job && job.mustWait())
      throw new ChatwardenError('AUDIT_UNAVAILABLE', 'Earlier events are not written yet.')
  }

  #append<T>(work: (db: SqlTransaction) => Promise<T>): Promise<T> {
    return this.#database.append?.(work) ?? this.#database.transaction(work)
  }

  async #commit(batch: readonly Append[]): Promise<void> {
    const drafts = batch.flatMap((append) => append.drafts)
    const appending = await this.#append(async (db) => {
      const appending = await this.#appender.begin(db)
      await appending.append(drafts)
      await this.#noticeClock(appending)
      await appending.seal()
      return appending
    })
    this.#appender.committed()
    this.#key.settle()
    this.#clockWatch?.committed(appending)
    // The drafts are the entries now.
    for (const { drafts, resolve } of batch) resolve(drafts)
  }
}
