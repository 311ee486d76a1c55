import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../../kernel/log.ts'
import { CannotStart } from './cannot-start.ts'
import { isAlive, machine, startOf } from './processes.ts'
import type { Timings } from './timings.ts'

interface Holder {
  readonly pid: number
  readonly machine: string
  /** When the process started, so that another one with its id is not taken for it. */
  readonly started: string
  readonly since: string
}

/**
 * Two browsers on one WhatsApp session would log each other out, so a session directory belongs to one process. Whether
 * a process of this machine lives is certain; one elsewhere (a container that shares the volume) shows it by touching
 * its lock.
 */
export class SessionLock {
  readonly #path: string
  readonly #own: string
  readonly #timer: NodeJS.Timeout

  private constructor(path: string, own: string, beat: number, onLost: () => void) {
    this.#path = path
    this.#own = own
    this.#timer = setInterval(() => {
      if (this.#beats()) return
      clearInterval(this.#timer)
      onLost()
    }, beat).unref()
  }

  /** @throws {CannotStart} if another process holds it. */
  static async take(
    directory: string,
    timings: Timings['lock'],
    log: Logger,
    onLost: () => void,
  ): Promise<SessionLock> {
    const path = join(directory, 'chatwarden.lock')
    const { pid } = process
    const holder: Holder = { pid, machine: machine(), started: startOf(pid), since: new Date().toISOString() }
    const own = JSON.stringify(holder)
    while (!create(path, own)) {
      const found = read(path)
      if (found === undefined) continue
      if (await isHeld(path, found, timings.watch)) throw inUse(directory, found)
      log.warn({ holder: parse(found) }, 'WhatsApp: the session directory was left locked by a process that is gone')
      if (!takeAway(path, found)) throw inUse(directory, read(path) ?? found)
    }
    return new SessionLock(path, own, timings.beat, onLost)
  }

  release(): void {
    clearInterval(this.#timer)
    try {
      if (read(this.#path) === this.#own) rmSync(this.#path, { force: true })
    } catch {
      // A directory that can't be read any more keeps a stale lock, which the next process sees through.
    }
  }

  /** Whether it is still ours. A file system that fails for a while takes nothing away from us. */
  #beats(): boolean {
    try {
      const content = read(this.#path)
      const isOurs = content === undefined ? create(this.#path, this.#own) : content === this.#own
      if (isOurs) touch(this.#path)
      return isOurs
    } catch {
      return true
    }
  }
}

async function isHeld(path: string, content: string, watch: number): Promise<boolean> {
  const holder = parse(content)
  if (holder?.machine === machine()) return isAlive(holder.pid) && startOf(holder.pid) === holder.started
  const seen = touched(path)
  for (let waited = 0; waited < watch; waited += 100) {
    await sleep(100)
    if (touched(path) !== seen) return touched(path) !== 0
  }
  return false
}

/** Who holds the session directory, as an operator reads it; `undefined` if nobody does. */
export async function holderOf(directory: string, watch: number): Promise<string | undefined> {
  const path = join(directory, 'chatwarden.lock')
  const found = read(path)
  if (found === undefined || !(await isHeld(path, found, watch))) return undefined
  const { pid, machine: where, since } = parse(found) ?? {}
  return `process ${pid ?? '?'} on ${where ?? 'an unknown machine'}, since ${since ?? 'an unknown time'}`
}

/** Of several that find the same stale lock, one moves it away. Whoever moved a newer one puts it back. */
function takeAway(path: string, stale: string): boolean {
  const aside = `${path}.${randomUUID()}`
  try {
    renameSync(path, aside)
  } catch {
    return true
  }
  const isStale = read(aside) === stale
  if (!isStale) linkSync(aside, path)
  rmSync(aside)
  return isStale
}

function create(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function parse(content: string): Holder | undefined {
  try {
    return JSON.parse(content) as Holder
  } catch {
    // Half written: its writer is at it right now, or died doing so.
    return undefined
  }
}

const touched = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

function touch(path: string): void {
  const now = new Date()
  utimesSync(path, now, now)
}

function inUse(directory: string, content: string): CannotStart {
  const { pid, machine: where = 'an unknown machine', since = 'an unknown time' } = parse(content) ?? {}
  return new CannotStart(
    `The WhatsApp session in ${directory} is in use by process ${pid ?? '?'} on ${where}, since ${since}. ` +
      'Stop that one first, or set WHATSAPP_SESSION_DIR to another directory.',
  )
}
