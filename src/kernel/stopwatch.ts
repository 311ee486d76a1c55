import { type Clock, runningTime } from './clock.ts'

/** How long this process has run, whatever is done to its clock meanwhile. */
export class Stopwatch {
  readonly #clock: Clock
  #since: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#since = runningTime(clock)
  }

  /** @returns the milliseconds since the last lap, or since the beginning. */
  lap(): number {
    const before = this.#since
    this.#since = runningTime(this.#clock)
    return Math.max(0, this.#since - before)
  }
}

/** How long something is still to last that lasts while the bot runs. */
export interface Lasting {
  /** In milliseconds, as of the count before. */
  readonly remaining: number
  readonly countedAt: Date
}

/**
 * What is left when this process has run for so many more milliseconds. Several processes side by side count once, and a
 * clock that is set forward counts for nothing.
 */
export const leftAfter = ({ remaining, countedAt }: Lasting, ran: number, now: number): number =>
  Math.max(remaining - Math.round(Math.max(0, Math.min(ran, now - countedAt.getTime()))), 0)
