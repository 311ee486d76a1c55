import { type Clock, MINUTE, runningTime } from '../kernel/clock.ts'
import type { Sender } from '../kernel/message.ts'
import { accountOf } from '../kernel/phone.ts'
import { PAGE_LIFETIME } from './page-cursor.repository.ts'

/**
 * Who was shown a page with more to come, and where, in this process: what makes a bare `more` a command without
 * asking the database about every message.
 */
export class PagedChats {
  readonly #until = new Map<string, number>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  expectsMore(sender: Sender, chat: string): boolean {
    const until = this.#until.get(key(sender, chat))
    return until !== undefined && runningTime(this.#clock) < until
  }

  note(sender: Sender, chat: string, hasMore: boolean): void {
    const now = runningTime(this.#clock)
    for (const [key, until] of this.#until) if (until <= now - MINUTE) this.#until.delete(key)
    if (hasMore) this.#until.set(key(sender, chat), now + PAGE_LIFETIME)
    else this.#until.delete(key(sender, chat))
  }
}

const key = ({ id }: Sender, chat: string): string => JSON.stringify([accountOf(id), chat])
