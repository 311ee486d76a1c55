import { hash } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { newId } from '../kernel/ids.ts'

/** Who writes on another machine cannot be asked; who has not written for this long is gone. In ms. */
const SILENCE = 10 * 60_000

const HOST = hash('sha256', hostname(), 'hex').slice(0, 8)
const NAME = /\.([0-9a-f]{8})-(\d+)-[0-9a-f-]{36}\.partial/

/** Where to write what gets this name when it is complete. */
export const partialPath = (path: string): string => `${path}.${HOST}-${process.pid}-${newId()}.partial`

/** Removes what processes left in this directory that were killed while they wrote `path`, or any file if none is named. */
export async function removeAbandoned(directory: string, path?: string): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    const [, host, pid] = NAME.exec(name) ?? []
    if (host === undefined || (path !== undefined && !name.startsWith(`${basename(path)}.`))) continue
    const file = join(directory, name)
    const isAbandoned = host === HOST ? !isAlive(Number(pid)) : await isSilent(file)
    if (isAbandoned) await rm(file, { force: true })
  }
}

export const removeAbandonedOf = (path: string): Promise<void> => removeAbandoned(dirname(path), path)

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function isSilent(file: string): Promise<boolean> {
  const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Date.now() }))
  return Date.now() - mtimeMs > SILENCE
}
