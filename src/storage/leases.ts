import type { Clock } from '../kernel/clock.ts'
import type { Database } from './database.ts'

/** Who may run a job: of all processes on one database, one at a time. */
export class Leases {
  readonly #database: Database
  readonly #clock: Clock
  readonly #holder: string

  constructor(database: Database, clock: Clock, holder: string) {
    this.#database = database
    this.#clock = clock
    this.#holder = holder
  }

  /**
   * Takes the lease for `duration` milliseconds, after which another process may take it over.
   * @returns `false` if another holds it, or if the job ended well at `since` or later.
   */
  async take(name: string, duration: number, since: number): Promise<boolean> {
    const now = this.#clock.now()
    const held = { holder: this.#holder, expiresAt: new Date(now + duration) }
    return this.#database.transaction(async (tx) => {
      const lease = await tx.lease.findUnique({ where: { name } })
      if (lease !== null && lease.expiresAt.getTime() > now) return false
      if (lease?.finishedAt != null && lease.finishedAt.getTime() >= since) return false
      await tx.lease.upsert({ where: { name }, create: { name, ...held }, update: held })
      return true
    })
  }

  /** Keeps a lease that is still held for `duration` milliseconds from now on. */
  async extend(name: string, duration: number): Promise<void> {
    const now = this.#clock.now()
    await this.#database.transaction((tx) =>
      tx.lease.updateMany({
        where: { name, holder: this.#holder, expiresAt: { gt: new Date(now) } },
        data: { expiresAt: new Date(now + duration) },
      }),
    )
  }

  /** Gives the lease back; `finished` records that the job ended well. */
  async release(name: string, finished: boolean): Promise<void> {
    const now = new Date(this.#clock.now())
    await this.#database.transaction((tx) =>
      tx.lease.updateMany({
        where: { name, holder: this.#holder },
        data: { expiresAt: now, ...(finished ? { finishedAt: now } : {}) },
      }),
    )
  }
}
