import { createHash } from 'node:crypto'
import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { Snapshot, Value } from '../storage/contract.ts'
import type { TableColumn, TableShape } from '../storage/postgresql/table-shapes.ts'
import { timeText } from '../storage/postgresql/time-text.ts'

type Row = readonly unknown[]

const PAGE = 1000

const listed = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')
const namesOf = ({ columns }: TableShape) => listed(columns.map(({ name }) => name))

/** Entries by their `seq`, in order. */
export const rowsBetween = (source: Snapshot, table: TableShape, first: number, last: number): Promise<Row[]> =>
  source.read<Row>(
    `SELECT ${namesOf(table)} FROM "${table.name}" WHERE seq BETWEEN ? AND ? ORDER BY seq`,
    BigInt(first),
    BigInt(last),
  )

/** All rows of a table in the order of its key, which is the same in both databases. */
export async function* pagesOf(snapshot: Snapshot, table: TableShape): AsyncGenerator<Row[]> {
  const places = table.key.map((key) => table.columns.findIndex(({ name }) => name === key))
  const key = listed(table.key)
  for (let after: Value[] | undefined; ; ) {
    const bound = after === undefined ? '' : `WHERE (${key}) > (${table.key.map(() => '?').join(', ')})`
    const page = await snapshot.read<Row>(
      `SELECT ${namesOf(table)} FROM "${table.name}" ${bound} ORDER BY ${key} LIMIT ${PAGE}`,
      ...(after ?? []),
    )
    if (page.length > 0) yield page
    if (page.length < PAGE) return
    after = places.map((place) => page.at(-1)?.[place] as Value)
    await yieldToOthers()
  }
}

export interface Digest {
  readonly rows: number
  readonly sha256: string
}

/** What a table holds, as one hash that is the same for the same in either database. */
export async function digestOf(snapshot: Snapshot, table: TableShape): Promise<Digest> {
  const hash = createHash('sha256')
  let rows = 0
  for await (const page of pagesOf(snapshot, table)) {
    rows += page.length
    for (const row of page)
      hash.update(`${JSON.stringify(table.columns.map((column, index) => same(column, row[index])))}\n`)
  }
  return { rows, sha256: hash.digest('hex') }
}

/** A value as PostgreSQL gives it back. */
function same({ type }: TableColumn, value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (Buffer.isBuffer(value)) return value.toString('hex')
  if (type.startsWith('timestamp')) return timeText(new Date(Number(value)))
  if (type === 'boolean') return Number(value)
  return type === 'text' ? String(value) : value
}
