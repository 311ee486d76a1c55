import Database from 'better-sqlite3'
import { databasePath } from './beside-database.ts'

/** So many pages of 4 KiB are copied between two looks at the clock: some milliseconds. */
const PAGES_A_STEP = 1000

/** What SQLite says of a file that is no database or no longer a sound one. */
export const isDamage = (error: unknown): error is Error =>
  /^SQLITE_(CORRUPT|NOTADB)/.test(String((error as { code?: unknown } | null)?.code))

/**
 * Copies the database that `url` (`file:PATH`) names to the file `to` as it is at one moment, also while others write to
 * it. The copy is one file, which needs no other beside it.
 */
export async function copyDatabase(
  url: string,
  to: string,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const source = new Database(databasePath(url), { readonly: true, fileMustExist: true, timeout: 5000 })
  try {
    // In a read transaction the source stays as it is, whoever writes. Without one SQLite begins anew at every commit of
    // others: with one every 2 ms, 200 MB had not come to an end after 15 s and 6,400 beginnings; so it takes 0.6 s, as
    // in a single step or by VACUUM INTO, which show no progress.
    source.exec('BEGIN')
    source.prepare('SELECT count(*) FROM sqlite_master').get()
    await source.backup(to, {
      progress: ({ totalPages, remainingPages }) => {
        onProgress(totalPages - remainingPages, totalPages)
        return PAGES_A_STEP
      },
    })
  } finally {
    source.close()
  }
  makeOneFile(to)
}

/** Takes what lies beside a database that nobody uses into its file. `isRewritten`: unused parts go, and what is in them. */
export function makeOneFile(path: string, { isRewritten = false } = {}): void {
  const database = new Database(path, { fileMustExist: true })
  try {
    // The copy of a database with a write-ahead log wants one too, until it is told otherwise.
    database.pragma('journal_mode = DELETE')
    if (isRewritten) database.exec('VACUUM')
  } finally {
    database.close()
  }
}
