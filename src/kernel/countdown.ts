import { type Clock, runningTime } from './clock.ts'

interface Look {
  readonly left: number
  readonly at: number
}

/**
 * Counts what is left of a time that the bot is to run, in rows that several processes share: what they run side by side counts
 * once, and what one has run before it first looked at a row not at all. Nobody's clock has a say in it, as those may differ.
 */
export class Countdown {
  readonly #clock: Clock
  readonly #whole: number
  /** What this process found at its last look, by the number of the entry that began it. */
  readonly #looks = new Map<number, Look>()

  /** @param whole how long it is from its beginning, in milliseconds. */
  constructor(clock: Clock, whole: number) {
    this.#clock = clock
    this.#whole = whole
  }

  /**
   * @param written how many milliseconds are left by the row, which others may have written; `undefined` where nothing says it that can be
   * believed: it begins anew.
   * @param counts whether what this process has run since its last look counts.
   * @returns how many are left.
   */
  left(since: number, written: number | undefined, counts = true): number {
    const at = runningTime(this.#clock)
    const before = written === undefined ? undefined : this.#looks.get(since)
    const ran = before === undefined || !counts ? 0 : Math.max(0, at - before.at)
    const left = Math.max(0, Math.min(written ?? this.#whole, (before?.left ?? this.#whole) - ran))
    this.#looks.set(since, { left, at })
    return Math.ceil(left)
  }

  /** It begins anew, with the next look. */
  forget(since: number): void {
    this.#looks.delete(since)
  }
}
