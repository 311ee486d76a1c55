import { createRequire } from 'node:module'
import type { RateLimiterMemory } from 'rate-limiter-flexible'
import { Bursts } from './bursts.ts'
import { wholeNumber } from './whole-number.ts'

interface Refusal {
  readonly limit: number
  /** Milliseconds until the window ends. */
  readonly retryAfter: number
  /** Where the burst is to be reported now: the messages it is about, as `RateLimitViolation` says. */
  readonly consumed: number | undefined
}

// Loaded on demand: the package holds a limiter for every database, and takes longer to load than a command runs.
const rateLimiterFlexible = (): typeof import('rate-limiter-flexible') =>
  createRequire(import.meta.url)('rate-limiter-flexible')

/** Messages that each key may send in a window of time, which begins with the first of them. */
export class Limit {
  readonly #perWindow: () => number
  readonly #passed: RateLimiterMemory
  readonly #bursts: Bursts

  /** @param window in milliseconds */
  constructor(perWindow: () => number, window: number) {
    this.#perWindow = perWindow
    // The limit may change at any time, so the library counts and expires, and what it would allow is never asked.
    const { RateLimiterMemory } = rateLimiterFlexible()
    this.#passed = new RateLimiterMemory({ points: 0, duration: window / 1000, keyPrefix: '' })
    this.#bursts = new Bursts(window)
  }

  /**
   * Counts a message that passes; one that is refused uses nothing up. Looking and counting are two steps, so
   * callers have to take turns.
   * @returns `undefined` where the message passes.
   */
  async take(key: string): Promise<Refusal | undefined> {
    const limit = wholeNumber('A rate limit', this.#perWindow(), 0, Number.MAX_SAFE_INTEGER)
    if (limit === 0) return undefined
    const passed = await this.#passed.get(key)
    if (passed !== null && passed.msBeforeNext > 0 && passed.consumedPoints >= limit) {
      const refused = this.#bursts.add(key)
      const consumed = refused === undefined ? undefined : passed.consumedPoints + refused
      return { limit, consumed, retryAfter: Math.ceil(passed.msBeforeNext) }
    }
    await this.#passed.penalty(key)
    return undefined
  }
}
