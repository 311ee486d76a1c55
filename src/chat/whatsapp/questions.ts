import { type Clock, MINUTE, runningTime } from '../../kernel/clock.ts'

/** How many questions of one kind WhatsApp is asked a minute: many are said to raise the risk of a ban. */
export class Questions {
  readonly #most: number
  readonly #clock: Clock
  #asked: number[] = []

  constructor(most: number, clock: Clock) {
    this.#most = most
    this.#clock = clock
  }

  /** Counts one more, if it may be asked. */
  take(): boolean {
    const now = runningTime(this.#clock)
    this.#asked = this.#asked.filter((at) => now - at < MINUTE)
    if (this.#asked.length >= this.#most) return false
    this.#asked.push(now)
    return true
  }
}
