import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/log.ts'
import type { Draft } from '../entry/draft.ts'
import type { AuditEvent } from '../entry/entry.ts'
import { type AuditWriter, MAX_WAITING } from './audit-writer.ts'
import { Gap, type Lost } from './gap.ts'
import type { Spool } from './spool.ts'
import { Replay } from './spool-replay.ts'

/**
 * What became of an event: in the database; on the disk until the database takes it (then its entry has an
 * `observedAt`, when it happened); or not kept, then counted, and told by an `AUDIT_GAP` entry.
 */
export type LogResult = 'stored' | 'spooled' | 'lost'

/** Keeps what was observed, in the order in which it was: in the trail, or in the spool while the trail takes nothing. */
export class Observations {
  readonly #writer: AuditWriter
  readonly #spool: Spool
  readonly #gap: Gap
  readonly #replay: Replay
  readonly #stopListening: () => void
  #number = 0
  /** The number of the first event that went to the spool since it was empty; 0 for what an earlier process left. */
  #spooledFrom = 0

  /** `hashOf`: what stands for a person in the entries of erasures. */
  constructor(writer: AuditWriter, spool: Spool, clock: Clock, log: Logger, hashOf: (text: string) => string) {
    this.#writer = writer
    this.#spool = spool
    this.#gap = new Gap(writer, clock, log)
    this.#replay = new Replay({ spool, writer, gap: this.#gap, clock, log, hashOf })
    // Whatever is written next shows that the database is back.
    this.#stopListening = writer.onCommit(() => void this.flush())
  }

  /** Begins to write what an earlier process left. */
  start(): void {
    this.#replay.start()
  }

  /** Keeps the event that `make` gives. Never rejects. */
  keep(make: () => AuditEvent): Promise<LogResult> {
    let draft: Draft
    try {
      draft = this.#writer.draft(make())
    } catch (error) {
      this.#gap.add(error)
      return Promise.resolve('lost')
    }
    // Nothing of the host's is held on to while the draft waits for the database.
    return this.#keep(draft)
  }

  async #keep(draft: Draft): Promise<LogResult> {
    // What is reported before a command is asked for stands before it: no turn of the loop in between.
    if (this.#replay.settling !== undefined) await this.#replay.settling
    const number = ++this.#number
    const mustWait = () => !this.#spool.isEmpty && this.#spooledFrom < number
    if (mustWait() || this.#writer.waiting >= MAX_WAITING) return this.#toSpool(draft, number)
    const { createdAt, metadata } = draft
    try {
      await this.#writer.appendDrafts([draft], mustWait)
    } catch {
      // As it was observed: the writer had made it an entry.
      Object.assign(draft, { createdAt, metadata })
      return this.#toSpool(draft, number)
    }
    if (this.#gap.isOpen) await this.#gap.tell()
    return 'stored'
  }

  /** Adds events that were lost elsewhere, such as before there was a database. */
  missed(lost: Lost): void {
    this.#gap.missed(lost)
  }

  /** Writes what waits, and what is still to be told about lost events, if the database takes it. Never rejects. */
  async flush(): Promise<void> {
    await this.#gap.tell()
    if (!this.#spool.isEmpty) await this.#replay.run()
  }

  /** Tries for the last time; what the database does not take, a process after this one writes. Never rejects. */
  async close(): Promise<void> {
    await this.#replay.stop()
    await this.#gap.tell()
    await this.#gap.spool(this.#spool)
    this.#stopListening()
  }

  async #toSpool(draft: Draft, number: number): Promise<LogResult> {
    if (this.#spool.isEmpty || number < this.#spooledFrom) this.#spooledFrom = number
    try {
      await this.#spool.add(draft)
    } catch (error) {
      this.#gap.add(error)
      return 'lost'
    }
    this.#replay.wake()
    return 'spooled'
  }
}
