import type { RowSeals } from '../audit/write/row-seals.ts'
import { removeFile } from '../chat/deliver.ts'
import { beginReplies, type KeptReply, keptReplies, removeReplies } from '../commands/outbox.repository.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/log.ts'
import type { Reply, Source } from '../kernel/message.ts'
import type { Database } from '../storage/contract.ts'
import type { Ground } from './ground.ts'

/** Arrivals are removed together: each commit waits for the disk. In milliseconds. */
const TOGETHER = 200
/** How soon it is tried again where the database did not take it. In milliseconds. */
const AGAIN = 5000

/** Replies that are on their way, from the commit that keeps them until they have arrived. */
export class KeptReplies {
  readonly #database: Database
  readonly #instance: string
  readonly #seals: RowSeals
  readonly #clock: Clock
  readonly #log: Logger
  /** Those of this process, with their files: until they have arrived they are on their way, whoever looks what was left. */
  readonly #own = new Map<string, Reply['attachment']>()
  #gone: string[] = []
  #timer: NodeJS.Timeout | undefined
  #isClosed = false
  #isTold = false
  #removing: Promise<void> = Promise.resolve()

  constructor({ database, instance, seals, clock, log }: Ground) {
    this.#database = database
    this.#instance = instance
    this.#seals = seals
    this.#clock = clock
    this.#log = log
  }

  /** These are on their way now. */
  note(replies: readonly Reply[]): void {
    for (const { outboxId, attachment } of replies) if (outboxId !== undefined) this.#own.set(outboxId, attachment)
  }

  /**
   * What was left: what nobody has begun to send, and at the start of a chat also what this bot itself had begun to,
   * before it was started again; what another bot has begun is on its way. From here on it counts as begun, so that of
   * several who look only one takes it.
   */
  async take(source: Source, isStart: boolean): Promise<readonly KeptReply[]> {
    const left = { source, begunBy: isStart ? [this.#instance] : [], now: this.#clock.now() }
    const isLeft = ({ id }: KeptReply) => !this.#own.has(id)
    if (!(await keptReplies(this.#database.reader, left, this.#seals)).some(isLeft)) return []
    const taken = await this.#database.transaction(async (tx) => {
      const kept = (await keptReplies(tx, left, this.#seals)).filter(isLeft)
      await beginReplies(
        tx,
        kept.map(({ id }) => id),
        this.#instance,
      )
      return kept
    })
    this.note(taken.map(({ reply }) => reply))
    return taken
  }

  /** It was not sent, after all: it is left for another look. */
  release(outboxId: string): void {
    this.#own.delete(outboxId)
  }

  /** It has arrived, or never will. */
  settle(outboxId: string): void {
    this.#gone.push(outboxId)
    this.#timer ??= setTimeout(() => void this.flush(), TOGETHER)
  }

  /** Resolves when the database knows of everything that was settled, or could not be told. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#removing = this.#removing.then(() => this.#remove(this.#gone.splice(0)))
    return this.#removing
  }

  /** Tells the database for the last time. */
  close(): Promise<void> {
    this.#isClosed = true
    return this.flush()
  }

  async #remove(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    try {
      await this.#database.transaction((tx) => removeReplies(tx, ids))
    } catch (err) {
      // Else they would be sent again by the next process.
      this.#gone.unshift(...ids)
      if (this.#isClosed || !this.#isTold)
        this.#log.error({ err, count: ids.length }, 'Replies that have arrived are still kept, and may be sent again')
      this.#isTold = true
      if (!this.#isClosed) this.#timer ??= setTimeout(() => void this.flush(), AGAIN).unref()
      return
    }
    this.#isTold = false
    for (const id of ids) {
      const file = this.#own.get(id)
      this.#own.delete(id)
      if (file !== undefined) await removeFile(file)
    }
  }
}
