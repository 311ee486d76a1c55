import type { Logger } from '../kernel/log.ts'
import type { Counted, Counter } from './counter.ts'
import { MemoryCounter } from './memory-counter.ts'

/** How long one message waits for an answer, in milliseconds. */
const PATIENCE = 1000
/** How long nothing is asked after that, so that not every message waits in vain. */
const LEFT_ALONE = 10_000

/**
 * Counts where several processes share their limits, and in the memory of this one while nothing answers there: a flood
 * must not be let through because the database is away, and nobody is locked out by it.
 */
export class SharedCounter implements Counter {
  readonly #shared: Counter
  readonly #log: Logger
  readonly #memory = new MemoryCounter()
  #isAway = false
  #askAgainAt = Number.NEGATIVE_INFINITY

  constructor(shared: Counter, log: Logger) {
    this.#shared = shared
    this.#log = log
  }

  async take(key: string, window: number, limit: number): Promise<Counted> {
    const now = performance.now()
    if (now < this.#askAgainAt) return this.#memory.take(key, window, limit)
    // One message finds out whether it is back, the others go on meanwhile.
    if (this.#isAway) this.#askAgainAt = now + LEFT_ALONE
    try {
      const counted = await answered(this.#shared.take(key, window, limit))
      this.#noteBack()
      return counted
    } catch (err) {
      this.#noteAway(err)
      return this.#memory.take(key, window, limit)
    }
  }

  #noteAway(err: unknown): void {
    this.#askAgainAt = performance.now() + LEFT_ALONE
    if (this.#isAway) return
    this.#isAway = true
    this.#log.warn({ err }, 'Rate limits are counted by this process alone: those that are shared do not answer')
  }

  #noteBack(): void {
    if (!this.#isAway) return
    this.#isAway = false
    this.#askAgainAt = Number.NEGATIVE_INFINITY
    this.#log.info('Rate limits are shared again')
  }
}

async function answered<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new Error(`No answer within ${PATIENCE} ms.`))
    // A process that stood still itself finds the answer that is already there before it gives up.
    timer = setTimeout(() => setImmediate(giveUp), PATIENCE).unref()
  })
  try {
    return await Promise.race([answer, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
