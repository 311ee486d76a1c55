import { csvRecords } from './csv-records.ts'
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
