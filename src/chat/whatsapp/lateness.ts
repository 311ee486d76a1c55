import { type Clock, MINUTE, runningTime } from '../../kernel/clock.ts'

/** Messages that are written and heard at once come this much apart from what the clock says of it, more or less. */
const STEADY = 5000
/** What was left to deliver comes at once, or faster than it was written. */
const BORNE_OUT_AFTER = MINUTE
const LEAST_MESSAGES = 3
/** Clocks of machines and platforms differ. */
const ALIKE = 30_000
/** So many delays are told apart. */
const MOST = 16

/** Messages that came equally late by the clock: by so much a clock is ahead, or they all waited for as long. */
interface Delay {
  readonly byMs: number
  readonly count: number
  /** When the first and the last of them came, by a count that nobody can set. */
  readonly first: number
  readonly last: number
}

/**
 * How late messages come. The clock alone does not tell: by one that is ahead every message is old. Messages that keep
 * coming, each as late as those before it, are new, and it is the clock that is wrong.
 */
export class Lateness {
  readonly #clock: Clock
  #delays: readonly Delay[] = []
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
    const same = this.#delays.find((delay) => Math.abs(delay.byMs - byMs) <= STEADY)
    const delay: Delay =
      same === undefined
        ? { byMs, count: 1, first: passed, last: passed }
        : { byMs: Math.min(same.byMs, byMs), count: same.count + 1, first: same.first, last: passed }
    this.#delays = [...this.#delays.filter((other) => other !== same).slice(1 - MOST), delay]
    return byMs - this.clockIsAheadBy
  }

  /** By how much the clock is ahead of what messages say, in milliseconds; below 0 where it is behind; 0 where they do not say. */
  get clockIsAheadBy(): number {
    const steady = this.#delays.filter(
      ({ count, first, last }) => count >= LEAST_MESSAGES && last - first >= BORNE_OUT_AFTER,
    )
    // A message may be late and is never early: any that came at once tells more than those that did not.
    const least = Math.min(...this.#delays.map(({ byMs }) => byMs))
    const isLeast = steady.some(({ byMs }) => byMs <= least + STEADY)
    return isLeast && Math.abs(least) > ALIKE ? least : 0
  }

  #forgetIfSet(now: number, passed: number): void {
    const before = this.#before
    if (before !== undefined && Math.abs(now - before.now - (passed - before.passed)) > STEADY) this.#delays = []
    this.#before = { now, passed }
  }
}
