import { isDate } from 'node:util/types'
import { type Clock, HOUR, MINUTE, runningTime } from './clock.ts'

/** Messages take a while to arrive, and clocks differ. */
export const APART = HOUR
/** So long after another a message has to come to bear it out: what was left to deliver comes at once. */
const LATER = 10 * MINUTE

/** A moment by two counts, of which nobody can set the second. */
interface Heard {
  readonly moment: number
  readonly passed: number
}

/** What others say of the time: a message was sent at a moment that has certainly come. */
export class HeardTime {
  readonly #clock: Clock
  /** What the clock said when a message last agreed with it. */
  #agreed: Heard | undefined
  /** A message that did not: it may have come late. */
  #against: (Heard & { readonly isBorneOut: boolean }) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes note of when a platform says that a message was sent (ms, or a date); what is none is passed over. */
  hear(sentAt: Date | number | undefined): void {
    const moment = isDate(sentAt) ? sentAt.getTime() : sentAt
    if (typeof moment !== 'number' || !Number.isFinite(moment)) return
    const now = { moment: this.#clock.now(), passed: this.#passed() }
    if (Math.abs(now.moment - moment) <= APART) {
      this.#agreed = now
      this.#against = undefined
    } else if (!this.#against?.isBorneOut)
      this.#against = { moment, passed: now.passed, isBorneOut: this.#isBorneOut({ moment, passed: now.passed }) }
  }

  /**
   * Whether the clock agrees with it. One message alone says nothing against it, as any may come late: two that came as long after
   * one another as they were sent do. `undefined` where nobody can tell.
   */
  agrees(): boolean | undefined {
    if (this.#agreed !== undefined && this.#isNear(this.#agreed)) return true
    return this.#against?.isBorneOut ? this.#isNear(this.#against) : undefined
  }

  /** By how many milliseconds the clock is ahead of what messages say, where they speak against it; below 0 where it is behind. */
  get apartBy(): number | undefined {
    return this.#against !== undefined && this.agrees() === false ? this.#ahead(this.#against) : undefined
  }

  #isNear(heard: Heard): boolean {
    return Math.abs(this.#ahead(heard)) <= APART
  }

  #ahead({ moment, passed }: Heard): number {
    return Math.round(this.#clock.now() - moment - (this.#passed() - passed))
  }

  #isBorneOut({ moment, passed }: Heard): boolean {
    const before = this.#against
    if (before === undefined || passed - before.passed < LATER) return false
    return Math.abs(moment - before.moment - (passed - before.passed)) <= MINUTE
  }

  /** Goes on while the machine sleeps, where it tells. */
  #passed(): number {
    return this.#clock.uptime?.() ?? runningTime(this.#clock)
  }
}
