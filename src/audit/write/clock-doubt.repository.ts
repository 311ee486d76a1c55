import { HOUR } from '../../kernel/clock.ts'
import { objectIn } from '../../kernel/json.ts'
import { CLOCK_TIME, ownTime } from '../../kernel/own-time.ts'
import type { Reader } from '../../storage/contract.ts'
import { Prisma } from '../../storage/prisma.ts'
import type { MetadataOf } from '../entry/event-types.ts'
import { type Head, latestOf } from './trail.repository.ts'

type Raw = Pick<Reader, '$queryRaw'>
type Asking = Pick<Reader, '$queryRaw' | 'dialect'>
/** What speaks for a clock, as an entry says it. */
export type SpeaksForIt = MetadataOf<'CLOCK_TRUSTED'>['by']

/** Why nobody can rely on the clock, as an entry (`CLOCK_DOUBTED`) says it. */
export interface ClockDoubt {
  readonly reason: MetadataOf<'CLOCK_DOUBTED'>['reason']
  /** How far it is ahead of the last entry, of where it would be, or of what messages say, in milliseconds; below 0 where it is behind. */
  readonly byMs: number
}

/** The same, as the trail has it. */
export interface SaidDoubt extends ClockDoubt {
  readonly seq: number
  /** What the clock said when it was written. */
  readonly saidAt: Date
}

/** The doubt that nothing has ended. */
export async function doubtInForce(db: Raw): Promise<SaidDoubt | undefined> {
  const [doubted, trusted] = [await latestOf(db, 'CLOCK_DOUBTED'), await latestOf(db, 'CLOCK_TRUSTED')]
  return doubted > trusted ? readDoubt(db, doubted) : undefined
}

/** The last doubt that there was, ended or not. */
export async function lastDoubt(db: Raw): Promise<SaidDoubt | undefined> {
  const seq = await latestOf(db, 'CLOCK_DOUBTED')
  return seq < 0 ? undefined : readDoubt(db, seq)
}

async function readDoubt(db: Raw, seq: number): Promise<SaidDoubt> {
  const { said, saidAt } = await read(db, 'CLOCK_DOUBTED', seq)
  return { seq, reason: said.reason as ClockDoubt['reason'], byMs: Number(said.byMs), saidAt }
}

interface Trust {
  readonly seq: number
  /** The number of the entry that doubted it. */
  readonly since: number
  readonly by: SpeaksForIt
  /** What the clock said when it was written. */
  readonly saidAt: Date
}

/** What spoke for the clock when it was last trusted. */
export async function lastTrust(db: Raw): Promise<Trust | undefined> {
  const seq = await latestOf(db, 'CLOCK_TRUSTED')
  if (seq < 0) return undefined
  const { said, saidAt } = await read(db, 'CLOCK_TRUSTED', seq)
  return { seq, since: Number(said.since), by: said.by as SpeaksForIt, saidAt }
}

/** For so long one entry tells it of all: where two clocks differ, the times of entries stand still and go on by turns. */
export const TOLD_FOR = HOUR

/** Since which time it was last said that those of entries stand still (ms). */
export async function lastLag(db: Raw): Promise<number | undefined> {
  const seq = await latestOf(db, 'CLOCK_JUMP')
  if (seq < 0) return undefined
  const { said } = await read(db, 'CLOCK_JUMP', seq)
  return Date.parse(String(said.at))
}

async function read(db: Raw, action: string, seq: number) {
  const [entry = { createdAt: 0, metadata: '' }] = await db.$queryRaw<
    { createdAt: Date | number; metadata: string }[]
  >`SELECT created_at AS "createdAt", metadata FROM audit_logs WHERE action = ${action} AND seq = ${BigInt(seq)}`
  return { said: objectIn(entry.metadata) ?? {}, saidAt: ownTime(entry) }
}

/** Command lines are started by somebody who may have set the clock: what they write does not tell how long a bot was away. */
const IS_BOTS = Prisma.sql`source NOT IN ('cli', 'import') AND action <> 'CLOCK_JUMP'`

interface Written {
  readonly seq: number
  /** What the clock said. */
  readonly at: Date
}

/** What clocks said when bots last wrote. */
interface LastTimes {
  readonly last: Written
  /** The same, but where another bot's said then that it was earlier, and nobody spoke for the later one. */
  readonly sure: Written
}

/**
 * When a bot last wrote one of so many entries, or where none has, anybody; `undefined` where there are none. Clocks differ where they
 * are more than `apart` milliseconds apart.
 */
export async function lastOwnTimes(
  db: Asking,
  { size }: Pick<Head, 'size'>,
  apart: number,
): Promise<LastTimes | undefined> {
  const last = (await lastWhere(db, size, IS_BOTS)) ?? (await lastWhere(db, size, Prisma.sql`1 = 1`))
  if (last === undefined) return undefined
  const [since, lag] = [new Date(last.at.getTime() - apart), await lastLag(db)]
  if (lag === undefined || lag + TOLD_FOR < since.getTime()) return { last, sure: last }
  const other = await lastBehind(db, { size, since, last: last.at.getTime(), apart })
  if (other === undefined) return { last, sure: last }
  const trust = await lastTrust(db)
  const isBorneOut = trust !== undefined && trust.seq > other.seq && trust.by !== 'running' && trust.saidAt >= since
  return { last, sure: isBorneOut ? last : other }
}

/** So many entries it looks back: more would keep a start waiting. */
const LOOKED_AT = 10_000

/** The last of the newest entries that was written by a clock behind: after one that said what the last entry's has said since, or nearly. */
async function lastBehind(
  db: Asking,
  { size, since, last, apart }: { size: number; since: Date; last: number; apart: number },
): Promise<Written | undefined> {
  const said = db.dialect.clockTime(Prisma.sql`metadata`)
  const rows = await db.$queryRaw<{ seq: number | bigint; createdAt: Date | number; said: unknown }[]>`
    SELECT seq, created_at AS "createdAt", ${said} AS said FROM audit_logs
    WHERE seq < ${BigInt(size)} AND seq >= ${BigInt(size - LOOKED_AT)} AND ${IS_BOTS} AND created_at >= ${since} ORDER BY seq`
  let [newest, behind]: [number, Written | undefined] = [Number.NEGATIVE_INFINITY, undefined]
  for (const { seq, createdAt, said } of rows) {
    const at = ownTime({ createdAt, metadata: { [CLOCK_TIME]: said } })
    if (at.getTime() <= Math.min(newest, last) - apart) behind = { seq: Number(seq), at }
    // Where the clock was ahead of what it says now, nobody goes by that any more.
    if (at.getTime() <= last) newest = Math.max(newest, at.getTime())
  }
  return behind
}

async function lastWhere(db: Raw, size: number, where: Prisma.Sql): Promise<Written | undefined> {
  const [last] = await db.$queryRaw<{ seq: number | bigint; createdAt: Date | number; metadata: string }[]>`
    SELECT seq, created_at AS "createdAt", metadata FROM audit_logs
    WHERE seq < ${BigInt(size)} AND ${where} ORDER BY seq DESC LIMIT 1`
  return last && { seq: Number(last.seq), at: ownTime(last) }
}
