import { isPostgres } from './beside-database.ts'
import type { Database, DatabaseOptions } from './contract.ts'

/**
 * Opens the database that `url` (`file:PATH` or `postgresql://…`) names, bringing its schema up to date first.
 * @throws {ChatwardenError} `CONFIG_INVALID` if it cannot be opened, `MIGRATION_FAILED`, or `SCHEMA_ALTERED`.
 */
export async function openDatabase(url: string, options: DatabaseOptions = {}): Promise<Database> {
  // Loaded when needed: one of them is, and each brings an engine with it.
  if (isPostgres(url)) return (await import('./postgresql/postgres.ts')).openPostgres(url, options)
  return (await import('./sqlite.ts')).openSqlite(url)
}
