import { DAY } from '../kernel/clock.ts'
import type { Database } from '../storage/contract.ts'

/** Where files for somebody to fetch lie in the object store. */
export const SHARED = 'shared/'

/** What lies in the object store for somebody to fetch, and until when. */
export class SharedObjects {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async save(key: string, expiresAt: Date): Promise<void> {
    await this.#database.transaction((tx) =>
      tx.sharedObject.upsert({ where: { key }, create: { key, expiresAt }, update: { expiresAt } }),
    )
  }

  async expired(now: Date): Promise<string[]> {
    // Nothing is there for so long: it was shared by a clock that was ahead.
    const latest = new Date(now.getTime() + DAY)
    const rows = await this.#database.reader.sharedObject.findMany({
      where: { OR: [{ expiresAt: { lte: now } }, { expiresAt: { gt: latest } }] },
    })
    // Whoever can write to the table could name an archive there, by way of `..` too.
    return rows.flatMap(({ key }) => (/^shared\/[\w-]+\/(?!\.+$)[^/]+$/.test(key) ? key : []))
  }

  async forget(key: string): Promise<void> {
    await this.#database.transaction((tx) => tx.sharedObject.deleteMany({ where: { key } }))
  }
}
