import { isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'
import { FileError } from './file-error.ts'

/** So many bytes say how a text is written. */
const LOOKED_AT = 4096

/**
 * Bytes as text, piece by piece: UTF-8, or UTF-16 as its byte order mark or its zeros say. Without the mark.
 * @throws {FileError} for anything else; of UTF-8, with the number of the line that is none.
 */
export async function* decoded(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined
  let before: Buffer = Buffer.alloc(0)
  let line = 1
  for await (const chunk of wholeBeginning(bytes)) {
    decoder ??= decoderFor(chunk)
    let text: string
    try {
      text = decoder.decode(chunk, { stream: true })
    } catch {
      throw notText(line + linesBeforeFault(before, chunk), decoder)
    }
    before = Buffer.concat([before, chunk.subarray(-3)]).subarray(-3)
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) line++
    yield text
  }
  try {
    yield decoder?.decode() ?? ''
  } catch {
    throw notText(line, decoder)
  }
}

/** The same pieces, the first of them large enough to tell by. */
async function* wholeBeginning(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let begun: Buffer | undefined = Buffer.alloc(0)
  for await (const piece of bytes) {
    if (begun === undefined) yield piece
    else {
      begun = Buffer.concat([begun, piece])
      if (begun.length < LOOKED_AT) continue
      yield begun
      begun = undefined
    }
  }
  if (begun !== undefined && begun.length > 0) yield begun
}

function decoderFor(beginning: Buffer): TextDecoder {
  const marked = beginning.toString('latin1', 0, 4)
  if (marked.startsWith('\x1f\x8b')) throw new FileError('It looks like a .gz: give it a name that ends so.')
  if (marked === '\xff\xfe\0\0' || marked === '\0\0\xfe\xff') throw new FileError('It is UTF-32: save it as UTF-8.')
  if (marked.startsWith('\xff\xfe')) return strict('utf-16le')
  if (marked.startsWith('\xfe\xff')) return strict('utf-16be')
  // Without a mark, as RFC 4627, section 3, tells it: what a log begins with is ASCII.
  if (/^[^\0]\0[^\0]\0/.test(marked)) return strict('utf-16le')
  if (/^\0[^\0]\0[^\0]/.test(marked)) return strict('utf-16be')
  const zeros = beginning.subarray(0, LOOKED_AT).filter((byte) => byte === 0).length
  if (zeros * 10 > Math.min(beginning.length, LOOKED_AT))
    throw new FileError('It is no text, or UTF-16 without a byte order mark: save it as UTF-8.')
  return strict('utf-8')
}

const strict = (encoding: string) => new TextDecoder(encoding, { fatal: true })

const notText = (line: number, decoder: TextDecoder | undefined): FileError =>
  new FileError(
    decoder?.encoding === 'utf-8'
      ? `line ${line}: it is not UTF-8; save it as UTF-8.`
      : 'It is UTF-16 that is damaged or cut off: save it as UTF-8.',
  )

/** How many lines end in a piece before what is no text in it; `before`: what comes before it, which is. */
function linesBeforeFault(before: Buffer, chunk: Buffer): number {
  let start = 0
  for (let lines = 0; ; lines++) {
    const end = chunk.indexOf('\n', start) + 1
    const line = chunk.subarray(start, end === 0 ? chunk.length : end)
    if (end === 0 || !isUtf8(lines === 0 ? Buffer.concat([unfinished(before), line]) : line)) return lines
    start = end
  }
}

/** The bytes at the end of what was read that begin a character which is still to end. */
function unfinished(piece: Buffer): Buffer {
  const ends = [3, 2, 1].map((length) => piece.subarray(Math.max(0, piece.length - length)))
  return ends.find((end) => (end[0] ?? 0) >= 0xc0 && !isUtf8(end)) ?? Buffer.alloc(0)
}
