import type { Excess } from '../kernel/arrived.ts'
import { MINUTE } from '../kernel/clock.ts'
import type { Counter } from './counter.ts'
import { Limit, type Waiting } from './limit.ts'
import { MemoryCounter } from './memory-counter.ts'
import { report } from './report.ts'
import { LONGEST_TIME, wholeNumber } from './whole-number.ts'

type LimitType = 'user' | 'global'

export interface RateLimitViolation {
  /** Whose message went over the limit; for the global limit, the first who came too late. */
  readonly key: string
  /** What was said of them beside the key. */
  readonly who?: unknown
  readonly limitType: LimitType
  /** Messages per window, as it was set then. */
  readonly limit: number
  /** Messages that the window let through, and those refused since the burst was last reported, this one included. */
  readonly consumed: number
}

export type RateVerdict =
  | { readonly allowed: true }
  | {
      readonly allowed: false
      readonly limitType: LimitType
      /** Milliseconds until the next message can pass. */
      readonly retryAfter: number
      /** Whether the burst was reported with this message: the one whose sender is worth telling. */
      readonly isFirst: boolean
    }

export interface RateLimiterOptions {
  /** Messages per window from one key, from 0; 0 is no limit. Asked for every message, so a change counts at once. */
  readonly user: () => number
  /** Messages per window from all keys together, in the same way. */
  readonly global: () => number
  /** Milliseconds, at most 2,147,483,647; one minute where it is left out. A window begins with its first message. */
  readonly window?: number
  /**
   * Called once per burst: violations that are less than a window apart, of one key or of the global limit. A burst
   * that goes on is reported again every hour. What the callback throws is dropped.
   */
  readonly onViolation?: (violation: RateLimitViolation) => void
  /** Where it is counted, so that several processes can share their limits; in the memory of this one by default. */
  readonly counter?: Counter
}

interface TakeOptions {
  /** Neither counts for the global limit nor is stopped by it, so that a flood by strangers locks no admin out. */
  readonly exempt?: 'global'
  /** Who it is, where the key does not say it: handed to `onViolation` as it is. */
  readonly who?: unknown
}

export interface RateLimiter {
  /**
   * Asks whether a message of `key` (any text that stands for its sender) may be handled, and counts it if so. The
   * user limit comes first: what it refuses does not use up the global one.
   * @throws {ChatwardenError} `INVALID_ARGUMENT` if a limit is not a whole number from 0; or what `user` or `global` threw.
   */
  take(key: string, options?: TakeOptions): Promise<RateVerdict>
}

/**
 * Limits how many messages each sender and all of them together may send. Counts only what the last window holds, in
 * memory unless told otherwise, and never keeps the process alive.
 * @throws {ChatwardenError} `INVALID_ARGUMENT` if the window cannot be used.
 */
export const createRateLimiter = (options: RateLimiterOptions): RateLimiter => new WindowRateLimiter(options)

type Counted = Pick<RateLimitViolation, 'key' | 'who'>
type Refused = { readonly allowed: false }

/** The same, which also counts what is not handled yet. */
export class WindowRateLimiter implements RateLimiter {
  readonly #limits: Readonly<Record<LimitType, Limit>>
  readonly #onViolation: RateLimiterOptions['onViolation']

  constructor({ user, global, window = MINUTE, onViolation, counter = new MemoryCounter() }: RateLimiterOptions) {
    wholeNumber('The window of a rate limit, in milliseconds,', window, 1, LONGEST_TIME)
    const limit = (name: LimitType, perWindow: () => number) => new Limit({ name, perWindow, window, counter })
    this.#limits = { user: limit('user', user), global: limit('global', global) }
    this.#onViolation = onViolation
  }

  async take(key: string, { exempt, who }: TakeOptions = {}): Promise<RateVerdict> {
    const sender = { key, ...(who !== undefined && { who }) }
    const byUser = await this.#refusal('user', sender, key)
    if (byUser !== undefined) return byUser
    const byGlobal = exempt === 'global' ? undefined : await this.#refusal('global', sender, 'all')
    return byGlobal ?? { allowed: true }
  }

  /** Counts a message of `key` by the user limit when it arrives, in this process. @returns why it is not to be handled. */
  arrive(key: string, waiting: Waiting): Excess | undefined {
    return this.#limits.user.arrive(key, waiting)
  }

  /** One that arrived counts for nothing. */
  giveBack(key: string): void {
    this.#limits.user.giveBack(key)
  }

  /** What was one too many when it arrived ended another way: the next is to be reported. */
  postpone(key: string): void {
    this.#limits.user.postpone(key)
  }

  /** Refuses what was one too many when it arrived, `counted` by another key where it was not known yet whose it was. */
  refuseArrived(sender: Counted, excess: Excess, counted: string): RateVerdict & Refused {
    const isOne = counted === sender.key || this.#limits.user.isFirstOf(sender.key)
    return this.#refuse('user', sender, isOne ? excess : { ...excess, consumed: undefined })
  }

  async #refusal(limitType: LimitType, sender: Counted, counted: string): Promise<RateVerdict | undefined> {
    const refusal = await this.#limits[limitType].take(counted)
    return refusal && this.#refuse(limitType, sender, refusal)
  }

  /** Reports a refusal, if it is to be. */
  #refuse(limitType: LimitType, sender: Counted, { limit, consumed, retryAfter }: Excess): RateVerdict & Refused {
    if (consumed !== undefined) report(this.#onViolation, { ...sender, limitType, limit, consumed })
    return { allowed: false, limitType, retryAfter, isFirst: consumed !== undefined }
  }
}
