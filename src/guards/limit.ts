import type { Excess } from '../kernel/arrived.ts'
import { Bursts } from './bursts.ts'
import type { Counter } from './counter.ts'
import { MemoryCounter } from './memory-counter.ts'
import { wholeNumber } from './whole-number.ts'

/** Messages of a key that have arrived and are not answered, and how many there may be. */
export interface Waiting {
  readonly waiting: number
  readonly most: number
}

interface LimitParts {
  /** Keeps its keys apart from those of other limits on the same counter. */
  readonly name: string
  readonly perWindow: () => number
  /** In milliseconds. */
  readonly window: number
  readonly counter: Counter
}

/** How many times its limit a key may send in a window of what counts for nothing. */
const GIVEN_BACK = 10

/** Messages that each key may send in a window of time, which begins with the first of them. */
export class Limit {
  readonly #parts: LimitParts
  readonly #bursts: Bursts
  readonly #arrived = new MemoryCounter()

  constructor(parts: LimitParts) {
    this.#parts = parts
    this.#bursts = new Bursts(parts.window)
  }

  /**
   * Counts a message that passes; one that is refused uses nothing up.
   * @returns `undefined` where the message passes.
   */
  async take(key: string): Promise<Excess | undefined> {
    const { name, window, counter } = this.#parts
    const limit = this.#limit()
    if (limit === 0) return undefined
    const { passed, consumed, msBeforeNext } = await counter.take(`${name}:${key}`, window, limit)
    return passed ? undefined : this.#refuse(key, limit, consumed, msBeforeNext)
  }

  /**
   * Counts a message by this process alone, at once, and refuses it also where so many of that key wait already. What
   * is refused here and by `take` is one burst.
   */
  arrive(key: string, { waiting, most }: Waiting): Excess | undefined {
    const { window } = this.#parts
    if (waiting >= most) return this.#refuse(key, most, waiting, window)
    const limit = this.#limit()
    if (limit === 0) return undefined
    const { passed, consumed, msBeforeNext } = this.#arrived.count(key, window, limit)
    return passed ? undefined : this.#refuse(key, limit, consumed, msBeforeNext)
  }

  /** Whether a burst begins with a refusal, or is to be reported again, that was counted by another key. */
  isFirstOf(key: string): boolean {
    return this.#bursts.add(key) !== undefined
  }

  /** The one that was to be reported ended another way. */
  postpone(key: string): void {
    this.#bursts.postpone(key)
  }

  /** What arrived is turned away, and counts for nothing; not without end, as each was asked about. */
  giveBack(key: string): void {
    this.#arrived.giveBack(key, GIVEN_BACK * this.#limit())
  }

  #limit(): number {
    return wholeNumber('A rate limit', this.#parts.perWindow(), 0, Number.MAX_SAFE_INTEGER)
  }

  #refuse(key: string, limit: number, passed: number, retryAfter: number): Excess {
    const refused = this.#bursts.add(key)
    return {
      limit,
      consumed: refused === undefined ? undefined : passed + refused,
      retryAfter: Math.ceil(retryAfter),
    }
  }
}
