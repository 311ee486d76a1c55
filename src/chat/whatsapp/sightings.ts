import type { Message } from 'whatsapp-web.js'
import { MINUTE } from '../../kernel/clock.ts'
import { accountOf } from '../../kernel/phone.ts'
import { Recent } from '../../kernel/recent.ts'

const REMEMBERED = 5000
/** The platform may put its own time on a message. */
const SKEW = MINUTE

/** Watches for one message of ours to appear, which proves that it went out. */
export class Sighting {
  readonly to: string
  readonly text: string
  id: string | undefined
  #since = Number.POSITIVE_INFINITY
  #onSeen: () => void = () => {}

  constructor(to: string, text: string) {
    this.to = to
    this.text = text
  }

  /** From now on it may appear. */
  begin(now: number): void {
    this.#since = now
  }

  see(message: Message): void {
    this.id = message.id._serialized
    this.#onSeen()
  }

  matches(message: Message): boolean {
    if (this.id !== undefined || message.timestamp * 1000 < this.#since - SKEW) return false
    return mayBeSameChat(this.to, message.to) && textsOf(message).includes(this.text)
  }

  /** Its id, if it is seen within so many milliseconds. */
  async within(ms: number, signal: AbortSignal): Promise<string | undefined> {
    if (this.id === undefined && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        this.#onSeen = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', this.#onSeen)
          resolve()
        }
        signal.addEventListener('abort', this.#onSeen)
      })
    }
    return this.id
  }
}

/** Which of the account's own messages are the bot's: all others its owner typed, or another part of a host. */
export class Sightings {
  readonly #expected = new Set<Sighting>()
  readonly #ours = new Recent(REMEMBERED)

  expect(to: string, text: string): Sighting {
    const sighting = new Sighting(to, text)
    this.#expected.add(sighting)
    return sighting
  }

  end(sighting: Sighting): void {
    this.#expected.delete(sighting)
  }

  /** An own message was shown, or acknowledged. */
  see(message: Message): void {
    if (!message.fromMe || this.isOurs(message)) return
    const candidates = [...this.#expected].filter((each) => each.matches(message))
    const sighting = candidates.find(({ to }) => accountOf(to) === accountOf(message.to)) ?? candidates[0]
    if (sighting === undefined) return
    this.learn(message.id._serialized)
    sighting.see(message)
  }

  learn(id: string): void {
    this.#ours.add(id)
  }

  isOurs(message: Message): boolean {
    return this.#ours.has(message.id._serialized)
  }
}

const textsOf = (message: Message): readonly unknown[] => [
  message.body,
  (message.rawData as { readonly caption?: unknown }).caption ?? '',
]

/** A private chat may be addressed by phone and shown by LID, or the other way round; which, only the platform knows. */
function mayBeSameChat(to: string, shown: string): boolean {
  const [one, other] = [accountOf(to), accountOf(shown)]
  return one === other || (serverOf(one) !== serverOf(other) && !one.endsWith('@g.us') && !other.endsWith('@g.us'))
}

const serverOf = (id: string): string | undefined => id.split('@')[1]
