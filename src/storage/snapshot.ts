import Database from 'better-sqlite3'
import { databasePath, isPostgres } from './beside-database.ts'
import type { Question, Snapshot, Value } from './contract.ts'
import { sqliteDialect } from './sqlite-dialect.ts'

/**
 * Opens the database that `url` names for reading alone, on a connection of its own, also while a bot writes to it.
 * @throws the driver's own error where it can't be opened or is no database; for a server, with the first question.
 */
export async function openSnapshot(url: string): Promise<Snapshot> {
  if (!isPostgres(url)) return openSqliteSnapshot(databasePath(url))
  // Who has a file never waits for the driver of a server.
  const { openPostgresSnapshot } = await import('./postgresql/snapshot.ts')
  return openPostgresSnapshot(url)
}

/** Reads a database as it is at one moment. */
export async function withSnapshot<T>(url: string, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  const snapshot = await openSnapshot(url)
  try {
    return await work(snapshot)
  } finally {
    await snapshot.close()
  }
}

function openSqliteSnapshot(path: string): Snapshot {
  const database = new Database(path, { readonly: true, fileMustExist: true, timeout: 5000 })
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
  const ask = (question: Question, given: readonly Value[], raw: boolean) => {
    const { sql, values } = typeof question === 'string' ? { sql: question, values: given } : question
    return prepare(sql)
      .raw(raw)
      .all(...values.map(bound)) as never[]
  }
  return {
    dialect: sqliteDialect,
    read: async (question, ...values) => ask(question, values, true),
    rows: async (question, values = []) => ask(question, values, false),
    close: () => {
      database.close()
    },
  }
}

const bound = (value: unknown): unknown => (value instanceof Date ? value.getTime() : value)
