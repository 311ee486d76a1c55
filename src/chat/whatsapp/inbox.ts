import type { Message } from 'whatsapp-web.js'
import type { Account } from '../../kernel/account.ts'
import { type Arrived, isSilent } from '../../kernel/arrived.ts'
import { type Clock, HOUR, MINUTE, runningTime } from '../../kernel/clock.ts'
import { Complaints } from '../../kernel/complaints.ts'
import type { HeardTime } from '../../kernel/heard-time.ts'
import { Lanes } from '../../kernel/lanes.ts'
import type { Logger } from '../../kernel/log.ts'
import type { IncomingMessage } from '../../kernel/message.ts'
import { Recent } from '../../kernel/recent.ts'
import type { Texts } from '../../text/english.ts'
import type { OnMessage, Send } from '../adapter.ts'
import { type Arrival, readArrival, readOwnChat } from './arrival.ts'
import type { Identity } from './identity.ts'
import { Lateness } from './lateness.ts'
import type { Link } from './link.ts'
import type { Arrive, InboxStore } from './stores.ts'
import { toChatter, toCommand } from './to-incoming.ts'

/** One apology covers all that was written while the bot was away. */
const APOLOGY_LASTS = HOUR
const REMEMBERED = 10_000
/** Messages of one chat that may wait to be looked at. */
const MOST_IN_CHAT = 1000

export interface InboxParts {
  readonly link: Link
  readonly identity: Identity
  readonly store: InboxStore
  readonly mayName: (account: Account) => Promise<boolean>
  readonly send: Send
  /** Whether an own message is one that the bot sent, and not its owner. */
  readonly isOurs: (message: Message) => boolean
  readonly isCommand: (message: IncomingMessage) => boolean
  readonly arrive: Arrive
  readonly answersOwnChat: boolean
  /** Older commands are not carried out: who wrote them may have thought better of it, or done it another way. */
  readonly commandAge: number
  readonly clock: Clock
  readonly heard: Pick<HeardTime, 'hear'>
  readonly texts: Texts
  readonly log: Logger
}

/** From the library's events to messages: each once, in the order of its chat, one at a time there. */
export class Inbox {
  readonly #parts: InboxParts
  readonly #onMessage: OnMessage
  readonly #lanes = new Lanes()
  readonly #lateness: Lateness
  readonly #complaints: Complaints
  readonly #seen = new Recent(REMEMBERED)
  readonly #full = new Set<string>()
  readonly #apologised = new Map<string, number>()
  #me: string | undefined
  #isTaking = true
  #isHandling = true

  constructor(parts: InboxParts, onMessage: OnMessage) {
    this.#parts = parts
    this.#onMessage = onMessage
    this.#lateness = new Lateness(parts.clock)
    this.#complaints = new Complaints(parts.clock, parts.log)
  }

  listen(): void {
    const { link, answersOwnChat, isOurs } = this.#parts
    link.onMessage((message) => this.#take(readArrival(message)))
    if (!answersOwnChat) return
    link.onReady((me) => {
      this.#me = me
    })
    link.onOwnMessage((message) => {
      if (this.#me !== undefined && !isOurs(message)) this.#take(readOwnChat(message, this.#me))
    })
  }

  /** Takes nothing more. Resolves when all that was taken has been handled. */
  async stop(): Promise<void> {
    this.#isTaking = false
    await this.#lanes.idle()
  }

  /** Drops what has not been begun. */
  abandon(): void {
    this.#isHandling = false
  }

  #take(arrival: Arrival | undefined): void {
    if (arrival === undefined || !this.#isTaking || !this.#seen.add(arrival.id)) return
    const { heard, clock, commandAge } = this.#parts
    heard.hear(arrival.at)
    // Not by when it is handled: what waits for its turn was written in time.
    const isOld = this.#lateness.hear(arrival.at, clock.now()) > commandAge
    this.#nameClock()
    const arrived = this.#count(arrival)
    if (arrived === undefined ? this.#isFull(arrival.chat.id) : isSilent(arrived)) arrived?.end()
    else void this.#lanes.run(arrival.chat.id, () => this.#tryHandling(arrival, isOld, arrived))
  }

  /** By a clock that is wrong every command would be too old, and nobody would know why. */
  #nameClock(): void {
    const byMs = this.#lateness.clockIsAheadBy
    if (byMs === 0) return
    const minutes = (Math.abs(byMs) / MINUTE).toFixed(0)
    const which = byMs < 0 ? 'behind' : 'ahead of'
    this.#complaints.tell(`WhatsApp: the clock of this machine is ${minutes} minutes ${which} what messages say`)
  }

  /** Whether so many messages wait in a chat that one more, which is no command, is left out; the log says so once. */
  #isFull(chatId: string): boolean {
    const waiting = this.#lanes.waiting(chatId)
    if (waiting < MOST_IN_CHAT) {
      this.#full.delete(chatId)
      return false
    }
    if (!this.#full.has(chatId))
      this.#parts.log.warn({ chat: chatId, waiting }, 'WhatsApp: messages are left out, as too many wait in their chat')
    this.#full.add(chatId)
    return true
  }

  /** What may be a command counts before anybody is looked up. */
  #count(arrival: Arrival): Arrived | undefined {
    const chatter = toChatter(arrival)
    return this.#parts.isCommand(chatter) ? this.#parts.arrive(chatter) : undefined
  }

  async #tryHandling(arrival: Arrival, isOld: boolean, arrived: Arrived | undefined): Promise<void> {
    const { log } = this.#parts
    try {
      if (!this.#isHandling) log.warn({ message: arrival.id }, 'WhatsApp: a message came too late to be handled')
      else await this.#handle(arrival, isOld, arrived)
    } catch (err) {
      log.error({ err, message: arrival.id }, 'WhatsApp: a message could not be handled')
    }
    arrived?.end()
  }

  async #handle(arrival: Arrival, isOld: boolean, arrived: Arrived | undefined): Promise<void> {
    const { isCommand } = this.#parts
    const chatter = toChatter(arrival)
    if (isCommand(chatter)) {
      if (isOld) return (await this.#wasHandled(arrival.id)) ? undefined : this.#apologise(arrival)
      return this.#onMessage(await toCommand(arrival, this.#parts), arrived)
    }
    if (!isOld) await this.#onMessage(chatter)
  }

  /** Who was answered when the command was young is not asked to repeat it. */
  async #wasHandled(id: string): Promise<boolean> {
    try {
      return await this.#parts.store.wasHandled(id)
    } catch (err) {
      this.#parts.log.warn({ err, message: id }, 'WhatsApp: it is not known whether a message was handled before')
      return false
    }
  }

  async #apologise({ id, chat, at }: Arrival): Promise<void> {
    const { clock, send, texts, log } = this.#parts
    const now = runningTime(clock)
    const ageMs = clock.now() - at
    log.info({ message: id, ageMs }, 'WhatsApp: a command is too old to be carried out')
    const last = this.#apologised.get(chat.id)
    if (last !== undefined && now - last < APOLOGY_LASTS) return
    for (const [id, at] of this.#apologised) if (now - at >= APOLOGY_LASTS) this.#apologised.delete(id)
    this.#apologised.set(chat.id, now)
    log.warn(
      { message: id, ageMs },
      'WhatsApp: commands are too old to be carried out. Are they? Else the clock is ahead',
    )
    await send({ kind: 'chat', chatId: chat.id }, { text: texts.chat.wasAway, quotedId: id })
  }
}
