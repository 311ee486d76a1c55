import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { ownTime } from '../kernel/own-time.ts'
import { databasePath } from './beside-database.ts'
import { isClockInDoubt } from './clock-in-doubt.ts'
import { conditionOf } from './condition.ts'
import type { Snapshot, Value } from './contract.ts'
import { foreignProblem } from './foreign-file.ts'
import { SQLITE_MIGRATIONS } from './migrations.ts'
import { type Obstacle, obstacleOf } from './obstacle.ts'
import type { Deviations } from './schema/deviations.ts'
import { hasTrail } from './schema/sqlite-schema.ts'
import { withSnapshot } from './snapshot.ts'

/** What a look at a SQLite file from outside finds. */
export type Inspection =
  | { readonly kind: 'missing'; readonly path: string }
  | { readonly kind: 'damaged'; readonly path: string; readonly detail: string }
  /** Another program's. */
  | { readonly kind: 'foreign'; readonly path: string; readonly detail: string }
  /** What is in it is not known. */
  | { readonly kind: 'unreadable'; readonly path: string; readonly obstacle: Obstacle }
  /** Its schema is another than the migrations make, so that what is in it is not asked. */
  | { readonly kind: 'altered'; readonly path: string; readonly deviations: Deviations }
  | SoundFile

interface SoundFile {
  readonly kind: 'sound'
  readonly path: string
  readonly bytes: number
  readonly entries: number
  readonly owners: number
  /** When the newest entry was written, in milliseconds. */
  readonly newestEntry: number | undefined
  readonly isClockInDoubt: boolean
  /** Where the trail goes on, if not here. */
  readonly movedTo: string | undefined
  readonly deviations: Deviations
}

/** Longer than any bot keeps the lock. */
const PATIENCE_MS = 3000

/**
 * Looks at the file that `url` (`file:PATH`) names, without changing what is in it, also while a bot writes to it. `trialOwner` is
 * the number that does not count as an owner.
 */
export async function inspectDatabase(url: string, trialOwner: string): Promise<Inspection> {
  const path = databasePath(url)
  if (!existsSync(path)) return { kind: 'missing', path }
  try {
    mayWrite(path)
    const foreign = await foreignProblem(path, SQLITE_MIGRATIONS)
    if (foreign !== undefined) return { kind: 'foreign', path, detail: foreign }
    const look = () => withSnapshot(url, (snapshot) => inspect(snapshot, path, trialOwner))
    // Of two connections the last takes into the file what was left beside it, unless it only reads.
    if (!existsSync(`${path}-wal`)) return await whileWriting(path, look)
    return await withSnapshot(url, async (snapshot) => {
      await whileWriting(path, async () => {})
      return inspect(snapshot, path, trialOwner)
    })
  } catch (error) {
    return { kind: 'unreadable', path, obstacle: obstacleOf(error) }
  }
}

/** SQLite would open for reading what it may not write, and leave files of that kind behind. */
function mayWrite(path: string): void {
  accessSync(path, constants.R_OK | constants.W_OK)
  accessSync(dirname(path), constants.W_OK)
}

/** Does first what a bot does first of each change. Nothing of it comes to the disk, and what another could not end is taken back. */
async function whileWriting<T>(path: string, work: () => Promise<T>): Promise<T> {
  const database = new Database(path, { fileMustExist: true, timeout: PATIENCE_MS })
  try {
    database.exec('BEGIN IMMEDIATE')
    // A file that may not be written is told of by a write alone.
    database.pragma(`user_version = ${Number(database.pragma('user_version', { simple: true }))}`)
    database.exec('ROLLBACK')
    return await work()
  } finally {
    database.close()
  }
}

async function inspect(snapshot: Snapshot, path: string, trialOwner: string): Promise<Inspection> {
  const { deviations, damages } = await conditionOf(snapshot)
  const [problem] = damages
  if (problem !== undefined) return { kind: 'damaged', path, detail: problem }
  // A file that was only just made has no table yet.
  if (!(await hasTrail(snapshot))) return { kind: 'missing', path }
  if (deviations.refused.length > 0) return { kind: 'altered', path, deviations }
  const value = async (sql: string, ...values: Value[]) => (await snapshot.read<[unknown]>(sql, ...values))[0]?.[0]
  const [newest] = await snapshot.read<[number, string]>(
    'SELECT CAST(created_at AS INTEGER), metadata FROM audit_logs ORDER BY seq DESC LIMIT 1',
  )
  const moved = await value('SELECT destination FROM audit_moves')
  const owners = await value(
    "SELECT count(*) FROM users WHERE role = 'OWNER' AND id NOT IN (SELECT user_id FROM accounts WHERE account = ?)",
    trialOwner,
  )
  return {
    kind: 'sound',
    path,
    bytes: statSync(path).size,
    entries: Number(await value('SELECT count(*) FROM audit_logs')),
    owners: Number(owners),
    newestEntry: newest && ownTime({ createdAt: newest[0], metadata: newest[1] }).getTime(),
    isClockInDoubt: await isClockInDoubt(snapshot),
    movedTo: moved === undefined ? undefined : String(moved),
    deviations,
  }
}
