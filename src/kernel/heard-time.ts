import { type Clock, HOUR, runningTime } from './clock.ts'

/** Messages take a while to arrive, and clocks differ. */
const APART = HOUR

/** What others say of the time: a message of theirs was written at a moment that has certainly come. */
export class HeardTime {
  readonly #clock: Clock
  /** The latest of what was heard, as the time at which this process had run for no time at all. */
  #start: number | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes note of when a platform says that a message was sent (ms); what is no time is passed over. */
  hear(sentAt: Date | number | undefined): void {
    const moment = Number(sentAt)
    if (sentAt === undefined || !Number.isFinite(moment)) return
    this.#start = Math.max(this.#start ?? Number.NEGATIVE_INFINITY, moment - runningTime(this.#clock))
  }

  /**
   * Whether the clock agrees with it. A message that came late speaks against a clock that is right: the next one, which
   * comes in time, speaks for it. `undefined` where nothing was heard.
   */
  agrees(): boolean | undefined {
    if (this.#start === undefined) return undefined
    return Math.abs(this.#clock.now() - this.#start - runningTime(this.#clock)) <= APART
  }
}
