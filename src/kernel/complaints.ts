import { type Clock, HOUR, runningTime } from './clock.ts'
import type { Logger } from './log.ts'

/** Logs the same trouble once an hour, however often it is met: what is tried again each minute would fill the log. */
export class Complaints {
  readonly #clock: Clock
  readonly #log: Logger
  readonly #toldAt = new Map<string, number>()

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock
    this.#log = log
  }

  tell(message: string, err?: unknown): void {
    const now = runningTime(this.#clock)
    if (now - (this.#toldAt.get(message) ?? Number.NEGATIVE_INFINITY) < HOUR) return
    this.#toldAt.set(message, now)
    this.#log.error(err === undefined ? {} : { err }, message)
  }
}
