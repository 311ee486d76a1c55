import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterFailure } from './after-failure.ts'
import { newId } from './ids.ts'
import { mustBeReplaceable } from './must-be-replaceable.ts'

/** The file is there as a whole, on the disk and with its name, when it resolves; or it is not there. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const directory = dirname(path)
  await makeDirectory(directory)
  mustBeReplaceable(path)
  const temporary = join(directory, `${newId()}.tmp`)
  try {
    await writeDurably(temporary, text)
    await rename(temporary, path)
  } catch (error) {
    await afterFailure(error, () => rm(temporary, { force: true }))
  }
  await syncDirectory(directory)
}

/** The directory is there, for its owner alone if it was made, with its name on the disk. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 })
  if (first !== undefined) await syncDirectory(dirname(path))
}

/** A new file, on the disk when it resolves. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** What was written to a file is on the disk when it resolves. */
export const syncFile = (path: string): Promise<void> => sync(path, 'r+')

/** The names in a directory are on the disk when it resolves. */
export const syncDirectory = (path: string): Promise<void> => sync(path, 'r')

async function sync(path: string, flags: string): Promise<void> {
  const file = await open(path, flags)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** What a file takes on the disk at least. */
const BLOCK_BYTES = 4096

export const sizeOnDisk = (bytes: number): number => Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES

export const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** What to take for a file that is not there. */
export const missing =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (isMissing(error)) return instead
    throw error
  }
