import { closeSync, openSync, readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { mustBeFile } from './must-be-file.ts'
import { pathError } from './path-error.ts'

/** Bytes: keys, notes, hashes and locks are far smaller. */
const SMALL = 1024 * 1024

/**
 * The text of a file that others may have put there. No more than `most` bytes of it are read, whatever it is called and
 * whatever its size is said to be. @throws `EFBIG` where there are more, or the file system's own error.
 */
export async function readSmall(path: string, most = SMALL): Promise<string> {
  mustBeFile(path, { isBounded: true })
  const file = await open(path, 'r')
  try {
    const bytes: Buffer[] = []
    for (let size = 0; ; ) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(PIECE), 0, PIECE, null)
      if (bytesRead === 0) return Buffer.concat(bytes).toString('utf8')
      size += bytesRead
      if (size > most) throw tooLarge(path, most)
      bytes.push(buffer.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}

/** The bytes of such a file, at once. @throws as `readSmall` does. */
export function readSmallSync(path: string, most = SMALL): Buffer {
  mustBeFile(path, { isBounded: true })
  const file = openSync(path, 'r')
  try {
    const bytes: Buffer[] = []
    for (let size = 0; ; ) {
      const piece = Buffer.allocUnsafe(PIECE)
      const count = readSync(file, piece)
      if (count === 0) return Buffer.concat(bytes)
      size += count
      if (size > most) throw tooLarge(path, most)
      bytes.push(piece.subarray(0, count))
    }
  } finally {
    closeSync(file)
  }
}

const PIECE = 64 * 1024

const tooLarge = (path: string, most: number) => pathError(path, `is larger than ${most} bytes.`, 'EFBIG')

export const isTooLarge = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EFBIG'
