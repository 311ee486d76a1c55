import { objectIn } from '../../kernel/json.ts'
import type { Dialect } from '../../storage/dialect.ts'
import { Prisma } from '../../storage/prisma.ts'
import { type AuditQuery, checkQuery } from '../entry/audit-filter.ts'
import { isOfOwnTime, type OwnTimes, stillTimes } from './own-times.repository.ts'

/** First and last `seq` that a question is about, both included. */
export interface SeqRange {
  readonly from: number
  readonly to: number
  /** Where it is known, when these were written: it tells in which parts of the trail they are. */
  readonly since?: Date | undefined
  readonly until?: Date | undefined
  /** Which of these are meant, where that is not all of them. */
  readonly ownTimes?: OwnTimes | undefined
}

/** No entry has a greater number. */
export const MAX_SEQ = 2 ** 31 - 1

/** Asks the database, on whichever connection. */
export interface Ask {
  readonly dialect: Dialect
  rows<Row>(question: Prisma.Sql): Promise<Row[]>
}

export const asking = (dialect: Dialect, rows: Ask['rows']): Ask => ({ dialect, rows })

/** The moments that every database can compare with: years of four digits. */
const FIRST_MOMENT = Date.parse('0001-01-01T00:00:00Z')
const LAST_MOMENT = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
const known = (moment: number): Date => new Date(Math.min(Math.max(moment, FIRST_MOMENT), LAST_MOMENT))

/** By which times a query goes: what the clock said, or those of entries, which never go back. */
export type Times = 'own' | 'trail'

/** The stretch of the trail that a query is about: times become numbers of entries. */
export async function rangeOf(query: AuditQuery, ask: Ask, times: Times = 'own'): Promise<SeqRange> {
  checkQuery(query)
  const { startDate, endDate, beforeSeq } = query
  const from = startDate === undefined ? 0 : (await lastSeqBefore(startDate.getTime(), ask)) + 1
  const end = endDate === undefined ? await lastSeq(ask) : await lastSeqBefore(endDate.getTime() + 1, ask)
  const range = {
    from,
    to: end,
    since: startDate && known(startDate.getTime()),
    until: endDate && known(endDate.getTime()),
  }
  const isTimeless = startDate === undefined && endDate === undefined
  const all = isTimeless || times === 'trail' ? range : await byOwnTimes(range, ask)
  return beforeSeq === undefined ? all : { ...all, to: Math.min(all.to, beforeSeq - 1) }
}

/** An entry is never earlier than its own time, and may be later where times stood still: the range ends with those. */
async function byOwnTimes(range: SeqRange, ask: Ask): Promise<SeqRange> {
  const { since, until } = range
  const stills = await stillTimes(ask.rows, since)
  if (stills.length === 0) return range
  const ownTimes = { stills, since, until }
  const last = stills.at(-1)?.until
  if (until === undefined || last === undefined || last <= until) return { ...range, ownTimes }
  return { ...range, to: await lastSeqBefore(last.getTime() + 1, ask), until: last, ownTimes }
}

async function lastSeq(ask: Ask): Promise<number> {
  if (ask.dialect.isPartitioned) {
    // One row, instead of a look into every part.
    const [head] = await ask.rows<{ size: number | bigint }>(Prisma.sql`SELECT size FROM audit_head WHERE id = 1`)
    return Number(head?.size ?? 0) - 1
  }
  const [row] = await ask.rows<{ seq: number | bigint }>(
    Prisma.sql`SELECT seq FROM audit_logs ORDER BY seq DESC LIMIT 1`,
  )
  return Number(row?.seq ?? -1)
}

/** The last `seq` whose time is before `moment` (ms); -1 if there is none. */
async function lastSeqBefore(moment: number, ask: Ask): Promise<number> {
  const [row] = await ask.rows<{ seq: number | bigint }>(Prisma.sql`
    SELECT seq FROM audit_logs WHERE created_at < ${known(moment)} ORDER BY created_at DESC, seq DESC LIMIT 1`)
  return Number(row?.seq ?? -1)
}

/**
 * The last `seq` that is older than a moment, and so are all before it. Where times stood still an entry can be older than its
 * time says, and what was written by a clock ahead before it with it. But one of two clocks was wrong then, and somebody may have set
 * it back to have entries go: so never where an entry before is of a time between that moment and now, or none before is older by its
 * own time, or the clock was doubted and nobody but the bot itself spoke for it since.
 */
export async function lastOlderThan(moment: Date, now: number, ask: Ask): Promise<number> {
  const last = await lastSeqBefore(moment.getTime(), ask)
  // A server lets nothing go by age that is younger by its time.
  const stills = ask.dialect.isPartitioned || last < 0 ? [] : await stillTimes(ask.rows, moment)
  if (stills.length === 0) return last
  const isYoung = isOfOwnTime(ask.dialect, { stills, since: moment, until: new Date(now) })
  const [young] = await ask.rows<Row>(Prisma.sql`
    SELECT seq FROM audit_logs WHERE seq > ${BigInt(last)} AND ${isYoung} ORDER BY seq LIMIT 1`)
  const end = young === undefined ? MAX_SEQ : Number(young.seq)
  const [oldest] = await ask.rows<{ at: Date | number }>(
    Prisma.sql`SELECT created_at AS "at" FROM audit_logs WHERE seq = ${BigInt(last)}`,
  )
  const since = new Date(oldest?.at ?? moment)
  const isOld = isOfOwnTime(ask.dialect, { stills, since, until: new Date(moment.getTime() - 1) })
  for (const [from, to] of await undoubted(last, end, ask)) {
    const [old] = await ask.rows<Row>(Prisma.sql`
      SELECT seq FROM audit_logs WHERE seq > ${BigInt(from)} AND seq < ${BigInt(to)} AND ${isOld} ORDER BY seq DESC LIMIT 1`)
    if (old !== undefined) return Number(old.seq)
  }
  return last
}

/** Between which entries after one and before another nobody doubted the clock, or somebody has spoken for it; the last first. */
async function undoubted(after: number, before: number, ask: Ask): Promise<(readonly [from: number, to: number])[]> {
  const said = await ask.rows<Row & { action: string; metadata: string }>(Prisma.sql`
    SELECT seq, action, metadata FROM audit_logs WHERE action IN ('CLOCK_DOUBTED', 'CLOCK_TRUSTED')
      AND seq > ${BigInt(after)} AND seq < ${BigInt(before)} ORDER BY seq`)
  const ranges: [number, number][] = []
  let from: number | undefined = after
  for (const { seq, action, metadata } of said) {
    // What was doubted at once was not borne out.
    const isBorne = from !== after || action === 'CLOCK_TRUSTED'
    if (from !== undefined && isBorne) ranges.push([from, Number(seq)])
    const isBorneOut = action === 'CLOCK_TRUSTED' && objectIn(metadata)?.by !== 'running'
    from = isBorneOut ? Number(seq) - 1 : undefined
  }
  if (from !== undefined) ranges.push([from, before])
  return ranges.reverse()
}

interface Row {
  readonly seq: number | bigint
}
