import type { Clock } from '../kernel/clock.ts'
import { Complaints } from '../kernel/complaints.ts'
import type { Logger } from '../kernel/log.ts'
import type { ObjectStore } from '../kernel/object-store.ts'
import type { SharedObjects } from './shared-object.repository.ts'

/** So many are removed at once: a store that is gone keeps none of them waiting for the others. */
const AT_ONCE = 10

const TROUBLE = 'Files whose time is up could not be removed from the object store; it is tried again'

/** Removes from the object store what was there for somebody to fetch, when its time is up. */
export class ExpiredShares {
  readonly #objects: ObjectStore
  readonly #shared: SharedObjects
  readonly #clock: Clock
  readonly #complaints: Complaints

  constructor(objects: ObjectStore, shared: SharedObjects, clock: Clock, log: Logger) {
    this.#objects = objects
    this.#shared = shared
    this.#clock = clock
    this.#complaints = new Complaints(clock, log)
  }

  /** What cannot be removed is left for the next time, and logged once an hour. In several processes it does no harm. */
  async remove(): Promise<void> {
    const keys = await this.#shared.expired(new Date(this.#clock.now()))
    for (let from = 0; from < keys.length; from += AT_ONCE) {
      const removals = keys.slice(from, from + AT_ONCE).map((key) => this.#removeOne(key))
      const failed = (await Promise.allSettled(removals)).filter(({ status }) => status === 'rejected')
      if (failed[0]?.status === 'rejected') this.#complaints.tell(TROUBLE, failed[0].reason)
      if (failed.length === removals.length) return
    }
  }

  async #removeOne(key: string): Promise<void> {
    await this.#objects.remove(key)
    await this.#shared.forget(key)
  }
}
