import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { FileError } from './file-error.ts'

/** Whose lines differ at all is packed less tightly; gzip can pack to a thousandth. */
const MOST_PACKED = 100
/** Bytes that may come of however few. */
const FREE = 4 * 1024 * 1024

/**
 * What is packed in a gzip, piece by piece: the one place where something is unpacked.
 * Several one after another are one; anything else after one, zeros too, is an error.
 * @throws {FileError} where so much comes of so little that its work would have no measure; what was signed may.
 */
export async function* unpacked(
  packed: AsyncIterable<Buffer>,
  { isSigned }: { readonly isSigned: boolean },
): AsyncGenerator<Buffer> {
  let given = 0
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const piece of packed) {
      given += piece.length
      yield piece
    }
  }
  // What goes wrong is thrown where it is read, so nobody has to be called.
  const gunzip = createGunzip()
  const bytes: AsyncIterable<Buffer> = pipeline(counted(), gunzip, () => {})
  let size = 0
  for await (const piece of bytes) {
    size += piece.length
    if (!isSigned && size > FREE + MOST_PACKED * given)
      throw new FileError(
        `It unpacks to more than ${MOST_PACKED} times its size. If it is what it should be, unpack it first.`,
      )
    yield piece
  }
  // A zero is padding to it, at which it ends, whatever follows.
  if (gunzip.bytesWritten < given) throw new Error('something follows the .gz')
}
