import { randomUUID } from 'node:crypto'
import { linkSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { readSmallSync } from '../../kernel/small-text.ts'

/** A file that one process at a time can make: its content says which one, and its time of change that it lives. */
export class LockFile {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Whether it was made: `false` if it exists. */
  create(content: string): boolean {
    try {
      writeFileSync(this.#path, content, { flag: 'wx', mode: 0o600 })
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    }
  }

  read(): string | undefined {
    return read(this.#path)
  }

  touch(): void {
    const now = new Date()
    utimesSync(this.#path, now, now)
  }

  /** When it was touched last; 0 if it is gone. */
  touched(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.mtimeMs ?? 0
  }

  remove(): void {
    rmSync(this.#path, { force: true })
  }

  /** Of several that find the same stale lock, one moves it away. Whoever moved a newer one puts it back. */
  takeAway(stale: string): boolean {
    const aside = `${this.#path}.${randomUUID()}`
    try {
      renameSync(this.#path, aside)
    } catch {
      return true
    }
    const isStale = read(aside) === stale
    if (!isStale) linkSync(aside, this.#path)
    rmSync(aside)
    return isStale
  }
}

function read(path: string): string | undefined {
  try {
    return readSmallSync(path).toString('utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
