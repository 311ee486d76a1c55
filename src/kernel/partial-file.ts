import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isAbandoned, WRITER } from './abandoned.ts'
import { newId } from './ids.ts'

const NAME = /\.([0-9a-f]{8})-(\d+)-[0-9a-f-]{36}\.partial/

/** Where to write what gets this name when it is complete. One process may write it twice at once. */
export const partialPath = (path: string): string => `${path}.${WRITER}-${newId()}.partial`

/** Removes what processes left in this directory that were killed while they wrote `path`, or any file if none is named. */
export async function removeAbandoned(directory: string, path?: string): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    const [, machine, pid] = NAME.exec(name) ?? []
    if (machine === undefined || (path !== undefined && !name.startsWith(`${basename(path)}.`))) continue
    const file = join(directory, name)
    if (await isAbandoned(file, machine, pid)) await rm(file, { force: true })
  }
}

export const removeAbandonedOf = (path: string): Promise<void> => removeAbandoned(dirname(path), path)
