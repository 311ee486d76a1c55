import type { JobLeases } from '../../src/schedule/kept-lease.ts'

interface Lease {
  holder: string
  expiresAt: number
  finishedAt: number
}

/** Leases as the database keeps them, by the time of `Date`, which tests may fake. */
export class MemoryLeases {
  readonly #leases = new Map<string, Lease>()

  of(holder: string): JobLeases {
    const mine = (name: string) => {
      const lease = this.#leases.get(name)
      return lease?.holder === holder ? lease : undefined
    }
    return {
      take: async (name, duration, since) => {
        const lease = this.#leases.get(name)
        const latest = Date.now() + 3 * duration
        if (lease !== undefined && lease.finishedAt >= since && lease.finishedAt <= latest) return 'done'
        if (lease !== undefined && lease.expiresAt > Date.now() && lease.expiresAt <= latest) return 'held'
        const finishedAt = lease?.finishedAt ?? Number.NEGATIVE_INFINITY
        this.#leases.set(name, { holder, expiresAt: Date.now() + duration, finishedAt })
        return 'taken'
      },
      extend: async (name, duration) => {
        const lease = mine(name)
        if (lease === undefined || lease.expiresAt <= Date.now()) return false
        lease.expiresAt = Date.now() + duration
        return true
      },
      release: async (name, finished) => {
        const lease = mine(name)
        if (lease === undefined) return
        lease.expiresAt = Date.now()
        if (finished) lease.finishedAt = Date.now()
      },
    }
  }
}
