import { type BigIntStats, existsSync, realpathSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { ChatwardenError } from '../kernel/errors.ts'
import { identityOf } from '../kernel/file-identity.ts'

/** How old what is known of the files may be when a read answers. */
const FRESH_MS = 1000

/** What the database's own file and its log are like: by it a write of SQLite is told from one of somebody else. */
interface Traces {
  readonly changed: bigint
  readonly bytes: bigint
  readonly logChanged: bigint
  /** How many pages the log holds, and how many of them are in the file. */
  readonly log: number
  readonly checkpointed: number
}

/**
 * Whether an open SQLite database still lies where it was opened. SQLite goes on writing to files that were renamed or
 * deleted, or whose place others have taken, and no start would find what it wrote there.
 *
 * The files are looked at by their names alone: to open and close one of them drops the locks that this process has on it.
 */
export class FileGuard {
  readonly #path: string
  /** For what is asked of the database itself, and saved; nothing else uses it. */
  readonly #connection: Database.Database
  readonly #files: readonly { readonly path: string; readonly identity: string }[]
  #traces: Traces
  #lookedAt = Number.NEGATIVE_INFINITY
  #isSaved = false
  /** What was found in a file that somebody wrote to: that does not become better by itself. */
  #damage: string | undefined

  /** @throws the driver's own error, or the file system's. */
  constructor(path: string) {
    this.#path = path
    const before = identityAt(path)
    this.#connection = new Database(path, { fileMustExist: true, timeout: 5 })
    try {
      // From its first read on it keeps the log and its index in their places.
      this.#connection.prepare('SELECT count(*) FROM sqlite_master').get()
      // SQLite puts those beside the file that a link leads to; where a file system can't have them there are none.
      const besides = ['-wal', '-shm'].map((end) => `${realpathSync(path)}${end}`).filter((each) => existsSync(each))
      this.#files = [{ path, identity: before }, ...besides.map((each) => ({ path: each, identity: identityAt(each) }))]
      this.#traces = this.#read(this.#look())
    } catch (error) {
      this.#connection.close()
      throw error
    }
  }

  /** @throws {ChatwardenError} `DATABASE_REPLACED` */
  check(): void {
    this.#look()
  }

  /** The same for who reads: what was seen a moment ago will do. */
  checkLately(): void {
    if (performance.now() - this.#lookedAt > FRESH_MS) this.#look()
  }

  /**
   * Whether somebody wrote to the file whom SQLite does not know of, as who copies another one over it does.
   * @throws {ChatwardenError} `DATABASE_REPLACED`
   */
  isWrittenOver(): boolean {
    const file = this.#look()
    const before = this.#traces
    if (file.mtimeNs === before.changed && file.size === before.bytes) return false
    const now = this.#read(file)
    if (!isByCheckpoint(before, now)) return true
    this.#traces = now
    return false
  }

  /** What was written was written by SQLite. Never throws: it is done. */
  committed(): void {
    const file = statAt(this.#path)
    if (typeof file !== 'string') this.#traces = this.#read(file)
  }

  /** Whether its files lie where they were opened. */
  get isInPlace(): boolean {
    return this.#files.every(({ path, identity }) => isIt(statAt(path), identity))
  }

  /** What was written there is nothing to object to. */
  accept(): void {
    this.#traces = this.#read(this.#look())
  }

  /** From here on nothing is done with it. */
  condemn(damage: string): void {
    this.#damage = damage
  }

  close(): void {
    this.#connection.close()
  }

  #look(): BigIntStats {
    this.#lookedAt = Number.NEGATIVE_INFINITY
    if (this.#damage !== undefined)
      throw replaced(
        `Another program wrote to ${this.#path} while it was open: ${this.#damage}. Stop the bot, move that file away with -wal and -shm, and bring back a backup: chatwarden restore DIR.`,
      )
    let file: BigIntStats | undefined
    for (const { path, identity } of this.#files) {
      const found = statAt(path)
      if (!isIt(found, identity)) this.#lost(path, found)
      file ??= found
    }
    this.#lookedAt = performance.now()
    this.#isSaved = false
    return file as BigIntStats
  }

  #lost(path: string, found: BigIntStats | string): never {
    if (typeof found === 'string' && path === this.#files[1]?.path) this.#save()
    const what = typeof found === 'string' ? `${path} ${found}` : `Another file lies at ${path}`
    throw replaced(
      `${what}. Put back the one that was there, with -wal and -shm: the bot then goes on by itself. With any other file it does not before it is restarted.`,
    )
  }

  /**
   * What was acknowledged may be in the log alone, which is gone with its name: it goes into the file, which is still there.
   * Where anything else is missing or has been replaced, somebody else may go on from what is there: nothing comes in between.
   */
  #save(): void {
    if (this.#isSaved) return
    try {
      const [done] = this.#connection.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
      this.#isSaved = done?.busy === 0
    } catch {
      // Tried again at the next look.
    }
  }

  #read({ mtimeNs, size }: BigIntStats): Traces {
    const [state] = this.#connection.pragma('wal_checkpoint(NOOP)') as { log: number; checkpointed: number }[]
    const log = statAt(this.#files[1]?.path ?? '')
    return {
      changed: mtimeNs,
      bytes: size,
      logChanged: typeof log === 'string' ? 0n : log.mtimeNs,
      log: state?.log ?? 0,
      checkpointed: state?.checkpointed ?? 0,
    }
  }
}

/** Whether it may have been SQLite, which writes to the file only what is in the log, and has written to the log before. */
const isByCheckpoint = (before: Traces, now: Traces): boolean =>
  now.logChanged !== before.logChanged || now.log !== before.log || now.checkpointed !== before.checkpointed

const identityAt = (path: string): string => identityOf(statSync(path, { bigint: true }))

const isIt = (found: BigIntStats | string, identity: string): found is BigIntStats =>
  typeof found !== 'string' && identityOf(found) === identity

/** What lies there, or why that can't be said. */
function statAt(path: string): BigIntStats | string {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? 'is not there any more'
  } catch (error) {
    return `cannot be looked at (${(error as Error).message})`
  }
}

const replaced = (detail: string): ChatwardenError => new ChatwardenError('DATABASE_REPLACED', detail)
