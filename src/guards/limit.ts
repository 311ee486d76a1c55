import { Bursts } from './bursts.ts'
import type { Counter } from './counter.ts'
import { wholeNumber } from './whole-number.ts'

interface Refusal {
  readonly limit: number
  /** Milliseconds until the window ends. */
  readonly retryAfter: number
  /** Where the burst is to be reported now: the messages it is about, as `RateLimitViolation` says. */
  readonly consumed: number | undefined
}

interface LimitParts {
  /** Keeps its keys apart from those of other limits on the same counter. */
  readonly name: string
  readonly perWindow: () => number
  /** In milliseconds. */
  readonly window: number
  readonly counter: Counter
}

/** Messages that each key may send in a window of time, which begins with the first of them. */
export class Limit {
  readonly #parts: LimitParts
  readonly #bursts: Bursts

  constructor(parts: LimitParts) {
    this.#parts = parts
    this.#bursts = new Bursts(parts.window)
  }

  /**
   * Counts a message that passes; one that is refused uses nothing up.
   * @returns `undefined` where the message passes.
   */
  async take(key: string): Promise<Refusal | undefined> {
    const { name, perWindow, window, counter } = this.#parts
    const limit = wholeNumber('A rate limit', perWindow(), 0, Number.MAX_SAFE_INTEGER)
    if (limit === 0) return undefined
    const { passed, consumed, msBeforeNext } = await counter.take(`${name}:${key}`, window, limit)
    if (passed) return undefined
    const refused = this.#bursts.add(key)
    return {
      limit,
      consumed: refused === undefined ? undefined : consumed + refused,
      retryAfter: Math.ceil(msBeforeNext),
    }
  }
}
