import type { Client } from 'pg'
import type { Cell } from '../database.ts'
import { copyInto } from './copy-into.ts'
import type { TableShape } from './table-shapes.ts'

/** Adds rows to a table by COPY, all or none of them: ten times as fast as INSERT. */
export function copyRows(client: Client, table: TableShape, rows: readonly (readonly unknown[])[]): Promise<void> {
  const cells = rows.map((row) => table.columns.map(({ type }, index) => cellOf(type, row[index])))
  return copyInto(
    client,
    table.name,
    table.columns.map(({ name }) => name),
    cells,
  )
}

/** What a snapshot gives, as the column has it. */
function cellOf(type: string, value: unknown): Cell {
  if (value === null || value === undefined) return null
  if (Buffer.isBuffer(value)) return value
  if (type.startsWith('timestamp')) return new Date(Number(value))
  if (type === 'boolean') return value ? 't' : 'f'
  return String(value)
}
