import type { Counted, Counter } from './counter.ts'

interface Window {
  passed: number
  givenBack: number
  /** By the time that the process runs: a clock that is set must neither end a window nor make it last. */
  readonly endsAt: number
  /** Forgets it when it has ended. */
  readonly timer: NodeJS.Timeout
}

/** Counts what this process lets through, in its memory: only what the last window holds. */
export class MemoryCounter implements Counter {
  readonly #windows = new Map<string, Window>()

  async take(key: string, length: number, limit: number): Promise<Counted> {
    return this.count(key, length, limit)
  }

  /** The same at once. */
  count(key: string, length: number, limit: number): Counted {
    const now = performance.now()
    const last = this.#windows.get(key)
    const window = last !== undefined && last.endsAt > now ? last : this.#begin(key, now, length, last)
    const passed = window.passed < limit
    if (passed) window.passed++
    return { passed, consumed: window.passed, msBeforeNext: window.endsAt - now }
  }

  /** One that passed is to count for nothing, of at most so many in a window. */
  giveBack(key: string, most: number): void {
    const window = this.#windows.get(key)
    if (window === undefined || window.passed === 0 || window.givenBack >= most) return
    window.passed--
    window.givenBack++
  }

  #begin(key: string, now: number, length: number, before: Window | undefined): Window {
    // A timer that is late must not end the new one.
    clearTimeout(before?.timer)
    const timer = setTimeout(() => this.#windows.delete(key), length).unref()
    const window = { passed: 0, givenBack: 0, endsAt: now + length, timer }
    this.#windows.set(key, window)
    return window
  }
}
