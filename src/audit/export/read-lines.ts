import { createReadStream, existsSync } from 'node:fs'
import { MOST_TEXT } from '../../kernel/json.ts'
import { mustBeFile } from '../../kernel/must-be-file.ts'
import { isSystemError } from '../../kernel/problem.ts'
import { decoded } from './decoded.ts'
import { FileError } from './file-error.ts'
import { unpacked } from './unpacked.ts'

/** No line that was written here is longer: an entry has 65,535 bytes at most, and its metadata stands twice in a line. */
export const MAX_LINE = MOST_TEXT

export interface HowToRead {
  /** Else the name says so (`.gz`). */
  readonly isGzip?: boolean
  /** What somebody trusted signed may be packed however tightly. */
  readonly isSigned?: boolean
  /** Characters. */
  readonly maxLine?: number
  /** A longer line is cut after one character more, by which it is known, rather than that nothing can be read. */
  readonly isCut?: boolean
}

/**
 * The lines of a file with their line ends, decompressed where that is said, or else its name says so.
 * @throws {FileError} for what is no gzip although it should be, no text, packs more than any log, or has a line that nobody wrote.
 */
export async function* readLines(
  path: string,
  { isGzip = path.endsWith('.gz'), isSigned = false, maxLine = MAX_LINE, isCut = false }: HowToRead = {},
): AsyncGenerator<string> {
  const bytes = isGzip ? unpacked(readJoined(path), { isSigned }) : readJoined(path)
  let number = 1
  let pieces: string[] = []
  let length = 0
  // Piece by piece, as a text that grows at its end would be copied with each.
  const add = (piece: string) => {
    const left = maxLine + 1 - length
    length += piece.length
    if (length > maxLine && !isCut) throw new FileError(`Line ${number} is longer than ${maxLine} characters.`)
    if (left > 0) pieces.push(piece.length > left ? piece.slice(0, left) : piece)
  }
  try {
    for await (const text of decoded(bytes)) {
      const lines = text.split('\n')
      const rest = lines.pop() ?? ''
      for (const line of lines) {
        if (length > 0 || line.length > maxLine) {
          add(line)
          yield `${pieces.join('')}\n`
          pieces = []
          length = 0
        } else yield `${line}\n`
        number++
      }
      add(rest)
    }
  } catch (error) {
    if (error instanceof FileError || isSystemError(error)) throw error
    throw new FileError(`It cannot be read: it is no whole .gz (${(error as Error).message}).`)
  }
  if (length > 0) yield pieces.join('')
}

/** The content of a file, or of its numbered parts (`.001`, `.002`, …) where only they are there. */
export async function* readJoined(path: string): AsyncGenerator<Buffer> {
  for (const file of filesOf(path)) {
    mustBeFile(file)
    yield* createReadStream(file, { highWaterMark: 256 * 1024 })
  }
}

function filesOf(path: string): string[] {
  const part = (n: number) => `${path}.${String(n).padStart(3, '0')}`
  if (existsSync(path) || !existsSync(part(1))) return [path]
  const parts: string[] = []
  for (let n = 1; existsSync(part(n)); n++) parts.push(part(n))
  return parts
}
