import { isReported, isStanding } from '../audit/standing.ts'
import { HOUR } from '../kernel/clock.ts'
import type { Snapshot } from '../storage/snapshot.ts'

/** The entries after one `seq` and up to another. */
export interface SeqRange {
  readonly after: number
  readonly through: number
}

export interface Tally {
  readonly category: string
  readonly action: string
  readonly phoneNumber: string
  readonly count: number
}

/** An entry as a report shows it. */
export interface ReportEntry {
  readonly at: Date
  readonly action: string
  readonly description: string
  readonly phoneNumber: string
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
    moment.getTime(),
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
    `SELECT category, action, phone_number, count(*) FROM audit_logs NOT INDEXED
     WHERE seq > ? AND seq <= ? GROUP BY category, action, phone_number`,
    after,
    through,
  )
  return rows.map(([category, action, phoneNumber, count]) => ({ category, action, phoneNumber, count }))
}

/** How many entries there are in each of the hours from `start` on. What is later counts with the last one. */
export async function perHour(snapshot: Snapshot, start: Date, hours: number): Promise<number[]> {
  const rows = await snapshot.read<[number, number]>(
    // A number is bound as a real one, and would be divided as such.
    `SELECT min((created_at - CAST(? AS INTEGER)) / ${HOUR}, ?), count(*) FROM audit_logs WHERE created_at >= ? GROUP BY 1`,
    start.getTime(),
    hours - 1,
    start.getTime(),
  )
  const counts = new Map(rows)
  return Array.from({ length: hours }, (_, hour) => counts.get(hour) ?? 0)
}

/** How many entries claim to be from after `moment`. */
export async function countAfter(snapshot: Snapshot, moment: Date): Promise<number> {
  const sql = 'SELECT count(*) FROM audit_logs WHERE created_at > ?'
  return (await snapshot.read<[number]>(sql, moment.getTime()))[0]?.[0] ?? 0
}

/** Who was denied how often. One entry may stand for several denials. */
export async function denialsPerPerson(snapshot: Snapshot, { after, through }: SeqRange): Promise<Map<string, number>> {
  const rows = await snapshot.read<[string, number]>(
    `SELECT phone_number, sum(coalesce(CASE WHEN json_valid(metadata) THEN json_extract(metadata, '$.count') END, 1))
     FROM audit_logs INDEXED BY audit_logs_action_idx
     WHERE action = 'PERMISSION_DENIED' AND seq > ? AND seq <= ? GROUP BY phone_number`,
    after,
    through,
  )
  return new Map(rows)
}

/** The newest entries of a category or of some actions, at most `limit`. */
export async function newest(
  snapshot: Snapshot,
  what: { readonly category: string } | { readonly actions: readonly string[] },
  { after, through }: SeqRange,
  limit: number,
): Promise<ReportEntry[]> {
  const [where, value] =
    'category' in what
      ? ['category = ?', what.category]
      : ['action IN (SELECT value FROM json_each(?))', JSON.stringify(what.actions)]
  const rows = await snapshot.read<EntryRow>(
    `SELECT created_at, action, description, phone_number, actor_name, source, request_id, metadata
     FROM audit_logs WHERE ${where} AND seq > ? AND seq <= ? ORDER BY seq DESC LIMIT ?`,
    value,
    after,
    through,
    limit,
  )
  return rows.map(toEntry)
}

type EntryRow = readonly [number, string, string, string, string | null, string, string | null, string]

function toEntry([at, action, description, phoneNumber, actorName, source, requestId, json]: EntryRow): ReportEntry {
  const metadata = read(json)
  const operator = typeof metadata.operator === 'string' ? metadata.operator : undefined
  const reported = isStanding(action) && isReported({ source, requestId })
  return { at: new Date(at), action, description, phoneNumber, actorName, operator, isReported: reported, metadata }
}

/** Somebody may have damaged the row: that is for `verify` to find, and keeps no report from being made. */
function read(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
