import { ChatwardenError } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/log.ts'
import type { Database } from '../../storage/contract.ts'
import { keyFault } from './key-in-place.ts'
import type { SeenTrail } from './seen-trail.ts'
import type { SigningKey } from './signing-key.ts'

/** How often is looked, and how often while the database is not the one that it was. */
const LOOK_EVERY_MS = 2000
const LOOK_AGAIN_MS = 500

/**
 * Whether the database is still the one that this process has written to, also while nobody writes. While it is not, nothing
 * is read or changed, and the log has it once; when it is again, all goes on by itself.
 */
export class DatabaseWatch {
  readonly #database: Database
  readonly #seen: SeenTrail
  readonly #key: SigningKey
  /** What was wrong with the key at the last look, and what the log has been told of it. */
  #keyFault: string | undefined
  #told: string | undefined
  #log: Logger | undefined
  #isReplaced = false
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined

  constructor(database: Database, seen: SeenTrail, key: SigningKey) {
    this.#database = database
    this.#key = key
    this.#seen = seen
  }

  /** Looks for the first time: what is there now is what has to be there from here on. */
  async start(log: Logger): Promise<void> {
    this.#log = log
    await this.#look()
    this.#schedule()
  }

  /** Resolves when it does not look any more. */
  async stop(): Promise<void> {
    this.#log = undefined
    clearTimeout(this.#timer)
    await this.#looking
  }

  /** What a write failed with. */
  failed(error: unknown): void {
    if (!isReplaced(error)) return
    this.#database.distrust(error)
    // However often it fails, the next look comes.
    if (this.#isReplaced) return
    this.#isReplaced = true
    this.#log?.error({ err: error }, error.message)
    this.#schedule()
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    if (this.#log === undefined) return
    const look = () => {
      this.#looking = this.#look().then(() => this.#schedule())
    }
    this.#timer = setTimeout(look, this.#isReplaced ? LOOK_AGAIN_MS : LOOK_EVERY_MS).unref()
  }

  async #look(): Promise<void> {
    let checkpoint: string
    try {
      await this.#database.check?.()
      checkpoint = await this.#seen.look(this.#database.untrusted)
    } catch (error) {
      // Where it does not answer, others tell of that.
      return this.failed(error)
    }
    this.#tellOfKey(checkpoint)
    if (!this.#isReplaced) return
    this.#isReplaced = false
    this.#database.distrust(undefined)
    this.#log?.warn('The database is the one again that was written to: the bot goes on')
  }

  /** What is signed is signed by the key that was read, so nothing is refused. */
  #tellOfKey(checkpoint: string): void {
    const fault = keyFault(this.#key, checkpoint)
    // A key that takes over may be seen half-way: what is so twice is so.
    if (fault !== undefined && fault === this.#keyFault && fault !== this.#told) {
      this.#told = fault
      this.#log?.error(fault)
    }
    if (fault === undefined) this.#told = undefined
    this.#keyFault = fault
  }
}

const isReplaced = (error: unknown): error is ChatwardenError =>
  error instanceof ChatwardenError && error.code === 'DATABASE_REPLACED'
