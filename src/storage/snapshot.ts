import Database from 'better-sqlite3'
import { databasePath } from './beside-database.ts'

/** The database as it was at one moment, for reading much of it: rows as arrays, times in ms, bytes as buffers. */
export interface Snapshot {
  read<Row extends readonly unknown[]>(sql: string, ...values: readonly (string | number)[]): Promise<Row[]>
  /** The same with rows as objects, by the names of their columns. */
  rows<Row>(sql: string, values: readonly unknown[]): Promise<Row[]>
  close(): void
}

/**
 * Opens the file that `url` (`file:PATH`) names for reading alone, on a connection of its own, also while a bot writes to it.
 * @throws the driver's own error where it can't be opened or is no database.
 */
export function openSnapshot(url: string): Snapshot {
  const database = new Database(databasePath(url), { readonly: true, fileMustExist: true, timeout: 5000 })
  const statements = new Map<string, Database.Statement>()
  const prepare = (sql: string): Database.Statement => {
    const statement = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  try {
    // A read transaction: from its first read on it sees one and the same state.
    database.exec('BEGIN')
    database.prepare('SELECT count(*) FROM sqlite_master').get()
  } catch (error) {
    database.close()
    throw error
  }
  return {
    read: async (sql, ...values) =>
      prepare(sql)
        .raw(true)
        .all(...values) as never[],
    rows: async (sql, values) =>
      prepare(sql)
        .raw(false)
        .all(...values) as never[],
    close: () => database.close(),
  }
}
