import { type Clock, MINUTE, runningTime } from '../../kernel/clock.ts'
import type { WhatsAppOptions } from './options.ts'

/** Nobody types as regularly as a machine does. */
const JITTER = 500

export interface SendLimitParts {
  readonly clock: Clock
  readonly random?: () => number
}

interface Turn {
  readonly chatId: string
  readonly notBefore: number
  readonly grant: () => void
  readonly refuse: (reason: unknown) => void
}

/**
 * Turns to send: in no 60 seconds more than so many, to one chat and in all. Who waits for one chat holds up nobody
 * else, and nobody overtakes within a chat.
 */
export class SendLimit {
  readonly #limit: WhatsAppOptions['sendLimit']
  readonly #clock: Clock
  readonly #random: () => number
  readonly #turns: Turn[] = []
  /** When turns of the last minute were taken, oldest first. */
  #taken: { readonly chatId: string; readonly at: number }[] = []
  #timer: NodeJS.Timeout | undefined
  #closed: Error | undefined

  constructor(limit: WhatsAppOptions['sendLimit'], { clock, random = Math.random }: SendLimitParts) {
    this.#limit = limit
    this.#clock = clock
    this.#random = random
  }

  /** Resolves when one message may be sent to the chat, at once. */
  take(chatId: string): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closed)
    if (this.#limit.perChat === 0 && this.#limit.inAll === 0) return Promise.resolve()
    return new Promise((grant, refuse) => {
      const notBefore = runningTime(this.#clock) + Math.floor(this.#random() * JITTER)
      this.#turns.push({ chatId, notBefore, grant, refuse })
      this.#serve()
    })
  }

  /** Who still waits is refused. */
  close(reason: Error): void {
    this.#closed = reason
    clearTimeout(this.#timer)
    for (const { refuse } of this.#turns.splice(0)) refuse(reason)
  }

  #serve(): void {
    clearTimeout(this.#timer)
    const now = runningTime(this.#clock)
    this.#forget(now)
    let next = Number.POSITIVE_INFINITY
    const waiting = new Set<string>()
    for (const turn of [...this.#turns]) {
      if (waiting.has(turn.chatId)) continue
      const at = Math.max(turn.notBefore, this.#free(turn.chatId, now))
      if (at <= now) {
        this.#grant(turn, now)
        continue
      }
      waiting.add(turn.chatId)
      next = Math.min(next, at)
    }
    if (waiting.size > 0) this.#timer = setTimeout(() => this.#serve(), Math.max(1, Math.min(next - now, MINUTE)))
  }

  #grant(turn: Turn, now: number): void {
    this.#turns.splice(this.#turns.indexOf(turn), 1)
    this.#taken.push({ chatId: turn.chatId, at: now })
    turn.grant()
  }

  /** When there is room again, to this chat and in all. */
  #free(chatId: string, now: number): number {
    const { perChat, inAll } = this.#limit
    const toChat = this.#taken.filter((each) => each.chatId === chatId)
    return Math.max(roomAt(toChat, perChat, now), roomAt(this.#taken, inAll, now))
  }

  #forget(now: number): void {
    this.#taken = this.#taken.filter(({ at }) => now - at < MINUTE)
  }
}

function roomAt(taken: readonly { readonly at: number }[], limit: number, now: number): number {
  const inTheWay = limit === 0 ? undefined : taken.at(-limit)
  return inTheWay === undefined ? now : inTheWay.at + MINUTE
}
