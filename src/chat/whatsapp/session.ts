import { lstatSync, readlinkSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import type { Logger } from '../../kernel/log.ts'
import { CannotStart } from './cannot-start.ts'
import { SessionLock } from './lock.ts'
import { browsersOn, endProcess } from './processes.ts'
import type { Timings } from './timings.ts'

/** The directory with the keys of the linked device. It is never emptied but after a logout, when the keys are void. */
export class Session {
  readonly directory: string
  /** Where the library's LocalAuth keeps the browser's profile. */
  readonly #profile: string
  readonly #lock: SessionLock
  readonly #timings: Timings
  readonly #log: Logger

  private constructor(directory: string, lock: SessionLock, timings: Timings, log: Logger) {
    this.directory = directory
    this.#profile = join(directory, 'session')
    this.#lock = lock
    this.#timings = timings
    this.#log = log
  }

  /**
   * Makes the directory this process's own. `onLost` is called if another process took it over nevertheless.
   * @throws {CannotStart} if it can't be written, or belongs to another process.
   */
  static async open(path: string, timings: Timings, log: Logger, onLost: () => void): Promise<Session> {
    const directory = resolve(path)
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      return new Session(directory, await SessionLock.take(directory, timings.lock, log, onLost), timings, log)
    } catch (error) {
      if (error instanceof CannotStart) throw error
      const problem = (error as NodeJS.ErrnoException).code ?? String(error)
      const help = 'Make it writable for this user, or set WHATSAPP_SESSION_DIR to another directory.'
      throw new CannotStart(`The WhatsApp session directory ${directory} cannot be written (${problem}). ${help}`, {
        cause: error,
      })
    }
  }

  /** Before each launch: Chromium refuses a profile that a browser still uses, or seems to. */
  async prepare(): Promise<void> {
    await this.endBrowsers()
    await this.#clearSingletonLock()
  }

  /** Ends what a process that was killed has left, or what was killed while it was being launched. */
  async endBrowsers(): Promise<void> {
    for (const pid of browsersOn(this.#profile)) {
      this.#log.warn({ pid }, 'WhatsApp: ending a browser that was left over on this session')
      await endProcess(pid, this.#timings.close)
    }
  }

  /** After a logout. */
  async forget(): Promise<void> {
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }

  close(): void {
    this.#lock.release()
  }

  /** Chromium's own lock is a symbolic link to `host-pid`, and it never takes one of another host for stale. */
  async #clearSingletonLock(): Promise<void> {
    const lock = join(this.#profile, 'SingletonLock')
    if (!lstatSync(lock, { throwIfNoEntry: false })?.isSymbolicLink()) return
    const holder = readlinkSync(lock)
    const [, host, pid] = /^(.*)-(\d+)$/.exec(holder) ?? []
    // Our own lock says that no other process is at work here. A process with that id is something else by now.
    if (host === hostname() && browsersOn(this.#profile).includes(Number(pid))) return
    this.#log.warn({ holder }, 'WhatsApp: clearing the lock of a browser that is gone')
    const names = ['SingletonLock', 'SingletonCookie', 'SingletonSocket']
    await Promise.all(names.map((name) => rm(join(this.#profile, name), { force: true })))
  }
}
