import Database from 'better-sqlite3'
import type { Snapshot } from '../contract.ts'
import { type Applied, areFirstOf, readMigrations } from '../migration-files.ts'
import { APPLIED_MIGRATIONS, SQLITE_MIGRATIONS, TABLE_OF_MIGRATIONS } from '../migrations.ts'
import { type Deviations, deviationsOf, NONE, OTHER_MIGRATIONS, TRAIL } from './deviations.ts'
import type { SchemaObject } from './schema-object.ts'
import { sqliteOthers } from './sqlite-others.ts'

/** A row of what SQLite keeps about its objects. Whoever can write the file can put anything into it. */
interface Row {
  readonly type: unknown
  readonly name: unknown
  readonly tbl_name: unknown
  readonly sql: unknown
}

const ROWS = 'SELECT type, name, tbl_name, sql FROM sqlite_schema'

export async function hasTrail(snapshot: Snapshot): Promise<boolean> {
  const tables = await snapshot.rows<{ name: string }>('PRAGMA table_list')
  return tables.some(({ name }) => TRAIL.includes(name))
}

/** Compares a SQLite file with what the migrations make that it has. */
export async function sqliteDeviations(snapshot: Snapshot): Promise<Deviations> {
  if (!(await hasTrail(snapshot))) return NONE
  const shipped = readMigrations(SQLITE_MIGRATIONS)
  // What can't even be asked has none.
  const applied = await snapshot.rows<Applied>(APPLIED_MIGRATIONS).catch(() => [])
  if (!areFirstOf(applied, shipped)) return { ...NONE, refused: [OTHER_MIGRATIONS] }
  const expected = schemaOf(shipped.slice(0, applied.length).map(({ sql }) => sql))
  const rows = await snapshot.rows<Row>(ROWS)
  const own = deviationsOf(expected, rows.filter(isPlain).map(toObject), {
    // Triggers run whatever they are on. Tables, views and indices count as what SQLite takes them for, which is asked below.
    judge: ({ kind }) => (kind === 'trigger' ? 'harmful' : 'ignored'),
    // One that is there can't be switched off here.
    putBack: ({ name, definition }, own) =>
      own === undefined
        ? { question: `SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = '${name}'`, statement: definition }
        : undefined,
  })
  const others = await sqliteOthers(snapshot, expected)
  const odd = rows.filter((row) => !isPlain(row))
  return {
    refused: [
      ...own.refused,
      ...odd.map(() => 'sqlite_schema has a row that SQLite does not write'),
      ...others.refused,
    ],
    missing: own.missing,
    foreign: others.foreign,
    // In a file nothing runs when it is read that could do more than who reads.
    isReadable: true,
  }
}

/** How SQLite begins what it keeps of each kind: it goes by this text, whatever stands beside it. */
const BEGINNINGS: Readonly<Record<string, RegExp>> = {
  table: /^CREATE (?:VIRTUAL )?TABLE /,
  index: /^CREATE (?:UNIQUE )?INDEX /,
  view: /^CREATE VIEW /,
  trigger: /^CREATE TRIGGER /,
}

interface PlainRow {
  readonly type: string
  readonly name: string
  readonly tbl_name: string
  readonly sql: string | null
}

/** The index of a key has no text of its own. */
function isPlain(row: Row): row is PlainRow {
  const { type, name, tbl_name, sql } = row
  if (typeof type !== 'string' || typeof name !== 'string' || typeof tbl_name !== 'string') return false
  if (sql === null) return type === 'index' && name.startsWith('sqlite_autoindex_')
  return typeof sql === 'string' && BEGINNINGS[type]?.test(sql) === true
}

const toObject = ({ type, name, tbl_name, sql }: PlainRow): SchemaObject => ({
  kind: type,
  table: type === 'view' ? '' : tbl_name,
  name,
  definition: sql ?? '',
})

/** The schema that migrations make, in a database that is in memory only. */
function schemaOf(migrations: readonly string[]): SchemaObject[] {
  const database = new Database(':memory:')
  try {
    for (const sql of [TABLE_OF_MIGRATIONS, ...migrations]) database.exec(sql)
    return database.prepare<[], Row>(ROWS).all().filter(isPlain).map(toObject)
  } finally {
    database.close()
  }
}
