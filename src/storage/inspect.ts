import { existsSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { databasePath } from './beside-database.ts'
import { integrityProblems } from './integrity.ts'
import type { Deviations } from './schema/deviations.ts'
import { schemaDeviations } from './schema/schema.ts'
import { withSnapshot } from './snapshot.ts'

/** What a look at a SQLite file from outside finds. */
export type Inspection =
  | { readonly kind: 'missing'; readonly path: string }
  | { readonly kind: 'damaged'; readonly path: string; readonly detail: string }
  | {
      readonly kind: 'sound'
      readonly path: string
      readonly bytes: number
      readonly entries: number
      readonly owners: number
      /** When the newest entry was written, in milliseconds. */
      readonly newestEntry: number | undefined
      /** Where the trail goes on, if not here. */
      readonly movedTo: string | undefined
      /** What of its schema is otherwise than the migrations make it. */
      readonly deviations: Deviations
    }

/**
 * Looks at the file that `url` (`file:PATH`) names, without changing it, also while a bot writes to it. `trialOwner` is
 * the number that does not count as an owner.
 */
export async function inspectDatabase(url: string, trialOwner: string): Promise<Inspection> {
  const path = databasePath(url)
  if (!existsSync(path)) return { kind: 'missing', path }
  try {
    const [problem] = await withSnapshot(url, integrityProblems)
    if (problem !== undefined) return { kind: 'damaged', path, detail: problem }
    const database = new Database(path, { readonly: true, timeout: 1000 })
    try {
      const found = inspect(database, path, trialOwner)
      if (found.kind !== 'sound') return found
      return { ...found, deviations: await withSnapshot(url, schemaDeviations) }
    } finally {
      database.close()
    }
  } catch (error) {
    return { kind: 'damaged', path, detail: (error as Error).message }
  }
}

function inspect(database: Database.Database, path: string, trialOwner: string) {
  const value = (sql: string, ...values: string[]): unknown =>
    database
      .prepare(sql)
      .pluck()
      .get(...values)
  // A file that was only just made has no table yet.
  const isEmpty = value("SELECT count(*) FROM sqlite_master WHERE name = 'audit_logs'") === 0
  if (isEmpty) return { kind: 'missing', path } as const
  const newest = value('SELECT CAST(created_at AS INTEGER) FROM audit_logs ORDER BY seq DESC LIMIT 1')
  // A file of an older version knows of no moves.
  const knowsMoves = value("SELECT count(*) FROM sqlite_master WHERE name = 'audit_moves'") !== 0
  const moved = knowsMoves ? value('SELECT destination FROM audit_moves') : undefined
  return {
    kind: 'sound',
    path,
    bytes: statSync(path).size,
    entries: Number(value('SELECT count(*) FROM audit_logs')),
    owners: Number(
      value(
        "SELECT count(*) FROM users WHERE role = 'OWNER' AND id NOT IN (SELECT user_id FROM accounts WHERE account = ?)",
        trialOwner,
      ),
    ),
    newestEntry: newest === undefined ? undefined : Number(newest),
    movedTo: moved === undefined ? undefined : String(moved),
  } as const
}
