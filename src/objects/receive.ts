import { createWriteStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterFailure } from '../kernel/after-failure.ts'
import { newId } from '../kernel/ids.ts'

/** Under its name the file is there as a whole or not at all, and only its owner may read it. */
export async function receive(content: Readable, path: string): Promise<void> {
  const temporary = `${path}.${newId()}.tmp`
  try {
    await pipeline(content, createWriteStream(temporary, { flags: 'wx', mode: 0o600, flush: true }))
    await rename(temporary, path)
  } catch (error) {
    await afterFailure(error, () => rm(temporary, { force: true }))
  }
  const directory = await open(dirname(path))
  await directory.sync().finally(() => directory.close())
}
