import { isReported, isStanding } from '../audit/entry/standing.ts'
import { isOfOwnTime, type Still, saidTime, stillTimes } from '../audit/read/own-times.repository.ts'
import { asking, lastOlderThan, rangeOf } from '../audit/read/seq-range.repository.ts'
import { HOUR } from '../kernel/clock.ts'
import { objectIn } from '../kernel/json.ts'
import { ownTime } from '../kernel/own-time.ts'
import type { Snapshot } from '../storage/contract.ts'
import { Prisma } from '../storage/prisma.ts'

/** The entries after one `seq` and up to another. */
export interface SeqRange {
  readonly after: number
  readonly through: number
  /** What else holds of them, in SQL; empty where nothing does. */
  readonly also: Prisma.Sql
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

/** The entries between two moments; without the last one, also what a clock that ran ahead has written. */
export async function entriesBetween(snapshot: Snapshot, startDate: Date, end?: Date): Promise<SeqRange> {
  const endDate = end && new Date(end.getTime() - 1)
  const { from, to, ownTimes } = await rangeOf({ startDate, endDate }, askingOf(snapshot))
  const also = ownTimes === undefined ? Prisma.empty : Prisma.sql`AND ${isOfOwnTime(snapshot.dialect, ownTimes)}`
  return { after: from - 1, through: to, also }
}

/** The last `seq` that is older than a moment, as are all before it; -1 if there is none. */
export const lastBefore = (snapshot: Snapshot, moment: Date, now: Date): Promise<number> =>
  lastOlderThan(moment, now.getTime(), askingOf(snapshot))

const askingOf = (snapshot: Snapshot) => asking(snapshot.dialect, (question) => snapshot.rows(question))

/** How many entries there are of each kind by each actor. */
export async function tally(snapshot: Snapshot, { after, through, also }: SeqRange): Promise<Tally[]> {
  // Of an index that fits the grouping the engine would walk all of it, however short the range is.
  const rows = await snapshot.read<[string, string, string, number]>(
    Prisma.sql`SELECT category, action, account, count(*) FROM audit_logs ${snapshot.dialect.withoutIndex}
     WHERE seq > ${after} AND seq <= ${through} ${also} GROUP BY category, action, account`,
  )
  return rows.map(([category, action, account, count]) => ({ category, action, account, count }))
}

/** How many entries there are in each of the hours from `start` on. What is later counts with the last one. */
export async function perHour(snapshot: Snapshot, start: Date, hours: number): Promise<number[]> {
  const { integer, bigint, milliseconds } = snapshot.dialect
  const stills = await stillTimes((question) => snapshot.rows(question), start)
  const hour = Prisma.sql`(${milliseconds(Prisma.sql`created_at`)} - ${bigint(start.getTime())}) / ${integer(HOUR)}`
  const isTimed = stills.length === 0 ? Prisma.empty : Prisma.sql`AND (${saidTime(snapshot.dialect, stills)}) IS NULL`
  const rows = await snapshot.read<[number, number]>(
    Prisma.sql`SELECT CASE WHEN hour < ${integer(hours - 1)} THEN hour ELSE ${integer(hours - 1)} END AS capped, count(*)
      FROM (SELECT ${hour} AS hour FROM audit_logs WHERE created_at >= ${start} ${isTimed}) AS hours GROUP BY capped`,
  )
  const counts = new Map(rows)
  if (stills.length > 0)
    for (const at of await saidSince(snapshot, stills, start)) {
      const hour = Math.min(Math.floor((at - start.getTime()) / HOUR), hours - 1)
      counts.set(hour, (counts.get(hour) ?? 0) + 1)
    }
  return Array.from({ length: hours }, (_, hour) => counts.get(hour) ?? 0)
}

/** What the clock said when entries were written whose times stood still, from a moment on (ms). */
async function saidSince(snapshot: Snapshot, stills: readonly Still[], since: Date): Promise<number[]> {
  const said = saidTime(snapshot.dialect, stills)
  const rows = await snapshot.read<[string]>(
    Prisma.sql`SELECT ${said} FROM audit_logs WHERE created_at >= ${since} AND (${said}) >= ${since.toISOString()}`,
  )
  return rows.map(([time]) => Date.parse(time))
}

/** How many entries claim to be from after `moment`. */
export async function countAfter(snapshot: Snapshot, moment: Date): Promise<number> {
  const { after, through, also } = await entriesBetween(snapshot, new Date(moment.getTime() + 1))
  const sql = Prisma.sql`SELECT count(*) FROM audit_logs WHERE seq > ${after} AND seq <= ${through} ${also}`
  return (await snapshot.read<[number]>(sql))[0]?.[0] ?? 0
}

/** Who was denied how often. One entry may stand for several denials. */
export async function denialsPerPerson(
  snapshot: Snapshot,
  { after, through, also }: SeqRange,
): Promise<Map<string, number>> {
  const rows = await snapshot.read<[string, string]>(
    Prisma.sql`SELECT account, metadata FROM audit_logs ${snapshot.dialect.withIndex('audit_logs_action_idx')}
     WHERE action = 'PERMISSION_DENIED' AND seq > ${after} AND seq <= ${through} ${also}`,
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
  { after, through, also }: SeqRange,
  limit: number,
): Promise<ReportEntry[]> {
  const where =
    'category' in what
      ? Prisma.sql`category = ${what.category}`
      : snapshot.dialect.isAmong(Prisma.sql`action`, what.actions)
  const rows = await snapshot.read<EntryRow>(
    Prisma.sql`SELECT created_at, action, description, account, actor_name, source, request_id, metadata
     FROM audit_logs WHERE ${where} AND seq > ${after} AND seq <= ${through} ${also} ORDER BY seq DESC LIMIT ${limit}`,
  )
  return rows.map(toEntry)
}

type EntryRow = readonly [number, string, string, string, string | null, string, string | null, string]

function toEntry([at, action, description, account, actorName, source, requestId, json]: EntryRow): ReportEntry {
  // Somebody may have damaged the row: that is for `verify` to find, and keeps no report from being made.
  const metadata = objectIn(json) ?? {}
  const operator = typeof metadata.operator === 'string' ? metadata.operator : undefined
  const reported = isStanding(action) && isReported({ source, requestId })
  return {
    at: ownTime({ createdAt: at, metadata }),
    action,
    description,
    account,
    actorName,
    operator,
    isReported: reported,
    metadata,
  }
}
