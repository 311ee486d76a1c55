import { existsSync } from 'node:fs'
import type { Run } from '../audit/entry/coverage.ts'
import { databasePath } from '../storage/beside-database.ts'
import { conditionOf } from '../storage/condition.ts'
import type { Snapshot } from '../storage/contract.ts'
import { migrate } from '../storage/migrations.ts'
import { withSnapshot } from '../storage/snapshot.ts'
import { MoveError } from './move-error.ts'

/** Brings a file to the schema of this version, if it is a trail at all: another's file is left as it is. */
export async function prepareSource(url: string): Promise<void> {
  const path = databasePath(url)
  if (!existsSync(path)) throw new MoveError(`--from: there is no file ${path}. Example: --from file:./chatwarden.db`)
  const isTrail = await hasTrail(url, path)
  if (!isTrail) throw new MoveError(`--from: ${path} is not a database of Chatwarden.`)
  await migrate(path)
  const { deviations, damages } = await withSnapshot(url, conditionOf)
  if (damages[0] !== undefined) throw new MoveError(`--from: ${path} is damaged: ${damages[0]}. See: chatwarden verify`)
  const [wrong] = [
    ...deviations.refused,
    ...deviations.missing.map(({ what }) => `${what} (the next start puts it back)`),
  ]
  if (wrong !== undefined)
    throw new MoveError(`--from: ${path} was changed from outside: ${wrong}. See: chatwarden verify`)
}

async function hasTrail(url: string, path: string): Promise<boolean> {
  try {
    return await withSnapshot(url, async (source) => {
      const tables = await tablesIn(source)
      return ['_prisma_migrations', 'audit_head', 'audit_logs'].every((name) => tables.includes(name))
    })
  } catch (cause) {
    const { code, message } = cause as { code?: unknown; message: string }
    if (code === 'SQLITE_NOTADB') return false
    throw new MoveError(`--from: ${path}: ${message}`, { cause })
  }
}

export async function tablesIn(source: Snapshot): Promise<string[]> {
  return (await source.read<[string]>("SELECT name FROM sqlite_master WHERE type = 'table'")).map(([name]) => name)
}

/** Where the source says that it goes on, and since when (ms). */
export async function movedFrom(url: string): Promise<{ destination: string; movedAt: number } | undefined> {
  return withSnapshot(url, async (source) => {
    const [row] = await source.read<[string, number]>('SELECT destination, moved_at FROM audit_moves')
    return row && { destination: row[0], movedAt: row[1] }
  })
}

/** Which entries there are. */
export async function presentIn(snapshot: Snapshot): Promise<Run[]> {
  const runs = await snapshot.read<[number, number]>(
    `SELECT min(seq), max(seq) FROM (SELECT seq, seq - row_number() OVER (ORDER BY seq) AS run FROM audit_logs) AS numbered
     GROUP BY run ORDER BY 1`,
  )
  const isExact = runs.every((run) => run.every(Number.isSafeInteger))
  if (!isExact) throw new MoveError('there are entries with numbers that no entry has. See: chatwarden verify')
  return runs
}
