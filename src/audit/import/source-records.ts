import { cellText } from '../export/csv-cell.ts'
import { FileError } from '../export/file-error.ts'
import { MAX_LINE, readLines } from '../export/read-lines.ts'
import { csvRecords } from '../export/records.ts'
import { dialectOf } from './csv-dialect.ts'
import { isObject, readExactly } from './exact-json.ts'

export type SourceFormat = 'jsonl' | 'json' | 'csv'

/** One entry of a file and where it stands; a `problem` in place of what could not be read. */
export interface SourceRecord {
  readonly place: string
  readonly value?: unknown
  readonly problem?: string
}

/** A document that is not written line by line is held in memory as a whole: up to so many characters. */
const MOST_AT_ONCE = 64 * 1024 * 1024

/** What a file holds, one after another. @throws {FileError} for what is not of that format. */
export async function* sourceRecords(path: string, format: SourceFormat): AsyncGenerator<SourceRecord> {
  if (format === 'csv') yield* csvSource(path)
  else if (format === 'jsonl') yield* lineSource(path)
  else yield* jsonSource(path)
}

async function* lineSource(path: string): AsyncGenerator<SourceRecord> {
  let number = 0
  for await (const line of readLines(path, { isCut: true })) {
    number++
    if (line.trim() !== '') yield recordOf(`line ${number}`, line)
  }
}

/** How deep it is, is said of the entry that it is. */
function recordOf(place: string, text: string, length = MAX_LINE): SourceRecord {
  const read = readExactly(text, { levels: Infinity, length })
  return read.problem === undefined ? { place, value: read.value } : { place, problem: `it ${read.problem}` }
}

/** Some call a file of lines `.json` too, DynamoDB among them. */
async function* jsonSource(path: string): AsyncGenerator<SourceRecord> {
  const [first = '', second = ''] = await firstLines(path)
  if (isEntry(first)) yield* lineSource(path)
  else if (first === '[' && isEntry(second.replace(/,$/, ''))) yield* arraySource(path)
  else yield* documentSource(path)
}

async function firstLines(path: string): Promise<string[]> {
  const found: string[] = []
  for await (const line of readLines(path, { maxLine: MOST_AT_ONCE }))
    if (line.trim() !== '' && found.push(line.trim()) === 2) break
  return found
}

function isEntry(text: string): boolean {
  if (!(text.startsWith('{') && text.endsWith('}'))) return false
  const { value } = recordOf('', text, MOST_AT_ONCE)
  return isObject(value) && listIn(value) === undefined
}

/** An array with one entry a line, as exports have it. */
async function* arraySource(path: string): AsyncGenerator<SourceRecord> {
  let number = 0
  for await (const line of readLines(path, { isCut: true })) {
    number++
    const text = line.trim()
    if (text !== '' && text !== '[' && text !== ']') yield recordOf(`line ${number}`, text.replace(/,$/, ''))
  }
}

async function* documentSource(path: string): AsyncGenerator<SourceRecord> {
  let text = ''
  for await (const line of readLines(path, { maxLine: MOST_AT_ONCE })) {
    text += line
    if (text.length > MOST_AT_ONCE) throw new FileError('It is too large for JSON that is not one entry a line.')
  }
  const { value, problem } = recordOf('', text, MOST_AT_ONCE)
  if (problem !== undefined) throw new FileError('It is no JSON.')
  const list = listIn(value)
  if (list === undefined) throw new FileError('It is no JSON array.')
  for (const [index, value] of list.entries()) yield { place: `entry ${index + 1}`, value }
}

/** Lists of entries: an array, what an audit API answers, what a query of DynamoDB answers. */
function listIn(value: unknown): readonly unknown[] | undefined {
  const list = isObject(value) ? (value.logs ?? value.Items) : value
  return Array.isArray(list) ? list : undefined
}

const MOST_COLUMNS = 1000

interface CsvRecord {
  readonly record: readonly string[]
  /** How many lines were read up to its end. */
  readonly info: { readonly lines: number }
}

/** Each line as an object by the names in the header; an empty cell is none. */
async function* csvSource(path: string): AsyncGenerator<SourceRecord> {
  const { delimiter, from_line } = dialectOf(await firstLines(path))
  const options = { info: true, relax_column_count: true, skip_empty_lines: true, delimiter, from_line }
  let names: readonly string[] | undefined
  let line = from_line
  for await (const { record, info } of csvRecords<CsvRecord>(readLines(path), options)) {
    const place = `line ${line}`
    line = info.lines + 1
    if (record.length > MOST_COLUMNS) throw new FileError(`It has more than ${MOST_COLUMNS} columns.`)
    if (names === undefined) names = record.map((name) => name.trim())
    else if (record.length === names.length) yield { place, value: byName(names, record) }
    else yield { place, problem: `it has ${record.length} cells, and the header has ${names.length}` }
  }
}

const byName = (names: readonly string[], cells: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.map((name, index) => [name, cellText(cells[index] ?? '')] as const).filter(([, text]) => text !== ''),
  )
