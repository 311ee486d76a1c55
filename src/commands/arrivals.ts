import type { Actor } from '../audit/entry/entry.ts'
import type { Arrived, Excess } from '../kernel/arrived.ts'
import type { IncomingMessage } from '../kernel/message.ts'
import { BoundedMap } from '../kernel/recent.ts'
import { senderKey } from '../roles/person.ts'
import { nameOf } from './caller.ts'

/** Counts messages of a key in this process. */
interface Count {
  /** `most`: how many may wait at a time. @returns why it is one too many. */
  arrive(key: string, waiting: { readonly waiting: number; readonly most: number }): Excess | undefined
  giveBack(key: string): void
}

/** Whoever sits at the machine is no flood, and neither is a script there. */
export const isAtMachine = (source: string): boolean => source === 'terminal' || source === 'cli'

/**
 * What everybody has sent, counted when it arrives: asking about who they are would be a query for each message of a
 * flood. Who they turned out to be is remembered, so that a person counts once, by whichever account.
 */
export class Arrivals {
  readonly #count: Count
  readonly #people = new BoundedMap<string>()
  readonly #waiting = new Map<string, number>()

  constructor(count: Count) {
    this.#count = count
  }

  /** Counts one. `most`: how many of one sender may wait at a time. */
  arrive({ sender, source }: Pick<IncomingMessage, 'sender' | 'source'>, most = Number.POSITIVE_INFINITY): Arrived {
    const name = nameOf(sender, source)
    const key = this.#people.get(name) ?? name
    const waiting = this.#waiting.get(key) ?? 0
    const excess = isAtMachine(source) ? undefined : this.#count.arrive(key, { waiting, most })
    this.#waiting.set(key, waiting + 1)
    let sending: Promise<unknown> = Promise.resolve()
    return {
      name,
      key,
      ...(excess && { excess }),
      until: (sent) => {
        sending = Promise.allSettled([sending, sent])
      },
      discount: () => {
        if (excess === undefined) this.#count.giveBack(key)
      },
      end: () => void sending.then(() => this.#end(key)),
    }
  }

  /** Counts one of what waits for nothing. */
  count(message: Pick<IncomingMessage, 'sender' | 'source'>): Arrived {
    const arrived = this.arrive(message)
    arrived.end()
    return arrived
  }

  /** Who it was that had that name. */
  learn({ name }: Arrived, actor: Actor): void {
    const person = senderKey(actor)
    if (person === name) this.#people.delete(name)
    else this.#people.set(name, person)
  }

  #end(key: string): void {
    const waiting = (this.#waiting.get(key) ?? 0) - 1
    if (waiting > 0) this.#waiting.set(key, waiting)
    else this.#waiting.delete(key)
  }
}
