import { hash } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { missing } from '../audit/durable-file.ts'
import { DAY } from '../kernel/clock.ts'

const MACHINE = hash('sha256', hostname(), 'hex').slice(0, 8)
/** With what SQLite may have put beside it. */
const PARTIAL = /^(.+)\.partial-([0-9a-f]{8})-([0-9]+)(?:-journal|-wal|-shm)?$/

/** What a file is called until it is complete: it says whose it is, so that nobody takes it from who still writes it. */
export const partialOf = (path: string): string => `${path}.partial-${MACHINE}-${process.pid}`

/** Removes a partial file and what SQLite may have put beside it. */
export async function removePartial(partial: string): Promise<void> {
  for (const end of ['-journal', '-wal', '-shm', '']) await rm(`${partial}${end}`, { recursive: true, force: true })
}

export interface Leftover {
  readonly path: string
  /** What the file would have been called. */
  readonly wouldBe: string
}

/**
 * What killed processes left in a directory of files whose names would have matched `names`. Which processes there are on
 * another machine nobody knows here: what comes from one, or whose process number belongs to somebody again, counts as
 * left when it has not been touched for a day.
 */
export async function leftovers(directory: string, names: RegExp): Promise<Leftover[]> {
  const found: Leftover[] = []
  for (const name of await readdir(directory).catch(missing<string[]>([]))) {
    const [, wouldBe = '', machine, pid] = PARTIAL.exec(name) ?? []
    const path = join(directory, name)
    if (names.test(wouldBe) && ((machine === MACHINE && !isRunning(Number(pid))) || (await isOld(path))))
      found.push({ path, wouldBe })
  }
  return found
}

async function isOld(path: string): Promise<boolean> {
  const touched = await stat(path).then(({ mtimeMs }) => mtimeMs, missing(Number.NaN))
  return Date.now() - touched > DAY
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // Somebody else's may not be signalled, but is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
