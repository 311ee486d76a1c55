import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterFailure } from '../../kernel/after-failure.ts'
import { isMissing, sizeOnDisk, writeWhole } from '../../kernel/durable-file.ts'
import { newId } from '../../kernel/ids.ts'
import type { Logger } from '../../kernel/log.ts'
import { isTooLarge, readSmall } from '../../kernel/small-text.ts'
import type { Draft } from '../entry/draft.ts'
import { eraseFrom, FILE, folderAt, LARGEST, removeStale } from './spool-files.ts'
import { fromLine, toLine } from './spool-line.ts'

/** How much is kept at most, by all processes together; what others write is seen a second late. */
export interface SpoolLimits {
  readonly events: number
  readonly bytes: number
}

const LIMITS: SpoolLimits = { events: 100_000, bytes: 256 * 1024 * 1024 }
/** One file is replayed in one commit, so it holds no more than one takes. */
const FILE_LIMITS: SpoolLimits = { events: 1000, bytes: 4 * 1024 * 1024 }

export interface SpoolFile {
  readonly name: string
  readonly events: number
  readonly bytes: number
  /** When it was written (ms). */
  readonly time: number
}

export interface SpoolContents {
  readonly drafts: readonly Draft[]
  /** How many events of the file cannot be read any more. */
  readonly damaged: number
}

interface Waiting {
  readonly line: string
  resolve(): void
  reject(error: unknown): void
}

/**
 * Events kept in files while the database takes none. A file holds what waited together, is whole from the moment it
 * has its name, and never changes; any process may replay any file, as an entry's id is given before it comes here.
 */
export class Spool {
  readonly #directory: string
  readonly #log: Logger
  readonly #limits: SpoolLimits
  readonly #known = new Map<string, SpoolFile>()
  /** Files that this process may not read: they are left to one that may. */
  readonly #unreadable = new Set<string>()
  readonly #waiting: Waiting[] = []
  /** Events that wait for the disk, those that are just being written among them. */
  #unwritten = 0
  #events = 0
  #bytes = 0
  #lastTime = 0
  #isFailing = false
  /** Which directory those files are in, by which one that took its place is told from it. */
  #folder: string | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(directory: string, log: Logger, limits = LIMITS) {
    this.#directory = directory
    this.#log = log
    this.#limits = limits
  }

  /** Looks what is there, and removes what dead processes left half-written. Never rejects. */
  async open(): Promise<void> {
    await removeStale(this.#directory).catch(() => {})
    await this.files()
  }

  /** Whether there is nothing to replay, as far as this process knows. */
  get isEmpty(): boolean {
    return this.#known.size === 0 && this.#unwritten === 0
  }

  /**
   * Resolves when the event is on the disk; rejects where it cannot be kept. `evenIfFull` is for what tells how many
   * others were not.
   */
  add(draft: Draft, { evenIfFull = false } = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isFull && !evenIfFull) throw new Error(`The spool ${this.#directory} is full.`)
      this.#unwritten++
      this.#waiting.push({ line: `${toLine(draft)}\n`, resolve, reject })
      if (this.#waiting.length === 1) this.#writeNext()
    })
  }

  /** The files there are, oldest first; none where they cannot be listed. Waits for what is being written. */
  files(): Promise<readonly SpoolFile[]> {
    return this.#inTurn(async () => {
      const found = new Map<string, SpoolFile>()
      for (const name of (await this.#names()).filter((name) => !this.#unreadable.has(name))) {
        const file = this.#known.get(name) ?? (await this.#describe(name))
        if (file !== undefined) found.set(name, file)
      }
      await this.#forgetMissing([...this.#known.values()].filter(({ name }) => !found.has(name)))
      for (const file of found.values()) this.#remember(file)
      return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    })
  }

  /** What is in a file; nothing if another process has removed it. */
  async read({ name, events }: SpoolFile): Promise<SpoolContents> {
    let text: string
    try {
      text = await readSmall(this.#path(name), LARGEST)
    } catch (error) {
      if (isTooLarge(error)) return { drafts: [], damaged: events }
      if (!isMissing(error)) this.#leave(name, error)
      return { drafts: [], damaged: 0 }
    }
    const lines = text.split('\n').map(fromLine)
    const readable = lines.filter((line) => line !== undefined)
    return {
      drafts: readable.filter((line) => line !== null),
      damaged: Math.max(events - readable.length, 0),
    }
  }

  /** Removes a file whose events are in the trail. */
  async remove({ name }: SpoolFile): Promise<void> {
    if (this.#unreadable.has(name)) return
    await rm(this.#path(name), { force: true })
    this.#forget(name)
  }

  /** Puts a damaged file out of the way. @returns whether it was there; of several processes one does it. */
  async moveAside({ name }: SpoolFile): Promise<boolean> {
    try {
      await rename(this.#path(name), this.#path(`${name}.damaged`))
      return true
    } catch (error) {
      if (!isMissing(error)) throw error
      return false
    } finally {
      this.#forget(name)
    }
  }

  /**
   * Removes the events for which `matches` holds, and all damaged files: what could be read of those is in the trail.
   * Each file is replaced as a whole. Called inside a write transaction, no replay comes in between.
   * @returns what puts them back.
   */
  removeMatching(matches: (draft: Draft) => boolean): Promise<() => Promise<void>> {
    return this.#inTurn(async () => {
      const undo = await eraseFrom(this.#directory, matches)
      return () => this.#inTurn(undo)
    })
  }

  get #isFull(): boolean {
    return this.#events + this.#unwritten >= this.#limits.events || this.#bytes >= this.#limits.bytes
  }

  #writeNext(): void {
    void this.#inTurn(async () => {
      const group = this.#takeGroup()
      try {
        await this.#writeGroup(group)
        for (const { resolve } of group) resolve()
      } catch (error) {
        for (const { reject } of group) reject(error)
      } finally {
        this.#unwritten -= group.length
      }
      if (this.#waiting.length > 0) this.#writeNext()
    })
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    const text = group.map(({ line }) => line).join('')
    const time = this.#nextTime()
    const name = `${newId(time)}.${group.length}.jsonl`
    try {
      await writeWhole(this.#path(name), text)
    } catch (error) {
      // What is told to be lost must not come back.
      await afterFailure(error, () => rm(this.#path(name), { force: true }))
    }
    this.#folder ??= await folderAt(this.#directory)
    this.#remember({ name, events: group.length, bytes: sizeOnDisk(Buffer.byteLength(text)), time })
  }

  #takeGroup(): readonly Waiting[] {
    let bytes = 0
    const end = this.#waiting.findIndex(({ line }, index) => {
      bytes += Buffer.byteLength(line)
      return index > 0 && (index >= FILE_LIMITS.events || bytes > FILE_LIMITS.bytes)
    })
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end)
  }

  /** Later than that of every file there is, whatever the clock says. */
  #nextTime(): number {
    this.#lastTime = Math.max(Date.now(), this.#lastTime + 1)
    return this.#lastTime
  }

  async #names(): Promise<readonly string[]> {
    try {
      const names = await readdir(this.#directory)
      this.#isFailing = false
      return names
    } catch (error) {
      if (!isMissing(error) && !this.#isFailing)
        this.#log.error(
          { err: error },
          `What waits in ${this.#directory} to be written to the audit log cannot be read`,
        )
      this.#isFailing = !isMissing(error)
      return []
    }
  }

  async #describe(name: string): Promise<SpoolFile | undefined> {
    const [, high = '', low = '', events] = FILE.exec(name) ?? []
    if (events === undefined) return undefined
    const time = Number.parseInt(high + low, 16)
    this.#lastTime = Math.max(this.#lastTime, time)
    const { size } = await stat(this.#path(name)).catch(() => ({ size: -1 }))
    return size < 0 ? undefined : { name, events: Number(events), bytes: sizeOnDisk(size), time }
  }

  #remember(file: SpoolFile): void {
    this.#forget(file.name)
    this.#known.set(file.name, file)
    this.#events += file.events
    this.#bytes += file.bytes
  }

  #forget(name: string): void {
    const file = this.#known.get(name)
    if (file === undefined) return
    this.#known.delete(name)
    this.#events -= file.events
    this.#bytes -= file.bytes
  }

  /** Others have written them, unless it is another directory that they are not in. */
  async #forgetMissing(files: readonly SpoolFile[]): Promise<void> {
    const folder = await folderAt(this.#directory)
    const events = files.reduce((sum, file) => sum + file.events, 0)
    if (events > 0 && folder !== this.#folder)
      this.#log.error(
        { events },
        `The directory ${this.#directory} is not the one in which audit events wait. Put its files back into it, and they are written within a minute`,
      )
    for (const { name } of files) this.#forget(name)
    this.#folder = folder
  }

  #leave(name: string, error: unknown): void {
    this.#log.error({ err: error }, `Audit events in ${this.#path(name)} cannot be read: they stay there`)
    this.#unreadable.add(name)
    this.#forget(name)
  }

  /** What writes or lists takes turns, so that a list is never older than what this process wrote. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(work)
    this.#turn = run.catch(() => {})
    return run
  }

  #path(name: string): string {
    return join(this.#directory, name)
  }
}
