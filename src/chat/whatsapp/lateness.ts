import { type Clock, HOUR, MINUTE, runningTime } from '../../kernel/clock.ts'

/** Messages that are heard when they are written come this much apart from what the clock says of it, more or less. */
const STEADY = 5000
/** What was left to deliver comes faster than it was written, and so each message less late than the one before. */
const BORNE_OUT_AFTER = MINUTE
const LEAST_MESSAGES = 3
/** Clocks of machines and platforms differ. */
const ALIKE = 30_000

/** Messages, one after another, that came equally late by the clock. */
interface Run {
  readonly byMs: number
  readonly count: number
  /** When the first of them came, by a count that nobody can set. */
  readonly since: number
}

/**
 * How late messages come. The clock alone does not tell: by one that is ahead every message is old. Where for a minute
 * each message that comes is as late as the one before, they are new, and it is the clock that is wrong; unless one in the last
 * hour came at once, which no clock can make of one that is late.
 */
export class Lateness {
  readonly #clock: Clock
  #run: Run | undefined
  /** The message that came least late in the last hour, but for those that by the clock are not written yet. */
  #least: { readonly byMs: number; readonly passed: number } | undefined
  /** The clock and the count at the last message: between them nobody has set it, and the machine has not slept. */
  #before: { readonly now: number; readonly passed: number } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes note of a message that was written at `at` (ms) and comes `now`. @returns how late it came, in milliseconds. */
  hear(at: number, now: number): number {
    const passed = runningTime(this.#clock)
    this.#forgetIfSet(now, passed)
    if (!Number.isFinite(at)) return 0
    const byMs = now - at
    this.#run = this.#goesOn(byMs) ?? { byMs, count: 1, since: passed }
    const isOutdated = this.#least === undefined || passed - this.#least.passed > HOUR
    if (byMs >= -ALIKE && (isOutdated || byMs < (this.#least?.byMs ?? 0))) this.#least = { byMs, passed }
    return byMs - this.clockIsAheadBy
  }

  /** By how much the clock is ahead of what messages say, in milliseconds; below 0 where it is behind; 0 where they do not say. */
  get clockIsAheadBy(): number {
    const [run, least] = [this.#run, this.#least]
    if (run === undefined || !this.#isSteady) return 0
    const byMs = run.byMs < -ALIKE ? run.byMs : Math.min(run.byMs, least?.byMs ?? 0)
    return Math.abs(byMs) > ALIKE ? byMs : 0
  }

  /** The run with a message that came so late, if that does not end it: what comes later than others may have waited. */
  #goesOn(byMs: number): Run | undefined {
    const run = this.#run
    if (run !== undefined && Math.abs(run.byMs - byMs) <= STEADY) return { ...run, count: run.count + 1 }
    return this.#isSteady && run !== undefined && byMs > run.byMs ? run : undefined
  }

  get #isSteady(): boolean {
    const { count = 0, since = 0 } = this.#run ?? {}
    return count >= LEAST_MESSAGES && (this.#before?.passed ?? 0) - since >= BORNE_OUT_AFTER
  }

  #forgetIfSet(now: number, passed: number): void {
    const before = this.#before
    if (before !== undefined && Math.abs(now - before.now - (passed - before.passed)) > STEADY) {
      this.#run = undefined
      this.#least = undefined
    }
    this.#before = { now, passed }
  }
}
