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
