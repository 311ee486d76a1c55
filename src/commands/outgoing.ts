import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { missing } from '../kernel/durable-file.ts'

/** Files made for one answer, each in a folder of its own, so that it can have the name the receiver sees. */
export class Outgoing {
  readonly #directory: string
  readonly #folders: string[] = []

  constructor(directory: string) {
    this.#directory = directory
  }

  async file(name: string): Promise<string> {
    const folder = join(this.#directory, randomUUID())
    await mkdir(folder, { recursive: true, mode: 0o700 })
    this.#folders.push(folder)
    return join(folder, name)
  }

  /** Removes what was made: the answer does not hand it over after all. */
  async discard(): Promise<void> {
    await Promise.all(this.#folders.map((folder) => rm(folder, { recursive: true, force: true })))
  }
}

/** Removes a file that is not handed over after all, with its folder and what lies beside it there. */
export const removeOutgoing = (path: string): Promise<void> => rm(dirname(path), { recursive: true, force: true })

/** Removes what a process that was killed left behind: folders last changed before `before` (ms). */
export async function removeStale(directory: string, before: number): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    const folder = join(directory, name)
    // Other processes hand theirs over meanwhile.
    const found = await stat(folder).catch(missing(undefined))
    if (found !== undefined && found.mtimeMs < before) await rm(folder, { recursive: true, force: true })
  }
}
