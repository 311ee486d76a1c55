import { createHash } from 'node:crypto'

/** The SHA-256 of what comes, in hex, and how much came. */
export async function sha256Of(
  content: AsyncIterable<Uint8Array>,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of content) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { sha256: hash.digest('hex'), bytes }
}

/** The same of a text, as UTF-8. */
export const sha256OfText = (text: string): string => createHash('sha256').update(text).digest('hex')
