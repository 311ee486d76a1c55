import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import { ChatwardenError } from '../kernel/errors.ts'
import { plainLine } from '../kernel/plain-text.ts'
import { readMigrations } from './migration-files.ts'
import { retryWhileBusy } from './retry-while-busy.ts'

const TABLES =
  "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT GLOB 'sqlite_*' ORDER BY rowid"
const MIGRATIONS = 'SELECT migration_name FROM "_prisma_migrations"'
/** What every trail has had, whatever became of its other tables. */
const ENTRIES = ['audit_logs', 'audit_head']

export const NAME_ANOTHER = 'Name a file of its own for Chatwarden, for example file:./data/chatwarden.db'

/**
 * Why a file is another program's; `undefined`: it is not there, is empty, or has a trail of whichever version, or what is left of one. Nothing of
 * it changes: a connection that could write would take a write-ahead log that somebody left into the file when it is closed.
 * @throws the driver's own error where it can't be read.
 */
export async function foreignProblem(path: string, directory: string): Promise<string | undefined> {
  if (!existsSync(path)) return undefined
  const database = new Database(path, { readonly: existsSync(`${path}-wal`), fileMustExist: true, timeout: 5 })
  try {
    const tables = await retryWhileBusy(() => database.prepare(TABLES).pluck().all().map(String))
    if (tables.length === 0 || ENTRIES.every((name) => tables.includes(name))) return undefined
    const ours = new Set<unknown>(readMigrations(directory).map(({ name }) => name))
    const applied = appliedIn(database, tables)
    if (applied.some((name) => ours.has(name)) || (tables.length === 1 && applied.length === 0 && isOurs(tables[0])))
      return undefined
    const rest = tables.length > 1 ? ` and ${tables.length - 1} more` : ''
    return `is another program’s database, with the table ${plainLine(tables[0] ?? '', 60)}${rest}`
  } finally {
    database.close()
  }
}

/** Before the first migration there may be their table. */
const isOurs = (name: string | undefined): boolean => name === '_prisma_migrations'

function appliedIn(database: Database.Database, tables: readonly string[]): readonly unknown[] {
  if (!tables.some(isOurs)) return []
  try {
    return database.prepare(MIGRATIONS).pluck().all()
  } catch {
    // Another program's table of that name.
    return []
  }
}

/** @throws {ChatwardenError} `CONFIG_INVALID` */
export async function refuseForeign(path: string, directory: string): Promise<void> {
  const problem = await foreignProblem(path, directory)
  if (problem !== undefined)
    throw new ChatwardenError('CONFIG_INVALID', `DATABASE_URL=file:${path} ${problem}. ${NAME_ANOTHER}`)
}
