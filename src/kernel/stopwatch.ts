import type { Clock } from './clock.ts'

/** How long this process has run, whatever is done to its clock meanwhile. */
export class Stopwatch {
  readonly #now: () => number
  #since: number

  constructor(clock: Clock) {
    this.#now = () => clock.monotonic?.() ?? clock.now()
    this.#since = this.#now()
  }

  /** @returns the milliseconds since the last lap, or since the beginning. */
  lap(): number {
    const before = this.#since
    this.#since = this.#now()
    return Math.max(0, this.#since - before)
  }
}
