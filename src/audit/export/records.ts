import { pipeline, Readable } from 'node:stream'
import type { Options } from 'csv-parse'
import { isSystemError } from '../../kernel/problem.ts'
import { FileError } from './file-error.ts'

/** One text for each entry of an export: of a CSV, its cells as JSON. @throws {FileError} for what is none. */
export async function* recordsOf(
  format: 'json' | 'jsonl' | 'csv',
  lines: AsyncIterable<string>,
): AsyncGenerator<string> {
  if (format === 'jsonl') yield* lines
  else if (format === 'json') yield* jsonRecords(lines)
  else for await (const cells of csvRecords(lines, { from: 2 })) yield JSON.stringify(cells)
}

/** An array with one entry a line. */
async function* jsonRecords(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let isOpen = false
  for await (const line of lines) {
    const text = line.trimEnd()
    if (text === '[' || text === '[]') isOpen = true
    else if (isOpen && text !== ']') yield text.replace(/,$/, '')
  }
  if (!isOpen) throw new FileError('It is no JSON array.')
}

/** The cells of each record of a CSV (RFC 4180). */
export async function* csvRecords<Record = string[]>(
  lines: AsyncIterable<string>,
  options: Options = {},
): AsyncGenerator<Record> {
  // Loaded when it is needed: a bot never reads a CSV.
  const { parse } = await import('csv-parse')
  const parser = parse({ bom: true, max_record_size: 2 * 1024 * 1024, ...options })
  // What goes wrong in the lines, too, is thrown where the records are read; also where nobody reads on.
  parser.on('error', () => {})
  pipeline(Readable.from(inPieces(lines)), parser, () => {})
  try {
    yield* parser as AsyncIterable<Record>
  } catch (error) {
    if (error instanceof FileError || isSystemError(error)) throw error
    throw new FileError(`It is no CSV: ${(error as Error).message}.`)
  }
}

const PIECE = 64 * 1024

/** Many lines at once: a stream takes as long for an empty one as for many. */
async function* inPieces(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = ''
  for await (const line of lines) {
    piece += line
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  yield piece
}
