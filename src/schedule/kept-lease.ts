import type { Logger } from '../kernel/log.ts'

/** What lets a job run in one process at a time, and once for each time it is due. */
export interface JobLeases {
  /** Takes a lease for `duration` milliseconds; `held`: another has it; `done`: the job ended well at `since` or later. */
  take(name: string, duration: number, since: number): Promise<'taken' | 'held' | 'done'>
  /** Keeps a lease for `duration` milliseconds from now on. @returns whether it is still held. */
  extend(name: string, duration: number): Promise<boolean>
  release(name: string, finished: boolean): Promise<void>
}

/** All in milliseconds. */
export interface LeaseTimes {
  /** A process that dies in a job keeps others from it for this long. */
  readonly duration: number
  /** How often it is extended while the job works: several attempts may fail before it is lost. */
  readonly extendEvery: number
  /** How often those who found it held look again. */
  readonly lookEvery: number
}

/** Who dies is followed within a minute: the lease ends, and then somebody looks. */
export const LEASE_TIMES: LeaseTimes = { duration: 45_000, extendEvery: 10_000, lookEvery: 10_000 }

interface Kept {
  readonly leases: JobLeases
  readonly lease: string
  readonly times: LeaseTimes
  /** When it was asked for, by `performance.now()`: what is kept is counted from there, so never too long. */
  readonly since: number
  readonly log: Logger
}

/** A lease that was taken and is extended until it ends. */
export class KeptLease {
  readonly #kept: Kept
  readonly #lost = new AbortController()
  readonly #extending: NodeJS.Timeout
  #expiring: NodeJS.Timeout | undefined
  #isOver = false

  constructor(kept: Kept) {
    this.#kept = kept
    this.#extending = setInterval(() => void this.#extend(), kept.times.extendEvery).unref()
    this.#expireAfter(kept.since)
  }

  /** Aborts when another may have it: it is another's, or it could not be extended for as long as it lasts. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  end(): void {
    this.#isOver = true
    clearInterval(this.#extending)
    clearTimeout(this.#expiring)
  }

  async #extend(): Promise<void> {
    const { leases, lease, times, log } = this.#kept
    const since = performance.now()
    try {
      const isHeld = await leases.extend(lease, times.duration)
      if (this.#isOver) return
      if (isHeld) this.#expireAfter(since)
      else this.#lose()
    } catch (err) {
      log.warn({ err, lease }, 'The lease of a job could not be extended')
    }
  }

  #expireAfter(since: number): void {
    clearTimeout(this.#expiring)
    const left = since + this.#kept.times.duration - performance.now()
    this.#expiring = setTimeout(() => this.#lose(), left).unref()
  }

  #lose(): void {
    this.end()
    this.#kept.log.warn({ lease: this.#kept.lease }, 'The lease of a job was lost: the job is told to stop')
    this.#lost.abort(new Error('The lease of the job was lost.'))
  }
}
