import type { Arrived, Excess } from '../kernel/arrived.ts'
import type { IncomingMessage, Source } from '../kernel/message.ts'
import { BoundedMap } from '../kernel/recent.ts'
import { senderKey } from '../roles/person.ts'
import { isDoubtful, nameOf } from './caller.ts'
import type { Caller } from './command.ts'

/** Counts messages of a key in this process. */
interface Count {
  /** `most`: how many may wait at a time. @returns why it is one too many. */
  arrive(key: string, waiting: { readonly waiting: number; readonly most: number }): Excess | undefined
  giveBack(key: string): void
  postpone(key: string): void
}

type Written = Pick<IncomingMessage, 'sender' | 'source'>

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
  arrive({ sender, source }: Written, most = Number.POSITIVE_INFINITY): Arrived {
    const name = nameOf(sender, source)
    const key = this.#people.get(name) ?? name
    return this.#arrive({ name, key, source }, most)
  }

  /** Counts one of what waits for nothing. */
  count(message: Written): Arrived {
    return ended(this.arrive(message))
  }

  /** Whether it may be looked at what may be no command, apart from those that are. */
  mayAsk({ sender, source }: Written): boolean {
    const name = `? ${nameOf(sender, source)}`
    return ended(this.#arrive({ name, key: name, source }, Number.POSITIVE_INFINITY)).excess === undefined
  }

  #arrive(
    { name, key, source }: { readonly name: string; readonly key: string; readonly source: Source },
    most: number,
  ): Arrived {
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
        else if (excess.consumed !== undefined) this.#count.postpone(key)
      },
      end: () => void sending.then(() => this.#end(key)),
    }
  }

  /** Who it was that had that name. Of who may be somebody else the name is all that is certain. */
  learn({ name, key }: Arrived, caller: Caller): void {
    const person = isDoubtful(caller) ? name : senderKey(caller.actor)
    if (isDoubtful(caller) && key !== name) this.#count.giveBack(key)
    if (person === name) this.#people.delete(name)
    else this.#people.set(name, person)
  }

  #end(key: string): void {
    const waiting = (this.#waiting.get(key) ?? 0) - 1
    if (waiting > 0) this.#waiting.set(key, waiting)
    else this.#waiting.delete(key)
  }
}

function ended(arrived: Arrived): Arrived {
  arrived.end()
  return arrived
}
