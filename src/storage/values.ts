import type { Snapshot } from './contract.ts'
import { COVERS, type Cover } from './covers.ts'

/** What is covered so is compared with what it should be, whatever it is. */
const COMPARED: readonly Cover[] = ['signed', 'replayed', 'sealed']
/** The last moment that a Date can hold, in milliseconds. */
const LAST_MOMENT = 8_640_000_000_000_000

/** What a value of a column of that type must be, as the migrations declare it; `undefined`: anything that the type takes. */
type Must = (column: string, type: string) => string | undefined

/** SQLite takes anything in any column. */
const inSqlite: Must = (column, type) => {
  const is = (kinds: string) => `typeof(${column}) IN (${kinds}, 'null')`
  const isWithin = (first: number, last: number) =>
    `${is("'integer'")} AND coalesce(${column} BETWEEN ${first} AND ${last}, 1)`
  switch (type.toUpperCase()) {
    case 'TEXT':
      return is("'text'")
    case 'INTEGER':
      return isWithin(-(2 ** 31), 2 ** 31 - 1)
    case 'BIGINT':
      return isWithin(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
    case 'DATETIME':
      return isWithin(0, LAST_MOMENT)
    case 'BOOLEAN':
      return isWithin(0, 1)
    case 'REAL':
      return `${is("'real', 'integer'")} AND coalesce(abs(${column}) < 9e999, 1)`
    default:
      return undefined
  }
}

/** PostgreSQL knows moments and numbers that no program here can read. */
const inPostgres: Must = (column, type) => {
  if (type.startsWith('timestamp without'))
    return `coalesce(${column} >= '1970-01-01' AND ${column} <= '275760-09-13', true)`
  if (type === 'bigint') return `coalesce(abs(${column}) <= ${Number.MAX_SAFE_INTEGER}, true)`
  return type === 'double precision' ? `${column} NOT IN ('NaN', 'Infinity', '-Infinity')` : undefined
}

/**
 * Values that no program of ours writes, and that would make whoever reads them fail: each column with how many.
 * @returns each in a few words, e.g. `3 values of leases.expires_at that nothing here writes`.
 */
export async function valueProblems(snapshot: Snapshot): Promise<string[]> {
  const must = snapshot.dialect.name === 'sqlite' ? inSqlite : inPostgres
  const found: string[] = []
  for (const [table, { only = snapshot.dialect.name, columns }] of Object.entries(COVERS)) {
    if (only !== snapshot.dialect.name) continue
    const names = columns.flatMap((each) => (COMPARED.includes(each.cover) ? [] : each.columns))
    const known = names.length === 0 ? [] : await columnsOf(snapshot, table)
    const checks = known.flatMap(([name, type]) => {
      if (!names.includes(name)) return []
      const condition = must(`"${name}"`, type)
      return condition === undefined ? [] : [{ name, condition }]
    })
    if (checks.length === 0) continue
    const sums = checks.map(({ condition }) => `coalesce(sum(CASE WHEN ${condition} THEN 0 ELSE 1 END), 0)`)
    const [counts = []] = await snapshot.read<number[]>(`SELECT ${sums.join(', ')} FROM "${table}"`)
    for (const [index, { name }] of checks.entries()) {
      const count = Number(counts[index])
      if (count > 0)
        found.push(`${count} ${count === 1 ? 'value' : 'values'} of ${table}.${name} that nothing here writes`)
    }
  }
  return found
}

async function columnsOf(snapshot: Snapshot, table: string): Promise<[name: string, type: string][]> {
  if (snapshot.dialect.name === 'sqlite') {
    const rows = await snapshot.rows<{ name: string; type: string }>(`PRAGMA table_info("${table}")`)
    return rows.map(({ name, type }) => [name, type])
  }
  return snapshot.read<[string, string]>(
    `SELECT a.attname::text, format_type(a.atttypid, NULL) FROM pg_attribute a
     WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped`,
    `public.${table}`,
  )
}
