import Database from 'better-sqlite3'
import type { Snapshot } from '../contract.ts'
import { type Applied, readMigrations } from '../migration-files.ts'
import { APPLIED, SHIPPED, TABLE } from '../migrations.ts'
import { type Deviations, deviationsOf } from './deviations.ts'
import type { SchemaObject } from './schema-object.ts'

const OBJECTS = `SELECT type AS kind, iif(type = 'view', '', tbl_name) AS "table", name, coalesce(sql, '') AS definition
  FROM sqlite_schema`
/** What ANALYZE keeps, for choosing among plans. */
const STATISTICS = /^sqlite_(?:stat[134]|sequence)$/

/** Compares a SQLite file with what the migrations make that it has. */
export async function sqliteDeviations(snapshot: Snapshot): Promise<Deviations> {
  const applied = await snapshot.rows<Applied>(APPLIED)
  const expected = schemaOf(new Set(applied.map(({ migration_name: name }) => name)))
  const found = await snapshot.rows<SchemaObject>(OBJECTS)
  const ours = new Set(expected.map(({ table }) => table))
  const { unruly, leaning } = await othersIn(snapshot, ours)
  const mentionsOurs = new RegExp(`\\b(?:${[...ours].join('|')})\\b`, 'i')
  return deviationsOf(expected, found, {
    isHarmful: ({ kind, table, name, definition }) => {
      switch (kind) {
        case 'view':
          return false
        case 'table':
          return STATISTICS.test(name) ? undefined : leaning.has(name)
        case 'index':
          return ours.has(table) ? unruly.has(name) : undefined
        case 'trigger':
          return ours.has(table) || mentionsOurs.test(definition)
        default:
          return true
      }
    },
    // One that is there can't be switched off here.
    putBack: ({ name, definition }, own) =>
      own === undefined
        ? { question: `SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = '${name}'`, statement: definition }
        : undefined,
  })
}

/** The schema that migrations make, in a database that is in memory only. */
function schemaOf(applied: ReadonlySet<string>): SchemaObject[] {
  const database = new Database(':memory:')
  try {
    database.exec(TABLE)
    for (const { name, sql } of readMigrations(SHIPPED)) if (applied.has(name)) database.exec(sql)
    return database.prepare<[], SchemaObject>(OBJECTS).all()
  } finally {
    database.close()
  }
}

/**
 * `unruly`: indices that refuse rows, or run code for each. `leaning`: tables whose rows hang on those of another, by
 * which what is removed there is kept, or takes others with it.
 */
async function othersIn(
  snapshot: Snapshot,
  ours: ReadonlySet<string>,
): Promise<{ unruly: Set<string>; leaning: Set<string> }> {
  const unruly = await snapshot.read<[string]>(
    `SELECT m.name FROM sqlite_schema m JOIN pragma_index_list(m.tbl_name) l ON l.name = m.name WHERE m.type = 'index'
       AND (l."unique" OR l.partial OR EXISTS (SELECT 1 FROM pragma_index_xinfo(m.name) WHERE cid = -2))`,
  )
  const leaning = await snapshot.read<[name: string, on: string]>(
    `SELECT m.name, lower(k."table") FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) k WHERE m.type = 'table'`,
  )
  return {
    unruly: new Set(unruly.map(([name]) => name)),
    leaning: new Set(leaning.filter(([, on]) => ours.has(on)).map(([name]) => name)),
  }
}
