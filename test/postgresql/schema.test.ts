import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import pg from 'pg'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/storage/database.ts'
import { migrate } from '../../src/storage/migrations.ts'
import { temporaryFolder } from '../support/chatwarden.ts'
import { ROOT } from '../support/child.ts'
import { testDatabase } from '../support/database.ts'

const schemaOf = (provider: string) => readFileSync(join(ROOT, 'prisma', provider, 'schema.prisma'), 'utf8')
const modelsOf = (provider: string) => schemaOf(provider).replace(/^[\s\S]*?datasource db \{[^}]*\}/, '')

interface Column {
  readonly table: string
  readonly column: string
  readonly type: string
  readonly nullable: boolean
}

/** What each type of a SQLite column is in PostgreSQL. */
const TYPES: Readonly<Record<string, string>> = {
  TEXT: 'text',
  INTEGER: 'integer',
  'INTEGER UNSIGNED': 'integer',
  BIGINT: 'bigint',
  DATETIME: 'timestamp without time zone',
  BLOB: 'bytea',
  BOOLEAN: 'boolean',
  REAL: 'double precision',
}

async function sqliteColumns(): Promise<Column[]> {
  const path = join(temporaryFolder(), 'x.db')
  await migrate(path)
  const database = new Database(path, { readonly: true })
  try {
    return database
      .prepare<[], { table: string; column: string; type: string; nullable: number }>(
        `SELECT t.name AS "table", c.name AS "column", c.type AS type, NOT c."notnull" AS nullable
         FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE '\\_prisma%' ESCAPE '\\'`,
      )
      .all()
      .map((row) => ({ ...row, type: TYPES[row.type] ?? row.type, nullable: row.nullable === 1 }))
  } finally {
    database.close()
  }
}

async function postgresColumns(): Promise<Column[]> {
  const { url } = testDatabase(temporaryFolder())
  await (await openDatabase(url)).close()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query(
      `SELECT table_name AS "table", column_name AS "column", data_type AS type, is_nullable = 'YES' AS nullable
       FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name NOT LIKE '\\_prisma%' AND table_name NOT LIKE 'audit_logs\\_y%'`,
    )
    return rows
  } finally {
    await client.end()
  }
}

const sorted = (columns: readonly Column[]) => columns.map((column) => JSON.stringify(column)).sort()

test('the models of both databases are the same, but for the lines that name the database', () => {
  expect(modelsOf('postgresql')).toBe(modelsOf('sqlite'))
  expect(modelsOf('sqlite')).toContain('model AuditLog')
})

test('the SQL of both makes the same tables and columns, but for what the owner of the tables decides', async () => {
  const [sqlite, postgres] = await Promise.all([sqliteColumns(), postgresColumns()])
  const ours = postgres.filter(({ table }) => table !== 'audit_policy')
  expect(sorted(ours)).toEqual(
    sorted(sqlite.map(({ table, column, type, nullable }) => ({ table, column, type, nullable }))),
  )
})
