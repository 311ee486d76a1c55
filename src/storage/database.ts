import { isPostgres } from './beside-database.ts'
import type { Database, DatabaseOptions } from './contract.ts'

/**
 * Opens the database that `url` (`file:PATH` or `postgresql://…`) names, bringing its schema up to date first.
 * @throws {ChatwardenError} `CONFIG_INVALID`, `CANNOT_START` or `DATABASE_DAMAGED` if it cannot be opened, `MIGRATION_FAILED`, or `SCHEMA_ALTERED`.
 */
export async function openDatabase(url: string, options: DatabaseOptions = {}): Promise<Database> {
  // Loaded when needed: one of them is, and each brings an engine with it.
  const database = isPostgres(url)
    ? await (await import('./postgresql/postgres.ts')).openPostgres(url, options)
    : await (await import('./sqlite.ts')).openSqlite(url)
  let closing: Promise<void> | undefined
  // What fails to start closes what it was given, and whoever gave it closes it too.
  const close = () => {
    closing ??= database.close()
    return closing
  }
  return { ...database, close }
}
