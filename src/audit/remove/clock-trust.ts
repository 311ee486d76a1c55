import { type Clock, HOUR } from '../../kernel/clock.ts'
import type { HeardTime } from '../../kernel/heard-time.ts'
import { Stopwatch } from '../../kernel/stopwatch.ts'
import type { Reader } from '../../storage/contract.ts'
import { serverClock } from '../../storage/server-clock.ts'
import { type Actor, auditEvent, type Place, SYSTEM, SYSTEM_PLACE } from '../entry/entry.ts'
import type { MetadataOf } from '../entry/event-types.ts'
import type { AuditWriter } from '../write/audit-writer.ts'
import type { AuditTransaction } from '../write/change.ts'
import { doubtInForce, lastOwnTime, type SaidDoubt } from '../write/clock-doubt.repository.ts'
import { STOPPED } from '../write/clock-watch.ts'
import { latestOf, readHead } from '../write/trail.repository.ts'
import { countDoubt, forgetCount } from './clock-count.repository.ts'

/** How far the clocks of two machines may be apart. */
const APART = HOUR

export interface ClockTrustParts {
  readonly writer: AuditWriter
  readonly reader: Reader
  readonly clock: Clock
  readonly heard: HeardTime
  /** Tells owners that the clock was set while the bot ran, in the commit that begins to count. */
  tell(tx: AuditTransaction, doubt: SaidDoubt): Promise<void>
}

/**
 * Ends the doubt that the trail has of its clock: when the bot has run for a day since, added up over restarts; when messages or
 * the database's server agree with it; or when an owner does (`trustClock`). What speaks against it keeps the first from
 * counting.
 */
export class ClockTrust {
  readonly #parts: ClockTrustParts
  readonly #stopwatch: Stopwatch

  constructor(parts: ClockTrustParts) {
    this.#parts = parts
    this.#stopwatch = new Stopwatch(parts.clock)
  }

  /** Looks at the start, before anything is written. */
  async begin(): Promise<void> {
    const { reader, clock, writer } = this.#parts
    const last = await lastOwnTime(reader, await readHead(reader))
    const isLate = last !== undefined && clock.now() - last.getTime() > STOPPED
    if (isLate || (await this.isDue())) await writer.transaction(async (tx) => void (await this.settle(tx)))
  }

  /** Whether there is a doubt to be counted, or to be written down. */
  async isDue(): Promise<boolean> {
    return this.#parts.writer.hasClockJumped || (await this.isInDoubt())
  }

  async isInDoubt(): Promise<boolean> {
    return (await doubtInForce(this.#parts.reader)) !== undefined
  }

  /** Whether a doubt has ended and nothing was removed by age since. */
  async isOwed(): Promise<boolean> {
    const { reader } = this.#parts
    const trusted = await latestOf(reader, 'CLOCK_TRUSTED')
    return trusted > (await latestOf(reader, 'AUDIT_RETENTION')) && !(await this.isDue())
  }

  /** Notices, counts, and ends the doubt where it can. @returns whether the clock is trusted then. */
  async settle(tx: AuditTransaction): Promise<boolean> {
    const ran = this.#stopwatch.lap()
    if (await tx.isClockTrusted()) return true
    const doubt = await doubtInForce(tx.db)
    if (doubt === undefined) return true
    const by = await this.#speaksForIt(tx, doubt, ran)
    if (by === undefined) return false
    await trustClock(tx, doubt, by, { actor: SYSTEM, place: SYSTEM_PLACE })
    return true
  }

  async #speaksForIt(tx: AuditTransaction, doubt: SaidDoubt, ran: number): Promise<SpeaksForIt | undefined> {
    const { clock, heard, tell } = this.#parts
    const messages = heard.agrees()
    const server = await this.#serverAgrees(tx)
    const isContradicted = messages === false || server === false
    const { left, isNew } = await countDoubt(tx, doubt, isContradicted ? undefined : ran, clock.now())
    if (isNew && doubt.reason === 'jumped') await tell(tx, doubt)
    if (messages) return 'messages'
    if (server) return 'server'
    return left === 0 ? 'running' : undefined
  }

  async #serverAgrees({ db }: AuditTransaction): Promise<boolean | undefined> {
    const { clock } = this.#parts
    if (!clock.isReal) return undefined
    const server = await serverClock(db)
    return server === undefined ? undefined : Math.abs(server - clock.now()) <= APART
  }
}

type SpeaksForIt = MetadataOf<'CLOCK_TRUSTED'>['by']

/** Ends a doubt, with the entry that says who or what spoke for the clock. */
export async function trustClock(
  tx: AuditTransaction,
  { seq }: SaidDoubt,
  by: SpeaksForIt,
  { actor, place }: { readonly actor: Actor; readonly place: Place },
): Promise<void> {
  await tx.append(auditEvent('CLOCK_TRUSTED', actor, place, { since: seq, by }))
  await forgetCount(tx.db)
}
