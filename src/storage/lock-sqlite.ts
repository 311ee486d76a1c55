import Database from 'better-sqlite3'
import { MOVED } from './moves.ts'
import { retryWhileBusy } from './retry-while-busy.ts'

/** The write lock of a SQLite file: until it is given back, nobody else writes to it. */
export interface SqliteLock {
  /** Says for good that the trail goes on elsewhere, and gives the lock back. On the disk when it returns. */
  markMoved(destination: string, now: number): void
  /** Gives the lock back, if it was not already. */
  release(): void
}

/** Takes the write lock of the file at `path`, when who has it gives it back. */
export async function lockSqlite(path: string): Promise<SqliteLock> {
  const database = new Database(path, { fileMustExist: true, timeout: 5 })
  try {
    database.pragma('synchronous = FULL')
    await retryWhileBusy(() => database.exec('BEGIN IMMEDIATE'))
  } catch (error) {
    database.close()
    throw error
  }
  return {
    markMoved: (destination, now) => {
      database
        .prepare('INSERT INTO audit_moves (id, destination, moved_at) VALUES (?, ?, ?)')
        .run(MOVED, destination, now)
      database.exec('COMMIT')
    },
    // What is not committed when it closes did not happen.
    release: () => {
      database.close()
    },
  }
}
