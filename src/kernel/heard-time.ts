import { isDate } from 'node:util/types'
import { type Clock, DAY, HOUR, MINUTE, runningTime, SKEW } from './clock.ts'

/** Messages take a while to arrive, and clocks differ. */
export const APART = HOUR
/** So long after another a message has to come to bear it out: what was left to deliver comes at once. */
const LATER = 10 * MINUTE
/** So long without another message of its kind one says nothing any more. */
const FORGOTTEN_AFTER = DAY
/** So many times that messages tell are told apart. */
const MOST = 16

/** A moment by two counts, of which nobody can set the second. */
interface Heard {
  readonly moment: number
  readonly passed: number
}

/** A time that is not the clock's, told by one message or more. */
interface Told extends Heard {
  /** When the last of them came. */
  readonly lastAt: number
  /** One came long enough after the first. */
  readonly isBorneOut: boolean
}

/** What others say of the time: a message was sent at a moment that has certainly come. */
export class HeardTime {
  readonly #clock: Clock
  /** What the clock said when a message last agreed with it. */
  #agreed: Heard | undefined
  /** What messages have told since that did not: any may have come late, each by its own time. The last heard is the last. */
  #against: readonly Told[] = []

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
      this.#against = []
    } else this.#take({ moment, passed: now.passed })
  }

  /**
   * Whether the clock agrees with it. One message alone says nothing against it, as any may come late: two that came as long after
   * one another as they were sent do. `undefined` where nobody can tell.
   */
  agrees(): boolean | undefined {
    if (this.#agreed !== undefined && this.#isNear(this.#agreed)) return true
    const told = this.#told()
    return told && this.#isNear(told)
  }

  /** By how many milliseconds the clock is ahead of what messages say, where they speak against it; below 0 where it is behind. */
  get apartBy(): number | undefined {
    const told = this.agrees() === false ? this.#told() : undefined
    return told && this.#ahead(told)
  }

  #take(heard: Heard): void {
    const known = this.#remembered()
    const isSame = (told: Told) => Math.abs(heard.moment - told.moment - (heard.passed - told.passed)) <= SKEW
    const same = known.find(isSame) ?? { ...heard, isBorneOut: false }
    const isBorneOut = same.isBorneOut || heard.passed - same.passed >= LATER
    const others = known.filter((told) => told !== same).slice(1 - MOST)
    this.#against = [...others, { ...same, isBorneOut, lastAt: heard.passed }]
  }

  /** Of what is borne out the latest: a message can be late, and never early. */
  #told(): Told | undefined {
    const borneOut = this.#remembered().filter((told) => told.isBorneOut)
    return borneOut.sort((one, other) => this.#ahead(one) - this.#ahead(other))[0]
  }

  #remembered(): readonly Told[] {
    const passed = this.#passed()
    return this.#against.filter(({ lastAt }) => passed - lastAt <= FORGOTTEN_AFTER)
  }

  #isNear(heard: Heard): boolean {
    return Math.abs(this.#ahead(heard)) <= APART
  }

  #ahead({ moment, passed }: Heard): number {
    return Math.round(this.#clock.now() - moment - (this.#passed() - passed))
  }

  /** Goes on while the machine sleeps, where it tells. */
  #passed(): number {
    return this.#clock.uptime?.() ?? runningTime(this.#clock)
  }
}
