import { objectIn } from '../../kernel/json.ts'
import type { Reader } from '../../storage/contract.ts'
import { Prisma } from '../../storage/prisma.ts'
import { type Head, latestOf } from './trail.repository.ts'

type Raw = Pick<Reader, '$queryRaw'>

/** Why nobody can rely on the clock, as an entry (`CLOCK_DOUBTED`) says it. */
export interface ClockDoubt {
  readonly reason: 'stopped' | 'jumped'
  /** How far it is ahead of the last entry, or of where it would be, in milliseconds; below 0 where it was set back. */
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
  const [entry] = await db.$queryRaw<{ createdAt: Date | number; metadata: string }[]>`
    SELECT created_at AS "createdAt", metadata FROM audit_logs WHERE action = 'CLOCK_DOUBTED' AND seq = ${BigInt(seq)}`
  const { reason, byMs } = objectIn(entry?.metadata) ?? {}
  return {
    seq,
    reason: reason === 'jumped' ? 'jumped' : 'stopped',
    byMs: Number(byMs),
    saidAt: ownTime(entry ?? { createdAt: 0, metadata: '' }),
  }
}

/** Command lines are started by somebody who may have set the clock: what they write does not tell how long a bot was away. */
const BY_COMMAND_LINE = Prisma.join(['cli', 'import'])

/** What the clock said when a bot last wrote an entry, of so many; `undefined` where none has. */
export async function lastOwnTime(db: Raw, { size }: Pick<Head, 'size'>): Promise<Date | undefined> {
  const [last] = await db.$queryRaw<{ createdAt: Date | number; metadata: string }[]>`
    SELECT created_at AS "createdAt", metadata FROM audit_logs
    WHERE seq < ${BigInt(size)} AND source NOT IN (${BY_COMMAND_LINE}) ORDER BY seq DESC LIMIT 1`
  return last && ownTime(last)
}

/**
 * What the clock said when an entry was written: its time, but where the clock had been set back and the times of entries
 * did not follow.
 */
function ownTime({ createdAt, metadata }: { readonly createdAt: Date | number; readonly metadata: string }): Date {
  const { clockTime } = objectIn(metadata) ?? {}
  const own = typeof clockTime === 'string' ? Date.parse(clockTime) : Number.NaN
  // Never later: a host may have a field of that name in an event of its own.
  return new Date(Math.min(Number.isNaN(own) ? Number.POSITIVE_INFINITY : own, Number(createdAt)))
}
