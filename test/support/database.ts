import { randomUUID } from 'node:crypto'
import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { migrate } from '../../src/storage/migrations.ts'
import { RawPostgres } from './raw-postgres.ts'

/** Whether the tests run on PostgreSQL. On SQLite otherwise. */
export const onPostgres = process.env.CHATWARDEN_TEST_DATABASE === 'postgresql'

export interface TestDatabase {
  readonly url: string
  /** The SQLite file. On PostgreSQL what lies beside a trail is named so too, with an end of its own (`.spool`, …). */
  readonly path: string
}

/** A connection that goes past Chatwarden: of better-sqlite3's interface what tests use. */
export interface RawDatabase {
  // biome-ignore lint/suspicious/noExplicitAny: what a row is, each test knows.
  prepare<Values extends readonly unknown[] = unknown[], Row = any>(sql: string): RawStatement<Values, Row>
  exec(sql: string): unknown
  transaction(work: () => void): () => void
  close(): void
}

export interface RawStatement<Values extends readonly unknown[] = unknown[], Row = unknown> {
  /** Whether it gives rows. */
  readonly reader: boolean
  all(...values: Values): Row[]
  get(...values: Values): Row | undefined
  run(...values: Values): { readonly changes: number }
  pluck(): RawStatement<Values, Row>
  raw(): RawStatement<Values, Row>
}

/** Those made on the server, by where their files lie. */
const made = new Map<string, string>()

/**
 * The database of a folder, the same each time; by a name another one. On PostgreSQL it is empty at first, and dropped by
 * `dropDatabases`; a SQLite file is made by who opens it.
 */
export function testDatabase(folder: string, name = 'chatwarden'): TestDatabase {
  if (!onPostgres) return pathOf(join(folder, `${name}.db`))
  return pathOf(
    join(
      folder,
      onServer(folder, name, (database) => RawPostgres.shared().create(database)),
    ),
  )
}

let template: Promise<Buffer> | undefined

/** Makes a SQLite file that is not there yet, with all migrations applied: to copy it is quicker than to apply them. */
export async function beginMigrated(path: string): Promise<void> {
  if (onPostgres || existsSync(path)) return
  template ??= migratedFile()
  writeFileSync(path, await template, { mode: 0o600 })
}

async function migratedFile(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'chatwarden-template-'))
  try {
    const path = join(folder, 'template.db')
    closeSync(openSync(path, 'a'))
    await migrate(path)
    return readFileSync(path)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The copy of a database that nobody uses, in a folder that has none of that name. */
export function copyDatabase(path: string, folder: string, name = 'chatwarden'): TestDatabase {
  if (!onPostgres) {
    const copy = join(folder, `${name}.db`)
    copyFileSync(path, copy)
    return pathOf(copy)
  }
  const copy = onServer(folder, name, (database) => RawPostgres.shared().create(database, basename(path)))
  return pathOf(join(folder, copy))
}

/** Copies a folder with the database in it, which nobody uses, into one that is empty. */
export function copyFolder(from: string, to: string): void {
  if (!onPostgres) {
    cpSync(from, to, { recursive: true })
    return
  }
  const before = testDatabase(from).path
  const after = copyDatabase(before, to).path
  for (const name of readdirSync(from)) {
    const renamed = name.startsWith(basename(before))
      ? `${basename(after)}${name.slice(basename(before).length)}`
      : name
    cpSync(join(from, name), join(to, renamed), { recursive: true })
  }
}

function onServer(folder: string, name: string, create: (database: string) => void): string {
  const place = join(folder, name)
  const known = made.get(place)
  if (known !== undefined) return known
  const database = `${name}_${newName()}`
  create(database)
  made.set(place, database)
  return database
}

const newName = (): string => randomUUID().replaceAll('-', '').slice(0, 16)

/** Drops what `testDatabase` made for a folder. */
export function dropDatabases(folder: string): void {
  for (const [place, database] of made)
    if (dirname(place) === folder) {
      made.delete(place)
      RawPostgres.shared().drop(database)
    }
}

const pathOf = (path: string): TestDatabase => ({ path, url: urlOf(path) })

/** The `DATABASE_URL` of a database by its path. */
export const urlOf = (path: string): string =>
  onPostgres ? RawPostgres.shared().urlOf(basename(path)) : `file:${path}`

/** What a process finds in its environment to work on a database. */
export const environmentOf = (path: string): { readonly DATABASE_URL: string; readonly DATA_DIR: string } => ({
  DATABASE_URL: urlOf(path),
  DATA_DIR: dirname(path),
})

/** Opens a database by its path. `timeout`: how long to wait for others, in ms. */
export function openRaw(
  path: string,
  options: { readonly readonly?: boolean; readonly timeout?: number } = {},
): RawDatabase {
  if (onPostgres) return RawPostgres.shared().open(basename(path), options.timeout)
  return new Database(path, options) as unknown as RawDatabase
}

/** Opens a database by its path to do whatever its owner can, also to what SQLite keeps about the tables. */
export function openAsOwner(path: string): RawDatabase {
  if (onPostgres) return openRaw(path)
  return new Database(path).unsafeMode() as unknown as RawDatabase
}

/** Every table with its rows. */
export function tablesOf(path: string): Record<string, readonly Record<string, unknown>[]> {
  const database = openRaw(path, { readonly: true })
  try {
    const names = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all() as string[]
    return Object.fromEntries(names.map((name) => [name, database.prepare(`SELECT * FROM "${name}"`).all()]))
  } finally {
    database.close()
  }
}

/** Does what triggers would refuse. */
export function withoutTriggers(database: RawDatabase, work: () => void): void {
  if (onPostgres) {
    database.exec('SET session_replication_role = replica')
    work()
    database.exec('SET session_replication_role = origin')
    return
  }
  const triggers = database.prepare<[], { name: string; tbl_name: string; sql: string }>(
    "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'",
  )
  const all = triggers.all()
  for (const { name } of all) database.exec(`DROP TRIGGER "${name}"`)
  work()
  const left = new Set(database.prepare<[], string>('SELECT name FROM sqlite_master').pluck().all())
  for (const { name, tbl_name: table, sql } of all) if (left.has(table) && !left.has(name)) database.exec(sql)
}
