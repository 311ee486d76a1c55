import { olderForms } from '../../kernel/canonical-phone.ts'
import { type Clock, DAY, MINUTE, runningTime } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/log.ts'
import type { NumberFound } from '../../kernel/message.ts'
import { isLid, type Phone, phoneOfAccount } from '../../kernel/phone.ts'
import { BoundedMap } from '../../kernel/recent.ts'
import { DEADLINE, type Link, LinkDown } from './link.ts'
import { Questions } from './questions.ts'

/** By the word of those who name numbers in commands, and for what is sent. */
const QUESTIONS_A_MINUTE = { named: { inAll: 20, each: 10 }, sending: { inAll: 20 } } as const
const REMEMBERED = { found: DAY, none: 10 * MINUTE } as const

/** Somebody's number on WhatsApp, and the id by which they are written to. */
interface Registered {
  readonly phone: Phone
  readonly id: string
}

interface NumbersParts {
  readonly link: Link
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

/** Who has which number on WhatsApp: its ids are not always the number that people write. */
export class Numbers {
  readonly #parts: NumbersParts
  readonly #remembered = new BoundedMap<{ readonly until: number; readonly registered: Registered | undefined }>(1000)
  readonly #named: Questions
  readonly #sending: Questions

  constructor(parts: NumbersParts) {
    this.#parts = parts
    this.#named = new Questions(QUESTIONS_A_MINUTE.named, parts.clock)
    this.#sending = new Questions(QUESTIONS_A_MINUTE.sending, parts.clock)
  }

  /** `by`: by whose word. Never rejects, and waits for no connection. */
  async find(phone: Phone, by: string): Promise<NumberFound> {
    try {
      const registered = await this.#lookUp(phone, () => this.#named.take(by))
      return registered === undefined ? { kind: 'none' } : { kind: 'found', phone: registered.phone }
    } catch (err) {
      if (!(err instanceof LinkDown))
        this.#parts.log.warn({ err }, 'WhatsApp: it could not be found out who has a number')
      return { kind: 'unknown' }
    }
  }

  /** The id to write to. Only where it may be another than the number WhatsApp is asked, once there is a connection. */
  async idOf(phone: Phone): Promise<string> {
    const id = `${phone.slice(1)}@c.us`
    if (olderForms(phone).length === 0) return id
    await this.#parts.link.up(this.#parts.signal)
    const registered = await this.#lookUp(phone, () => this.#sending.take()).catch((err) => {
      this.#parts.log.warn({ err }, 'WhatsApp: it could not be found out which id a number has')
      return undefined
    })
    return registered?.id ?? id
  }

  async #lookUp(phone: Phone, mayAsk: () => boolean): Promise<Registered | undefined> {
    const now = runningTime(this.#parts.clock)
    const known = this.#remembered.get(phone)
    if (known !== undefined && known.until > now) return known.registered
    let registered: Registered | undefined
    for (const form of [phone, ...olderForms(phone)]) registered ??= await this.#ask(form, mayAsk)
    this.#remembered.set(phone, { until: now + REMEMBERED[registered === undefined ? 'none' : 'found'], registered })
    return registered
  }

  async #ask(form: Phone, mayAsk: () => boolean): Promise<Registered | undefined> {
    if (!mayAsk()) throw new Error('Too many numbers were asked about')
    const answer = await this.#parts.link.call('number', DEADLINE.lookup, (client) => client.getNumberId(form.slice(1)))
    if (answer === null) return undefined
    const id = answer._serialized
    // Of an id without a number it is only known that somebody has the number asked for.
    const phone = phoneOfAccount(id) ?? (isLid(id) ? phoneOfAccount(`${form.slice(1)}@c.us`) : undefined)
    return phone === undefined ? undefined : { phone, id }
  }
}
