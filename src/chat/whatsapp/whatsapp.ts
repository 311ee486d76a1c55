import { setTimeout as sleep } from 'node:timers/promises'
import type { Message } from 'whatsapp-web.js'
import type { Account } from '../../kernel/account.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { HeardTime } from '../../kernel/heard-time.ts'
import type { Logger } from '../../kernel/log.ts'
import type { IncomingMessage, NumberFound } from '../../kernel/message.ts'
import type { Phone } from '../../kernel/phone.ts'
import type { Texts } from '../../text/english.ts'
import type { ChatAdapter, Content, Destination, OnMessage } from '../adapter.ts'
import { readSent } from './arrival.ts'
import { Identity } from './identity.ts'
import { Inbox } from './inbox.ts'
import { type Link, LinkDown } from './link.ts'
import { Numbers } from './numbers.ts'
import type { WhatsAppOptions } from './options.ts'
import { Outbox } from './outbox.ts'
import { SendLimit } from './send-limit.ts'
import type { AccountStore, Arrive, InboxStore } from './stores.ts'
import { toChatter } from './to-incoming.ts'

/** What this needs of a connection: the bot's own, or the one of a host (`attach`). */
export interface WhatsAppConnection extends Link {
  /** Resolves when it has begun to connect; `up()` waits for the rest. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Whatever call of the library is under way is not waited for any more. */
  breakOff(why: string): void
  readonly ended: Promise<void>
}

export interface WhatsAppParts {
  readonly options: Pick<WhatsAppOptions, 'answersOwnChat' | 'commandAge' | 'sendLimit'>
  readonly accounts: AccountStore
  readonly inbox: InboxStore
  /** Whether a message may be a command. For any other nobody is looked up. */
  readonly isCommand: (message: IncomingMessage) => boolean
  readonly arrive: Arrive
  /** What the platform says of the time. */
  readonly heard: Pick<HeardTime, 'hear'>
  readonly texts: Texts
  readonly clock: Clock
  readonly log: Logger
  readonly random?: () => number
  readonly patience?: Partial<Patience>
}

/** Milliseconds. */
interface Patience {
  /** For a sent message whose fate is unknown to appear. */
  readonly sighting: number
  /** For what is being handled when the bot stops. */
  readonly handling: number
  /** For acknowledgements when the bot stops. */
  readonly acks: number
}

const PATIENCE: Patience = { sighting: 30_000, handling: 15_000, acks: 5000 }

/** A WhatsApp chat, which can also tell who wrote a message that is no command. */
export interface WhatsAppChat extends ChatAdapter {
  /** A message of the library's with its sender looked up; `undefined` for what nobody sent. Never rejects. */
  read(message: Message): Promise<IncomingMessage | undefined>
}

export function createWhatsApp(connection: WhatsAppConnection, parts: WhatsAppParts): WhatsAppChat {
  return new WhatsApp(connection, parts)
}

class WhatsApp implements WhatsAppChat {
  readonly source = 'whatsapp'
  readonly ended: Promise<void>
  readonly #connection: WhatsAppConnection
  readonly #parts: WhatsAppParts
  readonly #patience: Patience
  readonly #limit: SendLimit
  readonly #outbox: Outbox
  readonly #closing = new AbortController()
  readonly #identity: Identity
  readonly #numbers: Numbers
  #inbox: Inbox | undefined
  #stopped: Promise<void> | undefined
  #end: () => void = () => {}

  constructor(connection: WhatsAppConnection, parts: WhatsAppParts) {
    const { options, clock, log, texts, random } = parts
    this.#connection = connection
    this.#parts = parts
    this.#patience = { ...PATIENCE, ...parts.patience }
    this.#limit = new SendLimit(options.sendLimit, { clock, ...(random && { random }) })
    const { signal } = this.#closing
    const patience = this.#patience.sighting
    const shared = { link: connection, clock, log, texts, signal }
    this.#numbers = new Numbers({ link: connection, clock, log, signal })
    this.#outbox = new Outbox({ ...shared, numbers: this.#numbers, limit: this.#limit, patience })
    this.#outbox.listen()
    this.#identity = new Identity({ link: connection, accounts: parts.accounts, clock, log, signal })
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    void connection.ended.then(this.#end)
  }

  async start(onMessage: OnMessage): Promise<void> {
    this.#inbox = this.#createInbox(onMessage)
    this.#inbox.listen()
    await this.#connection.start()
    try {
      await this.#connection.up(this.#closing.signal)
    } catch (error) {
      // Who stops a bot that waits for its pairing wants no error.
      if (this.#stopped === undefined) throw error
    }
  }

  readonly send = (to: Destination, content: Content): Promise<void> => this.#outbox.send(to, content)

  findNumber(phone: Phone, by: string): Promise<NumberFound> {
    return this.#numbers.find(phone, by)
  }

  async read(message: Message): Promise<IncomingMessage | undefined> {
    const arrival = readSent(message)
    if (arrival === undefined) return undefined
    const chatter = toChatter(arrival)
    const { unverified: _, ...sender } = chatter.sender
    return { ...chatter, sender: { ...sender, ...(await this.#identity.whoIs(arrival.senderId)) } }
  }

  onSettled(listener: (outboxId: string) => void): void {
    this.#outbox.onSettled(listener)
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#shutDown()
    return this.#stopped
  }

  async #shutDown(): Promise<void> {
    const handled = this.#inbox?.stop() ?? Promise.resolve()
    const sent = handled.then(() => this.#outbox.idle())
    await this.#within(sent, this.#patience.handling)
    this.#inbox?.abandon()
    const reason = new LinkDown('The bot is being stopped')
    this.#closing.abort(reason)
    this.#limit.close(reason)
    this.#connection.breakOff(reason.message)
    await sent
    await this.#outbox.drain(this.#patience.acks)
    await this.#connection.stop()
    this.#end()
  }

  async #within(work: Promise<void>, ms: number): Promise<void> {
    const timer = new AbortController()
    await Promise.race([work, sleep(ms, undefined, { signal: timer.signal }).catch(() => {})])
    timer.abort()
  }

  #createInbox(onMessage: OnMessage): Inbox {
    const { options, accounts, inbox, isCommand, arrive, clock, heard, log, texts } = this.#parts
    const link = this.#connection
    const { send, isOurs } = this.#outbox
    const shared = { link, identity: this.#identity, clock, heard, log, texts, send, isOurs, isCommand, arrive }
    const { answersOwnChat, commandAge } = options
    const mayName = (account: Account) => accounts.mayName(account)
    return new Inbox({ ...shared, store: inbox, mayName, answersOwnChat, commandAge }, onMessage)
  }
}
