import { HOUR } from '../kernel/clock.ts'

/** How long after a report that could not be made the next may be, in milliseconds. */
const SOON = 1000

interface Burst {
  /** Forgets the burst one window after its latest violation. */
  readonly timer: NodeJS.Timeout
  latest: number
  reported: number
  /** Violations since it was reported. */
  unreported: number
}

/**
 * Violations of a limit that belong together: those of one key of which each is less than a window (in milliseconds)
 * after the one before. A burst is to be reported when it begins, and again for every hour that it goes on.
 */
export class Bursts {
  readonly #window: number
  readonly #going = new Map<string, Burst>()

  constructor(window: number) {
    this.#window = window
  }

  /** @returns where the burst is to be reported now, how many violations that report is about. */
  add(key: string): number | undefined {
    const now = performance.now()
    const burst = this.#going.get(key)
    if (burst === undefined || now - burst.latest >= this.#window) return this.#begin(key, now, burst)
    burst.timer.refresh()
    burst.latest = now
    burst.unreported += 1
    return now - burst.reported < HOUR ? undefined : takeUnreported(burst, now)
  }

  /** What was to be reported could not be: the next of the burst is, but no more than one a second. */
  postpone(key: string): void {
    const burst = this.#going.get(key)
    if (burst === undefined) return
    burst.reported = performance.now() + SOON - HOUR
    burst.unreported += 1
  }

  #begin(key: string, now: number, before: Burst | undefined): number {
    // A timer that is late must not end the new burst.
    clearTimeout(before?.timer)
    const timer = setTimeout(() => this.#going.delete(key), this.#window)
    timer.unref()
    this.#going.set(key, { timer, latest: now, reported: now, unreported: 0 })
    return 1
  }
}

function takeUnreported(burst: Burst, now: number): number {
  const { unreported } = burst
  burst.reported = now
  burst.unreported = 0
  return unreported
}
