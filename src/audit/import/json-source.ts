import { FileError } from '../export/file-error.ts'
import { MAX_LINE, readLines } from '../export/read-lines.ts'
import { isObject, readExactly } from './exact-json.ts'
import type { SourceRecord } from './source-record.ts'

/** A document that is not written line by line is held in memory as a whole: up to so many characters. */
const MOST_AT_ONCE = 64 * 1024 * 1024

/** An entry in each line. */
export async function* lineSource(path: string): AsyncGenerator<SourceRecord> {
  for await (const { place, text } of filledLines(path)) yield recordOf(place, text)
}

/** Some call a file of lines `.json` too, DynamoDB among them. */
export async function* jsonSource(path: string): AsyncGenerator<SourceRecord> {
  const [first = '', second = ''] = await firstLines(path)
  if (isEntry(first)) yield* lineSource(path)
  else if (first === '[' && isEntry(second.replace(/[,\]]$/, ''))) yield* arraySource(path)
  else yield* documentSource(path)
}

async function* filledLines(path: string): AsyncGenerator<{ readonly place: string; readonly text: string }> {
  let number = 0
  for await (const line of readLines(path, { isCut: true })) {
    number++
    const text = line.trim()
    if (text !== '') yield { place: `line ${number}`, text: line.length > MAX_LINE ? line : text }
  }
}

/** How deep it is, is said of the entry that it is. */
function recordOf(place: string, text: string, length = MAX_LINE): SourceRecord {
  const read = readExactly(text, { levels: Infinity, length })
  return read.problem === undefined ? { place, value: read.value } : { place, problem: `it ${read.problem}` }
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

/** An array with one entry a line, as exports have it: what has no end was cut, however whole its lines are. */
async function* arraySource(path: string): AsyncGenerator<SourceRecord> {
  let state: 'before' | 'within' | 'ended' | 'followed' = 'before'
  for await (const { place, text } of filledLines(path)) {
    // Read on, as a .gz that was damaged is known at its end.
    if (state === 'ended' || state === 'followed') state = 'followed'
    else if (state === 'before') state = 'within'
    else if (text === ']') state = 'ended'
    else {
      const { isLast, record } = inArray(place, text)
      if (isLast) state = 'ended'
      yield record
    }
  }
  if (state === 'followed') throw new FileError('Something follows its list.')
  if (state !== 'ended') throw new FileError('It ends before its list does.')
}

/** An entry with the comma behind it, or the end of the list; an entry that was cut may look as if that came. */
function inArray(place: string, text: string): { readonly isLast: boolean; readonly record: SourceRecord } {
  const last = text.endsWith('}]') ? recordOf(place, text.slice(0, -1)) : undefined
  if (last !== undefined && last.problem === undefined) return { isLast: true, record: last }
  return { isLast: false, record: recordOf(place, text.replace(/,$/, '')) }
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
