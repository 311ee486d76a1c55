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
  readonly yields: boolean
  readonly notBefore: number
  readonly grant: () => void
  readonly refuse: (reason: unknown) => void
}

type Taken = Pick<Turn, 'chatId' | 'yields'> & { readonly at: number }

/**
 * Turns to send: in no 60 seconds more than so many, to one chat and in all. Who waits for one chat holds up nobody
 * else. Those that yield are overtaken by the others and leave them a quarter of each limit: however much strangers write,
 * it makes nobody wait who has a role. Within a chat, and of one kind, nobody overtakes.
 */
export class SendLimit {
  readonly #limit: WhatsAppOptions['sendLimit']
  readonly #clock: Clock
  readonly #random: () => number
  readonly #turns: Turn[] = []
  /** When turns of the last minute were taken, oldest first. */
  #taken: Taken[] = []
  #timer: NodeJS.Timeout | undefined
  #closed: Error | undefined

  constructor(limit: WhatsAppOptions['sendLimit'], { clock, random = Math.random }: SendLimitParts) {
    this.#limit = limit
    this.#clock = clock
    this.#random = random
  }

  /** Resolves when one message may be sent to the chat, at once. */
  take(chatId: string, yields = false): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closed)
    if (this.#limit.perChat === 0 && this.#limit.inAll === 0) return Promise.resolve()
    return new Promise((grant, refuse) => {
      const notBefore = runningTime(this.#clock) + Math.floor(this.#random() * JITTER)
      this.#turns.push({ chatId, yields, notBefore, grant, refuse })
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
    const inOrder = [...this.#turns.filter(({ yields }) => !yields), ...this.#turns.filter(({ yields }) => yields)]
    for (const turn of inOrder) {
      const lane = JSON.stringify([turn.chatId, turn.yields])
      if (waiting.has(lane)) continue
      const at = Math.max(turn.notBefore, this.#free(turn, now))
      if (at <= now) {
        this.#grant(turn, now)
        continue
      }
      waiting.add(lane)
      next = Math.min(next, at)
    }
    if (waiting.size > 0) this.#timer = setTimeout(() => this.#serve(), Math.max(1, Math.min(next - now, MINUTE)))
  }

  #grant(turn: Turn, now: number): void {
    const { chatId, yields, grant } = turn
    this.#turns.splice(this.#turns.indexOf(turn), 1)
    this.#taken.push({ chatId, yields, at: now })
    grant()
  }

  /** When there is room again, to this chat and in all. */
  #free({ chatId, yields }: Turn, now: number): number {
    const { perChat, inAll } = this.#limit
    const toChat = this.#taken.filter((each) => each.chatId === chatId)
    const whole = Math.max(roomAt(toChat, perChat, now), roomAt(this.#taken, inAll, now))
    if (!yields) return whole
    const alike = (taken: readonly Taken[]) => taken.filter((each) => each.yields)
    return Math.max(whole, roomAt(alike(toChat), left(perChat), now), roomAt(alike(this.#taken), left(inAll), now))
  }

  #forget(now: number): void {
    this.#taken = this.#taken.filter(({ at }) => now - at < MINUTE)
  }
}

/** What those that yield have. */
const left = (limit: number): number => limit - Math.floor(limit / 4)

function roomAt(taken: readonly { readonly at: number }[], limit: number, now: number): number {
  const inTheWay = limit === 0 ? undefined : taken.at(-limit)
  return inTheWay === undefined ? now : inTheWay.at + MINUTE
}
