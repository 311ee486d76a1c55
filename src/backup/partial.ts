import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isAbandoned, WRITER } from '../kernel/abandoned.ts'
import { missing } from '../kernel/durable-file.ts'

/** With what SQLite may have put beside it. */
const PARTIAL = /^(.+)\.partial-([0-9a-f]{8})-([0-9]+)(?:-journal|-wal|-shm)?$/

/** What a file is called until it is complete: it says whose it is, so that nobody takes it from who still writes it. */
export const partialOf = (path: string): string => `${path}.partial-${WRITER}`

/** Removes a partial file and what SQLite may have put beside it. */
export async function removePartial(partial: string): Promise<void> {
  for (const end of ['-journal', '-wal', '-shm', '']) await rm(`${partial}${end}`, { recursive: true, force: true })
}

export interface Leftover {
  readonly path: string
  /** What the file would have been called. */
  readonly wouldBe: string
}

/** What killed processes left in a directory of files whose names would have matched `names`. */
export async function leftovers(directory: string, names: RegExp): Promise<Leftover[]> {
  const found: Leftover[] = []
  for (const name of await readdir(directory).catch(missing<string[]>([]))) {
    const [, wouldBe, machine, pid] = PARTIAL.exec(name) ?? []
    if (wouldBe === undefined || !names.test(wouldBe)) continue
    const path = join(directory, name)
    if (await isAbandoned(path, machine, pid)) found.push({ path, wouldBe })
  }
  return found
}
