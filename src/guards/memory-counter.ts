import { createRequire } from 'node:module'
import type { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Counted, Counter } from './counter.ts'

// Loaded on demand: the package holds a limiter for every database, and takes longer to load than a command runs.
const rateLimiterFlexible = (): typeof import('rate-limiter-flexible') =>
  createRequire(import.meta.url)('rate-limiter-flexible')

/** Counts what this process lets through, in its memory: only what the last window holds. */
export class MemoryCounter implements Counter {
  readonly #passed: RateLimiterMemory
  #turn: Promise<unknown> = Promise.resolve()

  constructor() {
    const { RateLimiterMemory } = rateLimiterFlexible()
    // The limit may change at any time, so the library counts and expires, and what it would allow is never asked.
    this.#passed = new RateLimiterMemory({ points: 0, duration: 1, keyPrefix: '' })
  }

  /** Looking and counting are two steps of the library, so callers take turns. */
  take(key: string, window: number, limit: number): Promise<Counted> {
    const counted = this.#turn.then(() => this.#take(key, window, limit))
    this.#turn = counted.catch(() => {})
    return counted
  }

  async #take(key: string, window: number, limit: number): Promise<Counted> {
    const before = await this.#passed.get(key)
    const isOver = before !== null && before.msBeforeNext > 0 && before.consumedPoints >= limit
    const { consumedPoints: consumed, msBeforeNext } = isOver
      ? before
      : await this.#passed.penalty(key, 1, { customDuration: window / 1000 })
    return { passed: !isOver, consumed, msBeforeNext }
  }
}
