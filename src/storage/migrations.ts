import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { ChatwardenError } from '../kernel/errors.ts'
import { retryWhileBusy } from './retry-while-busy.ts'

interface Migration {
  readonly name: string
  readonly sql: string
  /** SHA-256 of the file, in hex, as Prisma records it. */
  readonly checksum: string
}

interface Applied {
  readonly migration_name: string
  readonly checksum: string
  readonly finished_at: number | string | null
}

const SHIPPED = fileURLToPath(new URL('../../prisma/sqlite/migrations', import.meta.url))

/** Prisma's own table, so that `prisma migrate status` on a machine with a network agrees. */
const TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    TEXT PRIMARY KEY NOT NULL,
    "checksum"              TEXT NOT NULL,
    "finished_at"           DATETIME,
    "migration_name"        TEXT NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        DATETIME,
    "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
)`

/**
 * Brings the SQLite file at `path` to the schema of this version, creating it if need be. Each migration is one
 * transaction; of several processes that start at once, one applies it.
 * @throws {ChatwardenError} `MIGRATION_FAILED` if a migration fails, was edited after it was applied, or comes
 * from a newer version.
 */
export async function migrate(path: string, directory = SHIPPED): Promise<void> {
  const database = new Database(path, { timeout: 5 })
  try {
    const shipped = readMigrations(directory)
    await retryWhileBusy(() => database.pragma('journal_mode = WAL'))
    database.pragma('synchronous = FULL')
    if (pending(database, shipped).length === 0) return
    await retryWhileBusy(() => database.exec('BEGIN IMMEDIATE'))
    try {
      database.exec(TABLE)
      for (const migration of pending(database, shipped)) apply(database, migration)
      database.exec('COMMIT')
    } catch (error) {
      if (database.inTransaction) database.exec('ROLLBACK')
      throw error
    }
  } finally {
    database.close()
  }
}

export function readMigrations(directory: string): Migration[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(directory, entry.name, 'migration.sql')))
    .map(({ name }) => {
      const sql = readFileSync(join(directory, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function pending(database: Database.Database, shipped: readonly Migration[]): readonly Migration[] {
  const applied = new Map(appliedMigrations(database).map((row) => [row.migration_name, row]))
  const known = new Set(shipped.map(({ name }) => name))
  for (const row of applied.values()) {
    const { migration_name: name } = row
    if (!known.has(name))
      throw new ChatwardenError(
        'MIGRATION_FAILED',
        `The database has migration ${name}, made by a newer version of Chatwarden.`,
      )
    if (row.finished_at === null)
      throw new ChatwardenError('MIGRATION_FAILED', `Migration ${name} was started and never finished.`)
  }
  return shipped.filter(({ name, checksum }) => {
    const row = applied.get(name)
    if (row !== undefined && row.checksum !== checksum)
      throw new ChatwardenError('MIGRATION_FAILED', `Migration ${name} was edited after it was applied.`)
    return row === undefined
  })
}

function appliedMigrations(database: Database.Database): Applied[] {
  const exists = database.prepare("SELECT 1 FROM sqlite_master WHERE name = '_prisma_migrations'").get()
  if (exists === undefined) return []
  return database
    .prepare<[], Applied>(
      'SELECT migration_name, checksum, finished_at FROM "_prisma_migrations" WHERE rolled_back_at IS NULL',
    )
    .all()
}

function apply(database: Database.Database, { name, sql, checksum }: Migration): void {
  const started = Date.now()
  try {
    database.exec(sql)
  } catch (cause) {
    throw new ChatwardenError('MIGRATION_FAILED', `Migration ${name}: ${(cause as Error).message}.`, { cause })
  }
  database
    .prepare(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES (?, ?, ?, ?, ?, 1)`,
    )
    .run(randomUUID(), checksum, name, started, Date.now())
}
