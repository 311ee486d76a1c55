import { type Clock, DAY, HOUR, MINUTE, runningTime } from '../../kernel/clock.ts'
import type { HeardTime } from '../../kernel/heard-time.ts'
import type { SqlTransaction } from '../../storage/contract.ts'
import type { Draft } from '../entry/draft.ts'
import { type AuditEvent, auditEvent, SYSTEM, SYSTEM_PLACE } from '../entry/entry.ts'
import type { Appending } from './appender.ts'
import { type ClockDoubt, doubtInForce, lastDoubt, lastOwnTimes } from './clock-doubt.repository.ts'

/** A bot that runs writes each day: what is missing more was stopped, or its clock is wrong. */
export const STOPPED = 2 * DAY
/** An hour, as a machine that keeps local time sets its clock by one each autumn, and what clocks drift beside it. */
const OFF = HOUR + 5 * MINUTE

/** So long what clocks drift beside each other is forgiven. */
const FORGIVEN_AFTER = DAY

interface Found extends ClockDoubt {
  /** Said by any doubt that came after that entry, by which it was found. */
  readonly after?: number
}

/** What a transaction has found. */
interface Looked {
  readonly by: Appending
  /** The clocks where they were apart. */
  readonly apart: Reading | undefined
  /** Messages speak against the clock. */
  readonly isAgainst: boolean
}

interface Reading {
  readonly wall: number
  readonly running: number
  readonly uptime: number | undefined
}

/**
 * Looks whether this process can rely on its clock: at its start by the newest entry, from then on by the time that it has
 * run, which nobody can set, and by the messages that it gets. Where it can't, an entry says so in the next commit: removal by
 * age waits until that is over.
 */
export class ClockWatch {
  readonly #clock: Clock
  readonly #heard: Pick<HeardTime, 'apartBy'>
  /** What the clock said when this process started. */
  readonly #startedAt: number
  /** The clocks when they were last found to be right. */
  #since: Reading
  /** When they were last compared, by the time that this process has run. */
  #lookedAt: number
  #isStart = true
  #isDoubting = false
  /** In which transaction it has looked last, and the clocks where they were found to be apart: nothing counts before the commit. */
  #looked: Looked | undefined
  /** The trail has what messages say against it. */
  #isAgainstSaid = false

  constructor(clock: Clock, heard: Pick<HeardTime, 'apartBy'>) {
    this.#clock = clock
    this.#heard = heard
    this.#since = this.#read()
    this.#startedAt = this.#since.wall
    this.#lookedAt = this.#since.running
  }

  /** Whether the clock was set while this process ran, or messages speak against it, which is not written yet. */
  get isAboutToDoubt(): boolean {
    return (this.#jumpAt(this.#read()) ?? this.#against()) !== undefined
  }

  /** Whether this process can't rely on its clock, whatever others say of theirs. */
  get isDoubting(): boolean {
    return this.#isDoubting
  }

  /** Something spoke for the clock of this process. */
  trust(): void {
    this.#isDoubting = false
  }

  /**
   * Says it in this transaction, unless it is said already.
   * @returns the entry that does.
   */
  async notice(appending: Appending, draft: (event: AuditEvent) => Draft): Promise<Draft | undefined> {
    const now = this.#read()
    const jump = this.#jumpAt(now)
    if (jump === undefined) this.#foundRight(now)
    const before = this.#looked?.by === appending ? this.#looked : undefined
    // It looks for these once in a transaction: the doubt may end in it.
    const away = this.#isStart && before === undefined ? await this.#awayFor(appending) : undefined
    const against = before === undefined ? this.#against() : undefined
    const isAgainst = against !== undefined || before?.isAgainst === true
    this.#looked = { by: appending, apart: jump === undefined ? before?.apart : now, isAgainst }
    const found = jump ?? away ?? against
    if (found === undefined) return undefined
    if (before === undefined) this.#isDoubting = true
    if (await this.#isSaid(appending.db, found)) return undefined
    const { reason, byMs } = found
    const said = draft(auditEvent('CLOCK_DOUBTED', SYSTEM, SYSTEM_PLACE, { reason, byMs }))
    await appending.append([said])
    return said
  }

  /** What was noticed in that transaction is written, where there was anything. */
  committed(appending: Appending): void {
    if (this.#looked?.by !== appending) return
    this.#isStart = false
    if (this.#looked.apart !== undefined) this.#since = this.#looked.apart
    this.#isAgainstSaid ||= this.#looked.isAgainst
    this.#looked = undefined
  }

  async #awayFor({ db, before }: Appending): Promise<Found | undefined> {
    const times = await lastOwnTimes(db, before, STOPPED)
    if (times === undefined) return undefined
    for (const { seq, at } of [times.last, times.sure]) {
      const awayMs = Math.round(this.#startedAt - at.getTime())
      if (awayMs > STOPPED) return { reason: 'stopped', byMs: awayMs, after: seq }
    }
    // By now: others may have written for long since this one started.
    const byMs = Math.round(this.#clock.now() - times.last.at.getTime())
    // One of two clocks was wrong, and there was a doubt already: what was run by the other counts for nothing.
    const isBack = byMs < -OFF && (await doubtInForce(db)) !== undefined
    return isBack ? { reason: 'jumped', byMs } : undefined
  }

  #against(): ClockDoubt | undefined {
    const byMs = this.#heard.apartBy
    if (byMs === undefined) this.#isAgainstSaid = false
    return byMs === undefined || this.#isAgainstSaid ? undefined : { reason: 'messages', byMs }
  }

  #jumpAt(now: Reading): ClockDoubt | undefined {
    const since = this.#since
    const [ran, passed] = [now.running - since.running, now.wall - since.wall]
    const slept = since.uptime === undefined || now.uptime === undefined ? ran : now.uptime - since.uptime
    // By both: a machine that slept did not run, and not every one tells how long it slept.
    if (Math.abs(passed - ran) <= OFF || Math.abs(passed - slept) <= OFF) return undefined
    return { reason: 'jumped', byMs: Math.round(passed - slept) }
  }

  #foundRight(now: Reading): void {
    this.#lookedAt = now.running
    if (now.running - this.#since.running > FORGIVEN_AFTER) this.#since = now
  }

  /** By another process, or by an earlier look in this transaction. */
  async #isSaid(db: SqlTransaction, { reason, byMs, after = -1 }: Found): Promise<boolean> {
    if (reason === 'stopped') return ((await doubtInForce(db))?.seq ?? -1) > after
    if (reason === 'messages') return (await doubtInForce(db))?.reason === 'messages'
    const doubt = await lastDoubt(db)
    if (doubt?.reason !== 'jumped' || Math.abs(doubt.byMs - byMs) > OFF) return false
    const sinceLook = runningTime(this.#clock) - this.#lookedAt
    const ago = this.#clock.now() - doubt.saidAt.getTime()
    return ago >= -MINUTE && ago <= sinceLook + MINUTE
  }

  #read(): Reading {
    return { wall: this.#clock.now(), running: runningTime(this.#clock), uptime: this.#clock.uptime?.() }
  }
}
