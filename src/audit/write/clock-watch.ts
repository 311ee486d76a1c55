import { type Clock, DAY, HOUR, MINUTE, runningTime } from '../../kernel/clock.ts'
import type { SqlTransaction } from '../../storage/contract.ts'
import type { Draft } from '../entry/draft.ts'
import { type AuditEvent, auditEvent, SYSTEM, SYSTEM_PLACE } from '../entry/entry.ts'
import type { Appending } from './appender.ts'
import { type ClockDoubt, doubtInForce, lastDoubt, lastOwnTime } from './clock-doubt.repository.ts'

/** A bot that runs writes each day: what is missing more was stopped, or its clock is wrong. */
export const STOPPED = 2 * DAY
/** An hour, as a machine that keeps local time sets its clock by one each autumn, and what clocks drift beside it. */
const OFF = HOUR + 5 * MINUTE

interface Reading {
  readonly wall: number
  readonly running: number
  readonly uptime: number | undefined
}

/**
 * Looks whether this process can rely on its clock: at its start by the newest entry, from then on by the time that it has
 * run, which nobody can set. Where it can't, an entry says so in the next commit: removal by age waits until that is over.
 */
export class ClockWatch {
  readonly #clock: Clock
  /** The clocks when they were last found to be right. */
  #since: Reading
  /** When they were last compared, by the time that this process has run. */
  #lookedAt: number
  #isStart = true
  /** Looked at once in a transaction: the doubt may end in it. */
  #lookedIn: Appending | undefined
  /** The clocks when they were found to be apart. */
  #apart: Reading | undefined

  constructor(clock: Clock) {
    this.#clock = clock
    this.#since = this.#read()
    this.#lookedAt = this.#since.running
  }

  /** Whether the clock was set while this process ran, which is not written yet. */
  get hasJumped(): boolean {
    return this.#jump() !== undefined
  }

  /**
   * Says it in this transaction, unless it is said already.
   * @returns the entry that does.
   */
  async notice(
    db: SqlTransaction,
    appending: Appending,
    draft: (event: AuditEvent) => Draft,
  ): Promise<Draft | undefined> {
    const isStart = this.#isStart && this.#lookedIn !== appending
    this.#lookedIn = appending
    const doubt = this.#jump() ?? (isStart ? await this.#stop(db, appending) : undefined)
    if (doubt === undefined || (await this.#isSaid(db, doubt))) return undefined
    const said = draft(auditEvent('CLOCK_DOUBTED', SYSTEM, SYSTEM_PLACE, { ...doubt }))
    await appending.append([said])
    return said
  }

  /** What was noticed is written, where there was anything. */
  committed(): void {
    this.#isStart = false
    this.#lookedIn = undefined
    if (this.#apart !== undefined) this.#since = this.#apart
    this.#apart = undefined
  }

  async #stop(db: SqlTransaction, { before }: Appending): Promise<ClockDoubt | undefined> {
    const last = await lastOwnTime(db, before)
    if (last === undefined) return undefined
    const byMs = Math.round(this.#since.wall - last.getTime())
    return byMs > STOPPED ? { reason: 'stopped', byMs } : undefined
  }

  #jump(): ClockDoubt | undefined {
    this.#apart = undefined
    const [since, now] = [this.#since, { wall: this.#clock.now(), running: runningTime(this.#clock) }]
    const byMs = Math.round(now.wall - since.wall - (now.running - since.running))
    if (Math.abs(byMs) <= OFF) {
      this.#lookedAt = now.running
      return undefined
    }
    const reading = this.#read()
    if (since.uptime !== undefined && reading.uptime !== undefined) {
      const slept = reading.uptime - since.uptime
      // The machine slept, and its clock went on as it should.
      if (Math.abs(reading.wall - since.wall - slept) <= OFF) {
        this.#since = reading
        return undefined
      }
    }
    this.#apart = reading
    return { reason: 'jumped', byMs }
  }

  /** By another process, or by an earlier look in this transaction. */
  async #isSaid(db: SqlTransaction, { reason, byMs }: ClockDoubt): Promise<boolean> {
    if (reason === 'stopped') {
      const doubt = await doubtInForce(db)
      // A longer stop begins anew: the machine may have started with a wrong clock meanwhile.
      return doubt !== undefined && byMs <= Math.abs(doubt.byMs)
    }
    const doubt = await lastDoubt(db)
    if (doubt?.reason !== 'jumped' || Math.abs(doubt.byMs - byMs) > OFF) return false
    const sinceLook = runningTime(this.#clock) - this.#lookedAt
    return doubt.saidAt.getTime() >= this.#clock.now() - sinceLook - MINUTE
  }

  #read(): Reading {
    return { wall: this.#clock.now(), running: runningTime(this.#clock), uptime: this.#clock.uptime?.() }
  }
}
