import { hash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { DAY } from './clock.ts'

const MACHINE = hash('sha256', hostname(), 'hex').slice(0, 8)

/** Who writes here, as the name of a file says that is not complete: a hash of the machine's name, and the process. */
export const WRITER = `${MACHINE}-${process.pid}`

/**
 * Whether nobody writes a file any more whose name says whose it is. Which processes there are on another machine
 * nobody knows here: what comes from one, or whose process number belongs to somebody again, counts as abandoned when
 * it has not been touched for a day.
 */
export async function isAbandoned(
  path: string,
  machine: string | undefined,
  pid: string | undefined,
): Promise<boolean> {
  return (machine === MACHINE && !isRunning(Number(pid))) || (await isOld(path))
}

async function isOld(path: string): Promise<boolean> {
  // What is gone in the meantime is nobody's to remove.
  const touched = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Number.NaN,
  )
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
