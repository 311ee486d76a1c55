import type { Clock } from '../kernel/clock.ts'
import type { Database } from './contract.ts'

/** By how many times the length of a lease the clocks of two processes may differ. */
const SKEW = 3

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
   * @returns `done` if the job ended well at `since` or later, `held` if another has the lease.
   */
  take(name: string, duration: number, since: number): Promise<'taken' | 'held' | 'done'> {
    return this.#database.transaction(async (tx) => {
      // Asked here: who waited for the database must not take a lease that has ended before it begins.
      const now = this.#clock.now()
      const [moment, expiresAt] = [new Date(now), new Date(now + duration)]
      // What ends later than any lease can, or ended well in the future, was written by a clock that was wrong, or by
      // somebody else: it must keep nobody from the job.
      const latest = new Date(now + SKEW * duration)
      await tx.$executeRaw`
        INSERT INTO leases (name, holder, expires_at) VALUES (${name}, ${this.#holder}, ${moment})
        ON CONFLICT (name) DO NOTHING`
      // Looks and takes in one statement: of several, one gets it, however transactions are kept apart.
      const { count } = await tx.lease.updateMany({
        where: {
          name,
          AND: [
            { OR: [{ expiresAt: { lte: moment } }, { expiresAt: { gt: latest } }] },
            { OR: [{ finishedAt: null }, { finishedAt: { lt: new Date(since) } }, { finishedAt: { gt: latest } }] },
          ],
        },
        data: { holder: this.#holder, expiresAt },
      })
      if (count > 0) return 'taken'
      const lease = await tx.lease.findUnique({ where: { name } })
      const finishedAt = lease?.finishedAt?.getTime() ?? Number.NEGATIVE_INFINITY
      return finishedAt >= since && finishedAt <= latest.getTime() ? 'done' : 'held'
    })
  }

  /** Keeps a lease that is still held for `duration` milliseconds from now on. @returns whether it is. */
  extend(name: string, duration: number): Promise<boolean> {
    return this.#database.transaction(async (tx) => {
      const now = this.#clock.now()
      const { count } = await tx.lease.updateMany({
        where: { name, holder: this.#holder, expiresAt: { gt: new Date(now) } },
        data: { expiresAt: new Date(now + duration) },
      })
      return count > 0
    })
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
