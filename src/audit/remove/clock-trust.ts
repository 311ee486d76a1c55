import type { Clock } from '../../kernel/clock.ts'
import { Countdown } from '../../kernel/countdown.ts'
import { APART, type HeardTime } from '../../kernel/heard-time.ts'
import type { Reader } from '../../storage/contract.ts'
import { serverClock } from '../../storage/server-clock.ts'
import { type Actor, auditEvent, type Place, SYSTEM, SYSTEM_PLACE } from '../entry/entry.ts'
import type { AuditWriter } from '../write/audit-writer.ts'
import type { AuditTransaction } from '../write/change.ts'
import {
  doubtInForce,
  lastOwnTimes,
  lastTrust,
  type SaidDoubt,
  type SpeaksForIt,
} from '../write/clock-doubt.repository.ts'
import { STOPPED } from '../write/clock-watch.ts'
import { latestOf, readHead } from '../write/trail.repository.ts'
import { countDoubt, forgetCount, PATIENCE } from './clock-count.repository.ts'

export interface ClockTrustParts {
  readonly writer: AuditWriter
  readonly reader: Reader
  readonly clock: Clock
  readonly heard: HeardTime
  /** Tells owners that the clock was set while the bot ran, or that messages speak against it, in the commit that begins to count. */
  tell(tx: AuditTransaction, doubt: SaidDoubt): Promise<void>
}

/**
 * Ends the doubt that the trail has of its clock: when the bot has run for a day since, added up over restarts, and messages
 * told nobody another time; when messages or the database's server agree with it; or when an owner does (`trustClock`). What
 * speaks against it keeps the first from counting. A process that doubted its own clock relies on what others say of theirs only where that is the same.
 */
export class ClockTrust {
  readonly #parts: ClockTrustParts
  readonly #countdown: Countdown

  constructor(parts: ClockTrustParts) {
    this.#parts = parts
    this.#countdown = new Countdown(parts.clock, PATIENCE)
  }

  /** Looks at the start, before anything is written. */
  async begin(): Promise<void> {
    const { reader, clock } = this.#parts
    const times = await lastOwnTimes(reader, await readHead(reader), STOPPED)
    if (times !== undefined && clock.now() - times.sure.at.getTime() > STOPPED) await this.#count()
    else await this.countIfInDoubt()
  }

  /** Counts what this process has run. */
  async countIfInDoubt(): Promise<void> {
    if (await this.isInDoubt()) await this.#count()
  }

  /** Whether there is anything to settle. */
  async isDue(): Promise<boolean> {
    if (await this.isInDoubt()) return true
    return this.#parts.heard.agrees() === true && (await lastTrust(this.#parts.reader))?.by === 'running'
  }

  /** Whether the trail or this process doubts the clock, or is about to. */
  async isInDoubt(): Promise<boolean> {
    const { writer, reader } = this.#parts
    return writer.isClockDoubted || (await doubtInForce(reader)) !== undefined
  }

  /** Whether a doubt has ended and nothing was removed by age since. */
  async isOwed(): Promise<boolean> {
    const { reader } = this.#parts
    const trusted = await latestOf(reader, 'CLOCK_TRUSTED')
    return trusted > (await latestOf(reader, 'AUDIT_RETENTION')) && !(await this.isInDoubt())
  }

  /** Notices, counts, and ends the doubt where it can. @returns whether the clock is trusted then. */
  async settle(tx: AuditTransaction): Promise<boolean> {
    if (await tx.isClockTrusted()) {
      this.#countdown.forget(ALONE)
      await this.#bearOut(tx)
      return true
    }
    const doubt = await doubtInForce(tx.db)
    const evidence = await this.#evidence(tx)
    const by = doubt === undefined ? await this.#own(tx, evidence) : await this.#shared(tx, doubt, evidence)
    if (by === undefined) return false
    if (doubt === undefined) tx.trustClock()
    else await trustClock(tx, doubt.seq, by, { actor: SYSTEM, place: SYSTEM_PLACE })
    return true
  }

  async #count(): Promise<void> {
    await this.#parts.writer.transaction(async (tx) => void (await this.settle(tx)))
  }

  /** What ends the doubt of the trail. */
  async #shared(tx: AuditTransaction, doubt: SaidDoubt, { by, isAgainst }: Evidence): Promise<SpeaksForIt | undefined> {
    this.#countdown.forget(ALONE)
    const { left, isNew } = await countDoubt(tx, doubt, this.#countdown, !isAgainst)
    if (isNew && doubt.reason !== 'stopped') await this.#parts.tell(tx, doubt)
    // To run proves nothing where somebody else has told another time, be it to another process.
    const isContradicted = isAgainst || doubt.reason === 'messages'
    return by ?? (left === 0 && !isContradicted ? 'running' : undefined)
  }

  /** What lets this process rely on its clock again, where the trail is in no doubt any more. */
  async #own(tx: AuditTransaction, { by, isAgainst }: Evidence): Promise<SpeaksForIt | undefined> {
    const trust = await lastTrust(tx.db)
    const isSameClock = trust !== undefined && Math.abs(this.#parts.clock.now() - trust.saidAt.getTime()) <= APART
    if (isSameClock && !isAgainst) return trust.by
    return by ?? (this.#countdown.left(ALONE, PATIENCE, !isAgainst) === 0 && !isAgainst ? 'running' : undefined)
  }

  /** Where only running ended a doubt, somebody may still speak for the clock: what stood still meanwhile is removed by that alone. */
  async #bearOut(tx: AuditTransaction): Promise<void> {
    const trust = await lastTrust(tx.db)
    if (trust?.by !== 'running') return
    const { by } = await this.#evidence(tx)
    if (by !== undefined) await trustClock(tx, trust.since, by, { actor: SYSTEM, place: SYSTEM_PLACE })
  }

  /** Who else tells the time. */
  async #evidence({ db }: AuditTransaction): Promise<Evidence> {
    const { clock, heard } = this.#parts
    const messages = heard.agrees()
    const told = clock.isReal ? await serverClock(db) : undefined
    const server = told === undefined ? undefined : Math.abs(told - clock.now()) <= APART
    const by = messages ? 'messages' : server ? 'server' : undefined
    return { by, isAgainst: by === undefined && (messages === false || server === false) }
  }
}

/** No entry has that number: by it this process counts where only it is in doubt. */
const ALONE = -1

interface Evidence {
  readonly by: SpeaksForIt | undefined
  /** Somebody else tells another time, and nobody this one. */
  readonly isAgainst: boolean
}

/** Ends a doubt, with the entry that says who or what spoke for the clock; one that has ended by running alone is borne out so. */
export async function trustClock(
  tx: AuditTransaction,
  since: number,
  by: SpeaksForIt,
  { actor, place }: { readonly actor: Actor; readonly place: Place },
): Promise<void> {
  await tx.append(auditEvent('CLOCK_TRUSTED', actor, place, { since, by }))
  await forgetCount(tx.db)
  tx.trustClock()
}
