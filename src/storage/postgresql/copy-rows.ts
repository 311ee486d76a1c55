import type { Client } from 'pg'
import type { Cell } from '../contract.ts'
import { copyInto } from './copy-into.ts'
import type { TableShape } from './table-shapes.ts'

/** Adds rows as a snapshot gives them, all or none. */
export function copyRows(client: Client, table: TableShape, rows: readonly (readonly unknown[])[]): Promise<void> {
  const names = table.columns.map(({ name }) => name)
  return copyInto(client, table.name, names, cellsOf(table, rows))
}

function* cellsOf({ columns }: TableShape, rows: readonly (readonly unknown[])[]): Generator<Cell[]> {
  for (const row of rows) yield columns.map(({ type }, index) => cellOf(type, row[index]))
}

/** What a snapshot gives, as the column has it. */
function cellOf(type: string, value: unknown): Cell {
  if (value === null || value === undefined) return null
  if (Buffer.isBuffer(value)) return value
  if (type.startsWith('timestamp')) return new Date(Number(value))
  if (type === 'boolean') return value ? 't' : 'f'
  return String(value)
}
