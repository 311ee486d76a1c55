import type { Clock } from '../../kernel/clock.ts'
import type { Database, WriteTransaction } from '../../storage/contract.ts'
import type { Draft } from '../entry/draft.ts'
import type { AuditEntry, AuditEvent } from '../entry/entry.ts'
import type { Signer } from '../tree/note.ts'
import type { Appender, Appending } from './appender.ts'
import { doubtInForce } from './clock-doubt.repository.ts'
import type { ClockWatch } from './clock-watch.ts'
import { failureOf, isUnknown } from './failed-change.ts'
import { rememberReplayed, writtenBefore } from './replayed.repository.ts'
import { type RowSeals, sealedRow } from './row-seals.ts'

/** A privileged change in progress: what it does in `db` and what it appends are one commit. */
export interface AuditTransaction {
  readonly db: WriteTransaction
  /** By what rows are known that no entry speaks of. */
  readonly seals: RowSeals
  /** Signs such a row, given by its fields, by the key that signs the trail in this commit. */
  seal(table: string, fields: object): Promise<string>
  /** Writes an entry now, so that what follows in the same transaction finds it. */
  append(event: AuditEvent): Promise<AuditEntry>
  /**
   * Makes sure that entries are as they were signed: what is removed, or removed because of what it says, has to be.
   * @throws {ChatwardenError} `TRAIL_DAMAGED`
   */
  requireProved(seqs: readonly number[]): Promise<void>
  /**
   * Whether what is old by the clock may be removed: not while it is in doubt, for the trail or for this process. What there is to
   * doubt is written now.
   */
  isClockTrusted(): Promise<boolean>
  /** Something spoke for the clock of this process. */
  trustClock(): void
  /** Writes drafts made elsewhere, without those whose id is in the trail already. */
  appendMissing(drafts: readonly Draft[]): Promise<void>
  /** From this commit on another key signs the trail. */
  handOver(signer: Signer): Promise<void>
  /**
   * Does something outside of the database as the last thing before the commit.
   * @param work returns what undoes it, should the commit fail.
   */
  lastly(work: () => Promise<() => Promise<void>>): void
  /** What this transaction removes is to leave no trace in the database's files, as far as they can be reached. */
  leaveNoTrace(): void
}

/** What a change needs of the writer whose turn it is. */
interface ChangeParts {
  readonly database: Database
  readonly appender: Appender
  readonly seals: RowSeals
  readonly clock: Clock
  draft(event: AuditEvent): Draft
  readonly clockWatch: ClockWatch | undefined
  /** Writes what there is to say of the clock. */
  noticeClock(appending: Appending): Promise<AuditEntry | undefined>
}

interface Changed<T> {
  readonly result: T
  /** Where it has looked at the end of the trail, and whether it has appended anything there. */
  readonly appending: Appending | undefined
  readonly hasAppended: boolean
  /** Whether the change asked to leave no trace of what it removed. */
  readonly hasErased: boolean
}

/**
 * Runs a change and writes the entries it appends in one commit.
 * @throws what it failed with, where it did not take place; `OUTCOME_UNKNOWN` where nobody knows.
 */
export async function runChange<T>(
  parts: ChangeParts,
  work: (tx: AuditTransaction) => Promise<T>,
): Promise<Changed<T>> {
  let change: Change | undefined
  let done: Changed<T> | undefined
  return parts.database
    .transaction(async (db) => {
      change = new Change(db, parts)
      const result = await work(change)
      await change.complete()
      const appending = await change.appending
      done = { result, appending, hasAppended: change.entryId !== undefined, hasErased: change.hasErased }
      return done
    })
    .catch(async (error: unknown) => {
      const failure = await failureOf(error, change?.entryId, parts.database)
      if (failure === undefined && done !== undefined) return done
      // Where nobody knows, what was done outside stays: an erasure must not come undone in part.
      if (!isUnknown(failure)) await change?.undo()
      throw failure
    })
}

class Change implements AuditTransaction {
  readonly db: WriteTransaction
  readonly #parts: ChangeParts
  readonly #last: (() => Promise<() => Promise<void>>)[] = []
  readonly #undo: (() => Promise<void>)[] = []
  #appending: Promise<Appending> | undefined
  #entryId: string | undefined
  #hasErased = false

  constructor(db: WriteTransaction, parts: ChangeParts) {
    this.db = db
    this.#parts = parts
  }

  /** Of an entry that it has appended: by it others see whether the change took place. */
  get entryId(): string | undefined {
    return this.#entryId
  }

  get seals(): RowSeals {
    return this.#parts.seals
  }

  async seal(table: string, fields: object): Promise<string> {
    return (await this.#begin()).sealRow(sealedRow(table, fields))
  }

  get appending(): Promise<Appending> | undefined {
    return this.#appending
  }

  get hasErased(): boolean {
    return this.#hasErased
  }

  async append(event: AuditEvent): Promise<AuditEntry> {
    const draft = this.#parts.draft(event)
    await this.#write([draft])
    return draft
  }

  async appendMissing(drafts: readonly Draft[]): Promise<void> {
    const known = await writtenBefore(this.db, [...new Set(drafts.map(({ id }) => id))])
    const missing = drafts.filter(({ id }) => !known.has(id) && known.add(id))
    if (missing.length === 0) return
    const ids = missing.map(({ id }) => id)
    await rememberReplayed(this.db, ids, new Date(this.#parts.clock.now()))
    await this.#write(missing)
  }

  async requireProved(seqs: readonly number[]): Promise<void> {
    await (await this.#begin()).requireProved(seqs)
  }

  async isClockTrusted(): Promise<boolean> {
    await this.#noticeClock(await this.#begin())
    return !this.#parts.clockWatch?.isDoubting && (await doubtInForce(this.db)) === undefined
  }

  trustClock(): void {
    this.#parts.clockWatch?.trust()
  }

  async handOver(signer: Signer): Promise<void> {
    const appending = await this.#begin()
    appending.handOver(signer)
  }

  lastly(work: () => Promise<() => Promise<void>>): void {
    this.#last.push(work)
  }

  leaveNoTrace(): void {
    this.#hasErased = true
  }

  /** Stores tree and head, and then does what is to be done outside. */
  async complete(): Promise<void> {
    const appending = await this.#appending
    if (appending !== undefined) await this.#noticeClock(appending)
    await appending?.seal()
    for (const work of this.#last) this.#undo.push(await work())
  }

  /** Undoes what was done outside. */
  async undo(): Promise<void> {
    for (const undo of this.#undo) await undo()
  }

  async #noticeClock(appending: Appending): Promise<void> {
    const said = await this.#parts.noticeClock(appending)
    this.#entryId ??= said?.id
  }

  async #write(drafts: readonly Draft[]): Promise<void> {
    await (await this.#begin()).append(drafts)
    this.#entryId = drafts[0]?.id ?? this.#entryId
  }

  #begin(): Promise<Appending> {
    this.#appending ??= this.#parts.appender.begin(this.db)
    return this.#appending
  }
}
