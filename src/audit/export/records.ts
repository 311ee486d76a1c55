import { pipeline, Readable } from 'node:stream'
import { isSystemError } from '../../kernel/problem.ts'
import { FileError } from './file-error.ts'

/** One text for each entry of an export: of a CSV, its cells as JSON. @throws {FileError} for what is none. */
export async function* recordsOf(
  format: 'json' | 'jsonl' | 'csv',
  lines: AsyncIterable<string>,
): AsyncGenerator<string> {
  if (format === 'jsonl') yield* lines
  else if (format === 'json') yield* jsonRecords(lines)
  else yield* csvTexts(lines)
}

/** An array with one entry a line. */
async function* jsonRecords(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let state: 'before' | 'within' | 'after' = 'before'
  for await (const line of lines) {
    const text = line.trimEnd()
    if (state === 'before' && (text === '[' || text === '[]')) state = text === '[' ? 'within' : 'after'
    else if (state === 'within' && text === ']') state = 'after'
    else if (state === 'within') yield text.replace(/,$/, '')
    else if (text !== '')
      throw new FileError(state === 'before' ? 'It is no JSON array.' : 'Something follows its list.')
  }
  if (state === 'before') throw new FileError('It is no JSON array.')
  if (state === 'within') throw new FileError('It ends before its list does.')
}

/** Without the header. */
async function* csvTexts(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let isHeader = true
  for await (const { cells } of csvRecords(lines)) {
    if (!isHeader) yield JSON.stringify(cells)
    isHeader = false
  }
}

interface CsvRecord {
  readonly cells: readonly string[]
  /** Where it begins, from 1: a quoted cell may hold line ends. */
  readonly line: number
}

interface HowCsvIsWritten {
  readonly delimiter?: string
  /** The number of the first line that is given. */
  readonly line?: number
  /** Not every record needs as many cells as the first. */
  readonly isRagged?: boolean
}

/** What csv-parse finds, without its own count of lines, in which a line end within quotes may be two. */
const PROBLEMS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed',
  CSV_INVALID_CLOSING_QUOTE: 'something stands between a closing quote and the end of the cell',
  INVALID_OPENING_QUOTE: 'a quote stands in a cell that does not begin with it',
  CSV_MAX_RECORD_SIZE: 'an entry is longer than 2 MiB, or a quote is never closed',
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'it has not as many cells as the first line',
}

/** The cells of each record of a CSV (RFC 4180), of an empty line one that is empty. @throws {FileError} for what is none. */
export async function* csvRecords(
  lines: AsyncIterable<string>,
  { delimiter = ',', line: first = 1, isRagged = false }: HowCsvIsWritten = {},
): AsyncGenerator<CsvRecord> {
  let next = first
  // Called as each is read, so that where reading ends, it is known which came last.
  const placed = ({ record, raw }: { readonly record: readonly string[]; readonly raw: string }): CsvRecord => {
    const line = next
    next += raw.slice(0, -1).split('\n').length
    return { cells: record, line }
  }
  // Loaded when it is needed: a bot never reads a CSV.
  const { parse } = await import('csv-parse')
  const parser = parse({
    bom: true,
    max_record_size: 2 * 1024 * 1024,
    record_delimiter: ['\r\n', '\n', '\r'],
    raw: true,
    delimiter,
    relax_column_count: isRagged,
    on_record: placed as never,
  })
  // What goes wrong in the lines, too, is thrown where the records are read; also where nobody reads on.
  parser.on('error', () => {})
  pipeline(Readable.from(inPieces(lines)), parser, () => {})
  try {
    yield* parser as AsyncIterable<CsvRecord>
  } catch (error) {
    if (error instanceof FileError || isSystemError(error)) throw error
    const { code = '', message } = error as NodeJS.ErrnoException
    throw new FileError(`It is no CSV: line ${next}: ${PROBLEMS[code] ?? message}.`)
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
