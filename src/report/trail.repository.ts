import { ALL_HELD, HELD_ACCOUNTS, HELD_USERS } from '../audit/remove/hold.repository.ts'
import { ownTime } from '../kernel/own-time.ts'
import type { Question, Snapshot } from '../storage/contract.ts'
import { Prisma } from '../storage/prisma.ts'

/** Entries that name somebody who is no user. */
export interface Unknowns {
  readonly entries: number
  /** How many different ones are named. */
  readonly names: number
  /** Those named most often, the first most of all. */
  readonly most: readonly { readonly name: string; readonly count: number }[]
}

export interface CleanUp {
  readonly at: Date
  readonly description: string
}

export interface TrailSize {
  readonly entries: number
  /** Entries whose time is no moment. The schema allows none. */
  readonly withoutTime: number
  readonly bytes: number
  readonly oldest: { readonly seq: number; readonly at: Date } | undefined
}

export async function trailSize(snapshot: Snapshot): Promise<TrailSize> {
  const { isTime, size } = snapshot.dialect
  const number = async (sql: Question) => (await snapshot.read<[number]>(sql))[0]?.[0] ?? 0
  const [oldest] = await snapshot.read<[number, number, string]>(
    'SELECT seq, created_at, metadata FROM audit_logs ORDER BY seq LIMIT 1',
  )
  return {
    entries: await number('SELECT count(*) FROM audit_logs'),
    // Not IS NULL: for a column that may not be, the engine would answer without looking.
    withoutTime: await number(Prisma.sql`SELECT count(*) FROM audit_logs WHERE NOT ${isTime(Prisma.sql`created_at`)}`),
    bytes: await number(Prisma.sql`SELECT ${size}`),
    oldest: oldest && { seq: oldest[0], at: ownTime({ createdAt: oldest[1], metadata: oldest[2] }) },
  }
}

/** How many entries there are up to a `seq`. */
export async function countThrough(snapshot: Snapshot, throughSeq: number): Promise<number> {
  const sql = 'SELECT count(*) FROM audit_logs WHERE seq <= ?'
  return (await snapshot.read<[number]>(sql, throughSeq))[0]?.[0] ?? 0
}

export async function isAllHeld(snapshot: Snapshot): Promise<boolean> {
  return (await snapshot.read('SELECT 1 FROM audit_holds WHERE subject = ?', ALL_HELD)).length > 0
}

/** How many entries up to a `seq` are under a hold on somebody, or among those given. */
export async function countKept(snapshot: Snapshot, throughSeq: number, kept: Iterable<number>): Promise<number> {
  // Each is a walk along one index.
  const ways = [
    Prisma.sql`account IN ${HELD_ACCOUNTS}`,
    Prisma.sql`user_id IN ${HELD_USERS}`,
    Prisma.sql`subject_id IN ${HELD_USERS}`,
    Prisma.sql`resource_id IN ${HELD_ACCOUNTS} AND resource_type = 'user'`,
    snapshot.dialect.isAmong(Prisma.sql`seq`, [...kept]),
  ].map((way) => Prisma.sql`SELECT seq FROM audit_logs WHERE ${way} AND seq <= ${throughSeq}`)
  const [row] = await snapshot.read<[number]>(
    Prisma.sql`SELECT count(*) FROM (${Prisma.join(ways, ' UNION ')}) AS all_kept`,
  )
  return row?.[0] ?? 0
}

export async function lastCleanUp(snapshot: Snapshot): Promise<CleanUp | undefined> {
  const [row] = await snapshot.read<[number, string, string]>(
    "SELECT created_at, metadata, description FROM audit_logs WHERE action = 'AUDIT_RETENTION' ORDER BY seq DESC LIMIT 1",
  )
  return row && { at: ownTime({ createdAt: row[0], metadata: row[1] }), description: row[2] }
}

/** Entries by accounts that are no user’s. */
export function byUnknownAccounts(snapshot: Snapshot, limit: number): Promise<Unknowns> {
  return unknowns(
    snapshot,
    'account',
    snapshot.dialect.isAccount(Prisma.sql`who`),
    Prisma.sql`SELECT 1 FROM accounts WHERE account = who`,
    limit,
  )
}

/** Entries with a user's id that no user has. */
export function withUnknownIds(snapshot: Snapshot, limit: number): Promise<Unknowns> {
  return unknowns(snapshot, 'user_id', Prisma.sql`TRUE`, Prisma.sql`SELECT 1 FROM users WHERE id = who`, limit)
}

/**
 * Goes from each value of an indexed column to the next one, so that entries of the same value are counted in the
 * index and never read.
 */
async function unknowns(
  snapshot: Snapshot,
  column: 'account' | 'user_id',
  condition: Prisma.Sql,
  isKnown: Prisma.Sql,
  limit: number,
): Promise<Unknowns> {
  const named = Prisma.raw(column)
  const rows = await snapshot.read<[string, number, number, number]>(
    Prisma.sql`WITH RECURSIVE named(who) AS (
       SELECT min(${named}) FROM audit_logs
       UNION ALL
       SELECT (SELECT min(${named}) FROM audit_logs WHERE ${named} > who) FROM named WHERE who IS NOT NULL),
     counted AS MATERIALIZED (
       SELECT who, (SELECT count(*) FROM audit_logs WHERE ${named} = who) AS n FROM named
       WHERE who IS NOT NULL AND ${condition} AND NOT EXISTS (${isKnown}))
     SELECT who, n, sum(n) OVER (), count(*) OVER () FROM counted ORDER BY n DESC, who LIMIT ${limit}`,
  )
  const [, , entries = 0, names = 0] = rows[0] ?? []
  return { entries, names, most: rows.map(([name, count]) => ({ name, count })) }
}
