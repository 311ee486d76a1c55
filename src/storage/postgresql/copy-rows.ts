import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Cell } from '../database.ts'
import { copyLines } from './copy-text.ts'
import type { TableColumn, TableShape } from './table-shapes.ts'

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
    const part = rows.slice(from, from + ROWS_A_PIECE)
    yield copyLines(part.map((row) => columns.map(({ type }, index) => cellOf(type, row[index]))))
  }
}

/** What a snapshot gives, as the column has it. */
function cellOf(type: string, value: unknown): Cell {
  if (value === null || value === undefined) return null
  if (Buffer.isBuffer(value)) return value
  if (type.startsWith('timestamp')) return new Date(Number(value))
  if (type === 'boolean') return value ? 't' : 'f'
  return String(value)
}
