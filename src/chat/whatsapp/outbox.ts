import type { Message, MessageMedia } from 'whatsapp-web.js'
import { idOf, platformOf } from '../../kernel/account.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Lanes } from '../../kernel/lanes.ts'
import type { Logger } from '../../kernel/log.ts'
import { accountOf, isPhone } from '../../kernel/phone.ts'
import type { Texts } from '../../text/english.ts'
import { type Destination, Postponed, type Send } from '../adapter.ts'
import { Acks } from './acks.ts'
import { DEADLINE, type Link, LinkDown, Unanswered } from './link.ts'
import type { Numbers } from './numbers.ts'
import { loadMedia, type Parcel, sendOptions, toParcel } from './parcel.ts'
import type { SendLimit } from './send-limit.ts'
import { Sightings } from './sightings.ts'
import { whenUp } from './when-up.ts'

export interface OutboxParts {
  readonly link: Link
  readonly numbers: Pick<Numbers, 'idOf'>
  readonly limit: SendLimit
  readonly clock: Clock
  readonly texts: Texts
  readonly log: Logger
  /** From here on nothing waits for the connection any more. */
  readonly signal: AbortSignal
  /** How long a message whose fate is unknown is watched for, in milliseconds. */
  readonly patience: number
}

/** From replies to the library's calls, in the order of their chat: each once, as far as anybody can know. */
export class Outbox {
  readonly #parts: OutboxParts
  readonly #lanes = new Lanes()
  readonly #sightings = new Sightings()
  readonly #acks = new Acks<Parcel>(({ outboxId }) => {
    if (outboxId !== undefined) this.#onSettled(outboxId)
  })
  /** Kept messages that may not have gone out: they go out again with the next page. */
  #doubtful: Parcel[] = []
  #onSettled: (outboxId: string) => void = () => {}

  constructor(parts: OutboxParts) {
    this.#parts = parts
  }

  listen(): void {
    const { link, log } = this.#parts
    link.onOwnMessage((message) => this.#sightings.see(message))
    link.onAck((message, ack) => {
      if (ack > 0) this.#sightings.see(message)
      const id = message.id._serialized
      const refused = this.#acks.waitingFor(id)
      if (ack > 0) this.#acks.acknowledge(id)
      else if (ack < 0 && this.#acks.refuse(id) && this.isOurs(message)) {
        log.error({ message: id }, 'WhatsApp did not accept a message')
        this.#onRefused(refused)
      }
    })
    link.onReady(() => void this.#lanes.run('', () => this.#review()))
  }

  readonly send: Send = async (to, content) => this.#post(toParcel(await this.#addressOf(to), content))

  readonly isOurs = (message: Message): boolean => this.#sightings.isOurs(message)

  onSettled(listener: (outboxId: string) => void): void {
    this.#onSettled = listener
  }

  /** @throws if the account is one of another platform: nobody is written to there. */
  async #addressOf(to: Destination): Promise<string> {
    if (to.kind === 'chat') return to.chatId
    // Never another form of the same person; but a message goes to an account and not to one device of it.
    if (to.kind === 'sender') return accountOf(to.senderId)
    if (isPhone(to.account)) return this.#parts.numbers.idOf(to.account)
    if (platformOf(to.account) === 'whatsapp') return idOf(to.account)
    throw new Error(`${to.account} has no chat on WhatsApp`)
  }

  /** Resolves when nothing waits to be sent. */
  idle(): Promise<void> {
    return this.#lanes.idle()
  }

  /** Resolves when all that was sent is acknowledged, or after so many milliseconds. */
  async drain(ms: number): Promise<void> {
    await this.#acks.drained(ms)
    if (this.#acks.size > 0) this.#parts.log.warn({ count: this.#acks.size }, 'WhatsApp: messages not acknowledged')
  }

  #post(parcel: Parcel): Promise<void> {
    return this.#lanes.run(JSON.stringify([parcel.to, parcel.yields]), async () => {
      try {
        const media = parcel.attachment && (await loadMedia(parcel.attachment))
        const id = await this.#deliverKept(parcel, media)
        this.#sightings.learn(id)
        this.#acks.expect(id, parcel)
      } catch (error) {
        throw this.#parts.signal.aborted ? new Postponed('The bot is being stopped', { cause: error }) : error
      }
    })
  }

  /** What the database keeps is sent once more if nobody knows whether it went out, and says so. */
  async #deliverKept(parcel: Parcel, media: MessageMedia | undefined): Promise<string> {
    const again = { ...parcel, again: true }
    try {
      return await this.#deliver(parcel, media).catch((error) => {
        if (parcel.outboxId === undefined || !(error instanceof Unanswered)) throw error
        this.#parts.log.warn({ reason: error.message }, 'WhatsApp: a message may not have gone out and is sent again')
        return this.#deliver(again, media)
      })
    } catch (error) {
      if (parcel.outboxId === undefined || !(error instanceof Unanswered)) throw error
      this.#doubtful.push(again)
      throw new Postponed('Nobody knows whether it went out; it follows on the next connection', { cause: error })
    }
  }

  #repost(parcel: Parcel): void {
    this.#post(parcel).catch((err) => this.#parts.log.error({ err }, 'WhatsApp: a message could not be sent again'))
  }

  /** The id of the message. A quote that the page can't make is no reason to say nothing. */
  async #deliver(parcel: Parcel, media: MessageMedia | undefined): Promise<string> {
    try {
      return await this.#attempt(parcel, media)
    } catch (error) {
      if (parcel.quotedId === undefined || !this.#isRefusal(error)) throw error
      return this.#attempt({ ...parcel, quotedId: undefined }, media)
    }
  }

  /** Sent is what the library says it sent, and what appears among the own messages, whatever the library says. */
  async #attempt(parcel: Parcel, media: MessageMedia | undefined): Promise<string> {
    const { link, limit, clock, signal, patience, texts } = this.#parts
    const text = parcel.again ? texts.chat.sentAgain(parcel.text) : parcel.text
    const sighting = this.#sightings.expect(parcel.to, text)
    try {
      const message: Message | undefined | null = await whenUp(link, signal, {
        what: 'send',
        deadline: media ? DEADLINE.document : DEADLINE.text,
        before: () => limit.take(parcel.to, parcel.yields),
        action: (client) => {
          sighting.begin(clock.now())
          return client.sendMessage(parcel.to, media ?? text, sendOptions(parcel, text))
        },
      })
      // The library gives nothing back where there is no such chat, and also where it lost sight of what it sent.
      if (!message) throw new Unanswered('send: the library does not say what became of it')
      return message.id._serialized
    } catch (error) {
      const seen = error instanceof Unanswered ? await sighting.within(patience, signal) : sighting.id
      if (seen === undefined) throw error
      return seen
    } finally {
      this.#sightings.end(sighting)
    }
  }

  #isRefusal(error: unknown): boolean {
    return !(error instanceof Unanswered || error instanceof LinkDown || this.#parts.signal.aborted)
  }

  /** Once more, and then no more. */
  #onRefused(parcel: Parcel | undefined): void {
    if (parcel?.outboxId === undefined) return
    if (parcel.again) this.#onSettled(parcel.outboxId)
    else this.#repost({ ...parcel, again: true })
  }

  /** After a new connection: an acknowledgement may have been missed, and a message lost with its page. */
  async #review(): Promise<void> {
    const { link, log } = this.#parts
    for (const parcel of this.#doubtful.splice(0)) this.#repost(parcel)
    for (const [id, parcel] of this.#acks.waiting) {
      try {
        const message: Message | null = await link.call('review', DEADLINE.lookup, (client) =>
          client.getMessageById(id),
        )
        if (message !== null && message.ack > 0) this.#acks.acknowledge(id)
        if (message !== null || this.#acks.forget(id) === undefined) continue
        log.warn({ message: id }, 'WhatsApp: a message was lost with its page and is sent again')
        this.#repost({ ...parcel, again: true })
      } catch (err) {
        log.warn({ err }, 'WhatsApp: it is not known whether a message was acknowledged')
      }
    }
  }
}
