import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { refuseForeign } from './foreign-file.ts'
import { migrationFailed } from './migration-failed.ts'
import { type Applied, type Migration, pendingMigrations, readMigrations } from './migration-files.ts'
import { retryWhileBusy } from './retry-while-busy.ts'

export const SQLITE_MIGRATIONS = fileURLToPath(new URL('../../prisma/sqlite/migrations', import.meta.url))

/** Prisma's own table, so that `prisma migrate status` on a machine with a network agrees. */
export const TABLE_OF_MIGRATIONS = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    TEXT PRIMARY KEY NOT NULL,
    "checksum"              TEXT NOT NULL,
    "finished_at"           DATETIME,
    "migration_name"        TEXT NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        DATETIME,
    "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
)`

/** Which migrations a file has. */
export const APPLIED_MIGRATIONS =
  'SELECT migration_name, checksum, finished_at FROM "_prisma_migrations" WHERE rolled_back_at IS NULL'

/**
 * Brings the SQLite file at `path` to the schema of this version, creating it if need be. Each migration is one
 * transaction; of several processes that start at once, one applies it.
 * @throws {ChatwardenError} `MIGRATION_FAILED` if a migration fails, was edited after it was applied, or comes
 * from a newer version; `CONFIG_INVALID` if the file is another program's. Nothing of it is changed then.
 */
export async function migrate(path: string, directory = SQLITE_MIGRATIONS): Promise<void> {
  await refuseForeign(path, directory)
  const database = new Database(path, { timeout: 5 })
  try {
    const shipped = readMigrations(directory)
    await retryWhileBusy(() => database.pragma('journal_mode = WAL'))
    database.pragma('synchronous = FULL')
    if (pendingMigrations(appliedMigrations(database), shipped).length === 0) return
    await retryWhileBusy(() => database.exec('BEGIN IMMEDIATE'))
    try {
      database.exec(TABLE_OF_MIGRATIONS)
      for (const migration of pendingMigrations(appliedMigrations(database), shipped)) apply(database, migration)
      database.exec('COMMIT')
    } catch (error) {
      if (database.inTransaction) database.exec('ROLLBACK')
      throw error
    }
  } finally {
    database.close()
  }
}

function appliedMigrations(database: Database.Database): Applied[] {
  const exists = database.prepare("SELECT 1 FROM sqlite_master WHERE name = '_prisma_migrations'").get()
  if (exists === undefined) return []
  return database.prepare<[], Applied>(APPLIED_MIGRATIONS).all()
}

function apply(database: Database.Database, { name, sql, checksum }: Migration): void {
  const started = Date.now()
  try {
    database.exec(sql)
  } catch (cause) {
    throw migrationFailed(name, cause)
  }
  database
    .prepare(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES (?, ?, ?, ?, ?, 1)`,
    )
    .run(randomUUID(), checksum, name, started, Date.now())
}
