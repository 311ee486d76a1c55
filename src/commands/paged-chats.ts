import { type Clock, MINUTE } from '../kernel/clock.ts'
import type { IncomingMessage } from '../kernel/message.ts'
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

  expectsMore(message: IncomingMessage): boolean {
    const until = this.#until.get(key(message))
    return until !== undefined && this.#clock.now() < until
  }

  note(message: IncomingMessage, hasMore: boolean): void {
    const now = this.#clock.now()
    for (const [chat, until] of this.#until) if (until <= now - MINUTE) this.#until.delete(chat)
    if (hasMore) this.#until.set(key(message), now + PAGE_LIFETIME)
    else this.#until.delete(key(message))
  }
}

const key = ({ source, chat, sender }: IncomingMessage): string => JSON.stringify([source, chat.id, sender.id])
