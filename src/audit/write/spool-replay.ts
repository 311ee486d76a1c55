import { type Clock, MINUTE } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/log.ts'
import { LOCK_TIMEOUT_MS } from '../../storage/retry-while-busy.ts'
import type { AuditWriter } from './audit-writer.ts'
import { erasuresAfter } from './erased-subjects.repository.ts'
import { ErasedSubjects } from './erased-subjects.ts'
import type { Gap } from './gap.ts'
import type { Spool, SpoolContents, SpoolFile } from './spool.ts'
import { writtenLater } from './spool-line.ts'

/** How much of the spool one commit takes at most, but always a file. */
const MAX_EVENTS = 1000
const MAX_BYTES = 8 * 1024 * 1024
/** How soon what waits is tried again, and how soon it is noticed if another process left it. */
const RETRY_MS = 1000
const LOOK_MS = MINUTE
/** How long new events wait at most for the end of a replay. */
const MOST_HELD_MS = 500

export interface ReplayParts {
  readonly spool: Spool
  readonly writer: AuditWriter
  readonly gap: Gap
  readonly clock: Clock
  readonly log: Logger
  /** What stands for a person in the entries of erasures. */
  hashOf(text: string): string
}

/** Writes what waits in the spool to the trail, oldest first, as soon as the database takes it. */
export class Replay {
  readonly #parts: ReplayParts
  readonly #erased: ErasedSubjects
  #erasuresThrough = -1
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #settling: Promise<void> | undefined
  #isOut = false
  #waitedInVain = false
  #isStopped = false

  constructor(parts: ReplayParts) {
    this.#parts = parts
    this.#erased = new ErasedSubjects((text) => parts.hashOf(text))
  }

  /** Writes what an earlier process left, now and whenever there is something. */
  start(): void {
    void this.run()
  }

  /** There is something to replay now. */
  wake(): void {
    if (this.#isOut) return
    this.#isOut = true
    // One line for a whole outage.
    this.#parts.log.warn('The database takes no audit events: they wait in files until it does')
    this.#schedule()
  }

  /**
   * While the last files are written: so that an end comes even where events never cease, new ones wait for it, in
   * memory and not for long, and then go to the database themselves.
   */
  get settling(): Promise<void> | undefined {
    return this.#settling
  }

  /** Tries once; what the database does not take stays. Never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#replay().finally(() => {
      this.#running = undefined
      this.#schedule()
    })
    return this.#running
  }

  /** Tries for the last time, unless it has only just waited for a lock in vain. Never rejects. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#running
    if (!this.#parts.spool.isEmpty && !this.#waitedInVain) await this.run()
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    if (this.#isStopped) return
    this.#timer = setTimeout(() => void this.run(), this.#parts.spool.isEmpty ? LOOK_MS : RETRY_MS).unref()
  }

  async #replay(): Promise<void> {
    const { log } = this.#parts
    let began = performance.now()
    try {
      while (await this.#replaySome()) began = performance.now()
      this.#waitedInVain = false
      if (this.#isOut) log.info('The audit events that waited in files are written')
      this.#isOut = false
    } catch (error) {
      this.#waitedInVain = performance.now() - began > LOCK_TIMEOUT_MS / 2
      if (!this.#isOut) log.warn({ err: error }, 'Audit events that wait in files cannot be written yet')
      this.#isOut = true
    }
  }

  /** @returns whether there is more. */
  async #replaySome(): Promise<boolean> {
    const { spool } = this.#parts
    const files = await spool.files()
    if (spool.isEmpty) return false
    if (firstOf(files).length < files.length) await this.#write(firstOf(files))
    else await this.#holding(async () => this.#write(firstOf(await spool.files())))
    return !spool.isEmpty
  }

  async #holding(work: () => Promise<void>): Promise<void> {
    let release = () => {}
    this.#settling = new Promise((resolve) => {
      release = () => {
        this.#settling = undefined
        resolve()
      }
    })
    const timer = setTimeout(release, MOST_HELD_MS).unref()
    try {
      await work()
    } finally {
      clearTimeout(timer)
      release()
    }
  }

  async #write(files: readonly SpoolFile[]): Promise<void> {
    const { spool, writer, clock } = this.#parts
    if (files.length === 0) return
    let contents: readonly SpoolContents[] = []
    await writer.transaction(async (tx) => {
      // Read under the lock: who erases under it never finds again what was erased.
      contents = await Promise.all(files.map((file) => spool.read(file)))
      const now = clock.now()
      // Whoever was erased meanwhile, from another machine even: there this spool was not at hand.
      for (const erasure of await erasuresAfter(tx.db, this.#erasuresThrough)) {
        this.#erased.add(erasure, erasure.erasedAt.getTime())
        this.#erasuresThrough = erasure.seq
      }
      const drafts = contents.flatMap(({ drafts }) => drafts)
      const left = drafts.filter((draft) => !this.#erased.isErased(draft, draft.createdAt.getTime()))
      await tx.appendMissing(left.map((draft) => writtenLater(draft, now)))
    })
    await Promise.all(files.map((file, index) => this.#finish(file, contents[index]?.damaged ?? 0)))
  }

  async #finish(file: SpoolFile, damaged: number): Promise<void> {
    const { spool, gap, log } = this.#parts
    if (damaged === 0) return spool.remove(file)
    if (!(await spool.moveAside(file))) return
    log.error({ file: `${file.name}.damaged`, lost: damaged }, 'Audit events in a damaged file are lost')
    gap.missed({ count: damaged, first: file.time, last: file.time })
  }
}

/** Those that one commit takes. */
function firstOf(files: readonly SpoolFile[]): readonly SpoolFile[] {
  let events = 0
  let bytes = 0
  const end = files.findIndex((file, index) => {
    events += file.events
    bytes += file.bytes
    return index > 0 && (events > MAX_EVENTS || bytes > MAX_BYTES)
  })
  return end === -1 ? files : files.slice(0, end)
}
