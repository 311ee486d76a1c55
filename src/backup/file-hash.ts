import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

/** SHA-256 of a file, in hex. */
export async function hashOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** The hash in a file that `sha256sum` wrote; `undefined` where there is none. */
export const readHash = (text: string): string | undefined => /^\\?([0-9a-f]{64}) [ *]/i.exec(text)?.[1]?.toLowerCase()

/** What was written to a file is on the disk when it resolves. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
