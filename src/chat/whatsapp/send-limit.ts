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
  /** Those that go first, and those that yield. */
  readonly #turns: readonly [Turn[], Turn[]] = [[], []]
  /** When turns of the last minute were taken, oldest first. */
  #taken: Taken[] = []
  #timer: NodeJS.Timeout | undefined
  #wakesAt = Number.POSITIVE_INFINITY
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
      const now = runningTime(this.#clock)
      const notBefore = now + Math.floor(this.#random() * JITTER)
      this.#turns[yields ? 1 : 0].push({ chatId, yields, notBefore, grant, refuse })
      // Not all of them are looked at for each, of which there may be thousands.
      if (notBefore <= now) this.#serve()
      else this.#wake(notBefore, now)
    })
  }

  /** Who still waits is refused. */
  close(reason: Error): void {
    this.#closed = reason
    clearTimeout(this.#timer)
    for (const turns of this.#turns) for (const { refuse } of turns.splice(0)) refuse(reason)
  }

  /** Serves at that time, unless before. */
  #wake(at: number, now: number): void {
    if (at >= this.#wakesAt) return
    clearTimeout(this.#timer)
    this.#wakesAt = at
    this.#timer = setTimeout(() => this.#serve(), Math.max(1, Math.min(at - now, MINUTE)))
  }

  #serve(): void {
    clearTimeout(this.#timer)
    this.#wakesAt = Number.POSITIVE_INFINITY
    const now = runningTime(this.#clock)
    this.#forget(now)
    const next = this.#turns.map((turns) => this.#serveAll(turns, now))
    this.#wake(Math.min(...next), now)
  }

  /** Grants what may be granted of one kind. @returns when there may be more. */
  #serveAll(turns: Turn[], now: number): number {
    let next = Number.POSITIVE_INFINITY
    const waiting = new Set<string>()
    for (const turn of [...turns]) {
      // Where there is no room in all, there is none in any chat.
      const inAll = this.#freeInAll(turn.yields, now)
      if (inAll > now) return Math.min(next, inAll)
      if (waiting.has(turn.chatId)) continue
      const at = Math.max(turn.notBefore, this.#freeIn(turn, now))
      if (at <= now) {
        this.#grant(turns, turn, now)
        continue
      }
      waiting.add(turn.chatId)
      next = Math.min(next, at)
    }
    return next
  }

  #grant(turns: Turn[], turn: Turn, now: number): void {
    const { chatId, yields, grant } = turn
    turns.splice(turns.indexOf(turn), 1)
    this.#taken.push({ chatId, yields, at: now })
    grant()
  }

  /** When there is room again, in all. */
  #freeInAll(yields: boolean, now: number): number {
    return freeAt(this.#taken, this.#limit.inAll, yields, now)
  }

  /** When there is room again, to the chat. */
  #freeIn({ chatId, yields }: Turn, now: number): number {
    const toChat = this.#taken.filter((each) => each.chatId === chatId)
    return freeAt(toChat, this.#limit.perChat, yields, now)
  }

  #forget(now: number): void {
    this.#taken = this.#taken.filter(({ at }) => now - at < MINUTE)
  }
}

/** What those that yield have. */
const left = (limit: number): number => limit - Math.floor(limit / 4)

/** When there is room again, of those taken lately. */
function freeAt(taken: readonly Taken[], limit: number, yields: boolean, now: number): number {
  const whole = roomAt(taken, limit, now)
  if (!yields) return whole
  const alike = taken.filter((each) => each.yields)
  return Math.max(whole, roomAt(alike, left(limit), now))
}

function roomAt(taken: readonly { readonly at: number }[], limit: number, now: number): number {
  const inTheWay = limit === 0 ? undefined : taken.at(-limit)
  return inTheWay === undefined ? now : inTheWay.at + MINUTE
}
