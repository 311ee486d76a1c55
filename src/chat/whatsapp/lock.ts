import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { objectIn } from '../../kernel/json.ts'
import type { Logger } from '../../kernel/log.ts'
import { CannotStart } from './cannot-start.ts'
import { LockFile } from './lock-file.ts'
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
  readonly #file: LockFile
  readonly #own: string
  readonly #timer: NodeJS.Timeout

  private constructor(file: LockFile, own: string, beat: number, onLost: () => void) {
    this.#file = file
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
    const file = lockIn(directory)
    const own = JSON.stringify(self())
    while (!file.create(own)) {
      const found = file.read()
      if (found === undefined) continue
      if (await isHeld(file, found, timings.watch)) throw inUse(directory, found)
      log.warn({ holder: parse(found) }, 'WhatsApp: the session directory was left locked by a process that is gone')
      if (!file.takeAway(found)) throw inUse(directory, file.read() ?? found)
    }
    return new SessionLock(file, own, timings.beat, onLost)
  }

  release(): void {
    clearInterval(this.#timer)
    try {
      if (this.#file.read() === this.#own) this.#file.remove()
    } catch {
      // A directory that can't be read any more keeps a stale lock, which the next process sees through.
    }
  }

  /** Whether it is still ours. A file system that fails for a while takes nothing away from us. */
  #beats(): boolean {
    try {
      const content = this.#file.read()
      const isOurs = content === undefined ? this.#file.create(this.#own) : content === this.#own
      if (isOurs) this.#file.touch()
      return isOurs
    } catch {
      return true
    }
  }
}

const lockIn = (directory: string): LockFile => new LockFile(join(directory, 'chatwarden.lock'))

function self(): Holder {
  const { pid } = process
  return { pid, machine: machine(), started: startOf(pid), since: new Date().toISOString() }
}

async function isHeld(file: LockFile, content: string, watch: number): Promise<boolean> {
  const holder = parse(content)
  if (holder?.machine === machine()) return isAlive(holder.pid) && startOf(holder.pid) === holder.started
  const seen = file.touched()
  for (let waited = 0; waited < watch; waited += 100) {
    await sleep(100)
    if (file.touched() !== seen) return file.touched() !== 0
  }
  return false
}

/** `undefined` where it is half written: its writer is at it right now, or died doing so. */
const parse = (content: string): Holder | undefined => objectIn(content) as Holder | undefined

/** Who holds the session directory, as an operator reads it; `undefined` if nobody does. */
export async function holderOf(directory: string, watch: number): Promise<string | undefined> {
  const file = lockIn(directory)
  const found = file.read()
  return found === undefined || !(await isHeld(file, found, watch)) ? undefined : describe(found)
}

function describe(content: string): string {
  const { pid, machine: where = 'an unknown machine', since = 'an unknown time' } = parse(content) ?? {}
  return `process ${pid ?? '?'} on ${where}, since ${since}`
}

function inUse(directory: string, content: string): CannotStart {
  return new CannotStart(
    `The WhatsApp session in ${directory} is in use by ${describe(content)}. ` +
      'Stop that one first, or set WHATSAPP_SESSION_DIR to another directory.',
  )
}
