import type { Cell } from '../contract.ts'
import { timeText } from './time-text.ts'

const SPECIAL = /[\\\t\n\r]/
const ALL_SPECIAL = /[\\\t\n\r]/g
const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** So many rows are one piece of text. */
const ROWS_A_PIECE = 100

/**
 * Rows in the text format of COPY, some at a time: cheaper to make than parameters, and for the server to read, which
 * writes a piece while the next one is made.
 */
export function* copyPieces(rows: Iterable<readonly Cell[]>): Generator<string> {
  let text = ''
  let count = 0
  // Rows that are written together often have the same time.
  let last = { time: Number.NaN, text: '' }
  const momentText = (moment: Date): string => {
    const time = moment.getTime()
    if (time !== last.time) last = { time, text: timeText(moment) }
    return last.text
  }
  for (const row of rows) {
    let separator = ''
    for (const cell of row) {
      text += separator + (cell instanceof Date ? momentText(cell) : cellText(cell))
      separator = '\t'
    }
    text += '\n'
    if (++count % ROWS_A_PIECE > 0) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}

function cellText(cell: Exclude<Cell, Date>): string {
  if (cell === null) return '\\N'
  if (typeof cell === 'string')
    return SPECIAL.test(cell) ? cell.replace(ALL_SPECIAL, (found) => ESCAPED[found] ?? found) : cell
  if (typeof cell === 'number') return String(cell)
  return `\\\\x${Buffer.from(cell.buffer, cell.byteOffset, cell.byteLength).toString('hex')}`
}
