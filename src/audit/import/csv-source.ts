import { plainLine } from '../../kernel/plain-text.ts'
import { cellText } from '../export/csv-cell.ts'
import { FileError } from '../export/file-error.ts'
import { readLines } from '../export/read-lines.ts'
import { csvRecords } from '../export/records.ts'
import { dialectOf } from './csv-dialect.ts'
import type { SourceRecord } from './source-record.ts'

const MOST_COLUMNS = 1000

/** Each line as an object by the names in the header; an empty cell is none, and a line of such is an empty line. */
export async function* csvSource(path: string): AsyncGenerator<SourceRecord> {
  const { delimiter, header } = await dialectOf(readLines(path))
  const options = { delimiter, line: header, isRagged: true }
  let names: readonly string[] | undefined
  for await (const { cells, line } of csvRecords(fromLine(readLines(path), header), options)) {
    if (cells.length > MOST_COLUMNS) throw new FileError(`It has more than ${MOST_COLUMNS} columns.`)
    if (cells.every(isEmpty)) continue
    if (names === undefined) names = namesIn(cells)
    else yield { place: `line ${line}`, ...byName(names, cells) }
  }
}

async function* fromLine(lines: AsyncIterable<string>, first: number): AsyncGenerator<string> {
  let number = 0
  for await (const line of lines) if (++number >= first) yield line
}

const isEmpty = (cell: string): boolean => cell.trim() === ''

/** Of two columns of one name nobody can tell which one is meant. */
function namesIn(header: readonly string[]): readonly string[] {
  const names = header.map((name) => name.trim())
  const twice = names.find((name, index) => name !== '' && names.indexOf(name) !== index)
  if (twice !== undefined) throw new FileError(`It has two columns that are called ${plainLine(twice, 100)}.`)
  return names
}

function byName(names: readonly string[], cells: readonly string[]): Pick<SourceRecord, 'value' | 'problem'> {
  if (cells.length !== names.length)
    return { problem: `it has ${cells.length} cells, and the header has ${names.length}` }
  const nameless = cells.findIndex((cell, index) => names[index] === '' && !isEmpty(cell))
  if (nameless >= 0) return { problem: `column ${nameless + 1} has no name in the header` }
  const texts = names.map((name, index) => [name, cellText(cells[index] ?? '')] as const)
  return { value: Object.fromEntries(texts.filter(([name, text]) => name !== '' && text !== '')) }
}
