import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { TableColumn, TableShape } from './table-shapes.ts'
import { timeText } from './time-text.ts'

/** So many rows are handed on as one text. */
const ROWS_A_PIECE = 250

/** Adds rows to a table by COPY, all or none of them: ten times as fast as INSERT. */
export async function copyRows(client: Client, table: TableShape, rows: readonly (readonly unknown[])[]) {
  const columns = table.columns.map(({ name }) => `"${name}"`).join(', ')
  const stream = client.query(copyFrom(`COPY "${table.name}" (${columns}) FROM STDIN`))
  await pipeline(Readable.from(pieces(table.columns, rows)), stream)
}

function* pieces(columns: readonly TableColumn[], rows: readonly (readonly unknown[])[]): Generator<string> {
  for (let from = 0; from < rows.length; from += ROWS_A_PIECE) {
    let text = ''
    for (const row of rows.slice(from, from + ROWS_A_PIECE))
      text += `${columns.map(({ type }, index) => field(type, row[index])).join('\t')}\n`
    yield text
  }
}

/** A value in COPY's own text format. */
function field(type: string, value: unknown): string {
  if (value === null || value === undefined) return '\\N'
  if (Buffer.isBuffer(value)) return `\\\\x${value.toString('hex')}`
  if (type.startsWith('timestamp')) return timeText(new Date(Number(value)))
  if (type === 'boolean') return value ? 't' : 'f'
  return String(value).replace(/[\\\n\r\t]/g, (sign) => ESCAPES[sign] ?? sign)
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }
