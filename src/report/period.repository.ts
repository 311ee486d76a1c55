import { isReported, isStanding } from '../audit/entry/standing.ts'
import { HOUR } from '../kernel/clock.ts'
import { objectIn } from '../kernel/json.ts'
import type { Snapshot } from '../storage/contract.ts'
import { Prisma } from '../storage/prisma.ts'

/** The entries after one `seq` and up to another. */
export interface SeqRange {
  readonly after: number
  readonly through: number
}

export interface Tally {
  readonly category: string
  readonly action: string
  readonly account: string
  readonly count: number
}

/** An entry as a report shows it. */
export interface ReportEntry {
  readonly at: Date
  readonly action: string
  readonly description: string
  readonly account: string
  readonly actorName: string | null
  /** Who typed in the actor's place, if somebody did. */
  readonly operator: string | undefined
  /** It reads as if something of Chatwarden's own changed, but a host or an import only says so. */
  readonly isReported: boolean
  readonly metadata: Readonly<Record<string, unknown>>
}

/** The last `seq` written before `moment`; -1 if there is none. */
export async function lastSeqBefore(snapshot: Snapshot, moment: Date): Promise<number> {
  const [row] = await snapshot.read<[number]>(
    'SELECT seq FROM audit_logs WHERE created_at < ? ORDER BY created_at DESC, seq DESC LIMIT 1',
    moment,
  )
  return row?.[0] ?? -1
}

export async function lastSeq(snapshot: Snapshot): Promise<number> {
  return (await snapshot.read<[number]>('SELECT seq FROM audit_logs ORDER BY seq DESC LIMIT 1'))[0]?.[0] ?? -1
}

/** How many entries there are of each kind by each actor. */
export async function tally(snapshot: Snapshot, { after, through }: SeqRange): Promise<Tally[]> {
  // Of an index that fits the grouping the engine would walk all of it, however short the range is.
  const rows = await snapshot.read<[string, string, string, number]>(
    Prisma.sql`SELECT category, action, account, count(*) FROM audit_logs ${snapshot.dialect.withoutIndex}
     WHERE seq > ${after} AND seq <= ${through} GROUP BY category, action, account`,
  )
  return rows.map(([category, action, account, count]) => ({ category, action, account, count }))
}

/** How many entries there are in each of the hours from `start` on. What is later counts with the last one. */
export async function perHour(snapshot: Snapshot, start: Date, hours: number): Promise<number[]> {
  const { integer, bigint, milliseconds } = snapshot.dialect
  const hour = Prisma.sql`(${milliseconds(Prisma.sql`created_at`)} - ${bigint(start.getTime())}) / ${integer(HOUR)}`
  const rows = await snapshot.read<[number, number]>(
    Prisma.sql`SELECT CASE WHEN hour < ${integer(hours - 1)} THEN hour ELSE ${integer(hours - 1)} END AS capped, count(*)
      FROM (SELECT ${hour} AS hour FROM audit_logs WHERE created_at >= ${start}) AS hours GROUP BY capped`,
  )
  const counts = new Map(rows)
  return Array.from({ length: hours }, (_, hour) => counts.get(hour) ?? 0)
}

/** How many entries claim to be from after `moment`. */
export async function countAfter(snapshot: Snapshot, moment: Date): Promise<number> {
  const sql = 'SELECT count(*) FROM audit_logs WHERE created_at > ?'
  return (await snapshot.read<[number]>(sql, moment))[0]?.[0] ?? 0
}

/** Who was denied how often. One entry may stand for several denials. */
export async function denialsPerPerson(snapshot: Snapshot, { after, through }: SeqRange): Promise<Map<string, number>> {
  const rows = await snapshot.read<[string, string]>(
    Prisma.sql`SELECT account, metadata FROM audit_logs ${snapshot.dialect.withIndex('audit_logs_action_idx')}
     WHERE action = 'PERMISSION_DENIED' AND seq > ${after} AND seq <= ${through}`,
  )
  const denials = new Map<string, number>()
  for (const [account, metadata] of rows) {
    const { count } = objectIn(metadata) ?? {}
    denials.set(account, (denials.get(account) ?? 0) + (typeof count === 'number' ? count : 1))
  }
  return denials
}

/** The newest entries of a category or of some actions, at most `limit`. */
export async function newest(
  snapshot: Snapshot,
  what: { readonly category: string } | { readonly actions: readonly string[] },
  { after, through }: SeqRange,
  limit: number,
): Promise<ReportEntry[]> {
  const where =
    'category' in what
      ? Prisma.sql`category = ${what.category}`
      : snapshot.dialect.isAmong(Prisma.sql`action`, what.actions)
  const rows = await snapshot.read<EntryRow>(
    Prisma.sql`SELECT created_at, action, description, account, actor_name, source, request_id, metadata
     FROM audit_logs WHERE ${where} AND seq > ${after} AND seq <= ${through} ORDER BY seq DESC LIMIT ${limit}`,
  )
  return rows.map(toEntry)
}

type EntryRow = readonly [number, string, string, string, string | null, string, string | null, string]

function toEntry([at, action, description, account, actorName, source, requestId, json]: EntryRow): ReportEntry {
  // Somebody may have damaged the row: that is for `verify` to find, and keeps no report from being made.
  const metadata = objectIn(json) ?? {}
  const operator = typeof metadata.operator === 'string' ? metadata.operator : undefined
  const reported = isStanding(action) && isReported({ source, requestId })
  return { at: new Date(at), action, description, account, actorName, operator, isReported: reported, metadata }
}
