import { type Logger, pino } from 'pino'
import { beforeAll, onTestFinished } from 'vitest'
import type { Client, Message } from 'whatsapp-web.js'
import type { ChatAdapter } from '../../src/chat/adapter.ts'
import { attachedTo } from '../../src/chat/whatsapp/attach.ts'
import type { WhatsAppParts } from '../../src/chat/whatsapp/whatsapp.ts'
import type { IncomingMessage } from '../../src/kernel/message.ts'
import { type AtEnd, shareCleanUps } from './at-end.ts'
import { FakeClock, openTestWarden, type TestWarden } from './chatwarden.ts'
import { observe, ready } from './whatsapp-web/bare-client.ts'
import { type Incoming, type Sent, type StandIn, startStandIn } from './whatsapp-web/stand-in.ts'
import { Waiting } from './whatsapp-web/waiting.ts'

export const ALICE = '15550001111'
export const BOB = '15550002222'

/** An account on the stand-in, paired once and used by all tests of a file, with a database. */
export interface Account {
  readonly standIn: StandIn
  readonly client: Client
  readonly warden: TestWarden
  /** Resolves when the stand-in knows all that the page has done so far, which takes another way than the library's answers. */
  caughtUp(): Promise<void>
  /** What was asked about so far. */
  lookups(): Promise<readonly string[]>
  /** A chat of the test's own on the client: it hears what comes from now on. */
  open(options?: ChatOptions): Promise<Chat>
}

export interface ChatOptions {
  readonly options?: Partial<WhatsAppParts['options']>
  readonly parts?: Partial<Omit<WhatsAppParts, 'options' | 'clock' | 'log'>>
  /** Instead of noting the message. */
  readonly onMessage?: (message: IncomingMessage, chat: Chat) => Promise<void>
  /** Without: the test starts it. */
  readonly starts?: boolean
}

export interface Chat {
  readonly adapter: ChatAdapter
  readonly clock: FakeClock
  /** What was handed over, and handled. */
  readonly heard: IncomingMessage[]
  readonly logged: string[]
  /** The outbox ids of messages that have arrived, in order. */
  readonly arrived: string[]
  start(): Promise<void>
  /** Notes a message as heard. */
  note(message: IncomingMessage): void
  /** Resolves when so many messages have been heard. */
  hears(count: number): Promise<void>
  /** Resolves when so many messages have arrived. */
  arrives(count: number): Promise<void>
  /** Resolves when a line of the log matches. */
  logs(pattern: RegExp): Promise<void>
  /** Somebody writes. Resolves to the message when it has been handed over. */
  hear(incoming: Incoming): Promise<IncomingMessage>
  /** Stops when all that was written so far has been handled, or dropped. */
  finish(): Promise<void>
  /** What was sent since this chat was opened. */
  sent(): Promise<readonly Sent[]>
  /** Resolves to it when it is so much. */
  sends(count: number): Promise<readonly Sent[]>
}

const noSendLimit = { perChat: 0, inAll: 0 }

/** One for all tests of a file: a browser takes longer to start than they do. */
export function shareAccount(): Account {
  const cleanUps = shareCleanUps()
  let account: Account | undefined
  beforeAll(async () => {
    account = await openAccount(cleanUps.add)
  })
  const shared = (): Account => {
    if (account === undefined) throw new Error('The account is there only while tests run.')
    return account
  }
  return {
    get standIn() {
      return shared().standIn
    },
    get client() {
      return shared().client
    },
    get warden() {
      return shared().warden
    },
    caughtUp: () => shared().caughtUp(),
    lookups: () => shared().lookups(),
    open: (options) => shared().open(options),
  }
}

async function openAccount(atEnd: AtEnd): Promise<Account> {
  const standIn = await startStandIn()
  const bare = observe(standIn)
  atEnd(() => bare.close())
  await ready(bare)
  for (const phone of [ALICE, BOB]) await standIn.person({ phone })
  const warden = await openTestWarden({}, undefined, atEnd)
  // The page does one thing after another: when it has done this, it has told all before.
  const caughtUp = () => standIn.person({ phone: ALICE })
  const account: Account = {
    standIn,
    client: bare.client,
    warden,
    caughtUp,
    lookups: async () => {
      await caughtUp()
      return standIn.lookups()
    },
    open: (options = {}) => openChat(account, options),
  }
  return account
}

async function openChat({ standIn, client, warden, caughtUp }: Account, given: ChatOptions): Promise<Chat> {
  const clock = new FakeClock(Date.now())
  const waiting = new Waiting()
  const listed = <T>(list: T[]) => ({
    list,
    add: (item: T) => {
      list.push(item)
      waiting.changed()
    },
  })
  const heard = listed<IncomingMessage>([])
  const logged = listed<string>([])
  const arrived = listed<string>([])
  const log: Logger = pino({ level: 'debug', base: null }, { write: logged.add })
  const options = { answersOwnChat: false, commandAge: 300_000, sendLimit: noSendLimit, ...given.options }
  const patience = { sighting: 100, acks: 100, ...given.parts?.patience }
  const adapter = attachedTo(client, { ...warden.whatsApp, ...given.parts, patience, clock, log, options })
  adapter.onSettled?.(arrived.add)
  const before = standIn.outbox().length
  const onMessage = given.onMessage ?? (async (message: IncomingMessage) => heard.add(message))
  const chat: Chat = {
    adapter,
    clock,
    heard: heard.list,
    logged: logged.list,
    arrived: arrived.list,
    start: () =>
      adapter.start(async (message) => {
        if (message.sender.id !== LAST.from) await onMessage(message, chat)
      }),
    note: heard.add,
    hears: (count) => waiting.until(`${count} messages`, () => heard.list.length >= count),
    arrives: (count) => waiting.until(`${count} arrivals`, () => arrived.list.length >= count),
    logs: (pattern) => waiting.until(`the log to say ${pattern}`, () => logged.list.some((line) => pattern.test(line))),
    hear: async (incoming) => {
      const id = standIn.receive(incoming)
      const find = () => heard.list.find((message) => message.id === id)
      await waiting.until(`the message ${incoming.text}`, () => find() !== undefined)
      return find() as IncomingMessage
    },
    finish: async () => {
      await handedOver(client, standIn)
      await adapter.stop()
    },
    sent: async () => {
      await caughtUp()
      return standIn.outbox().slice(before)
    },
    sends: async (count) => (await standIn.waitForOutbox(before + count)).slice(before),
  }
  onTestFinished(() => adapter.stop())
  if (given.starts ?? true) await chat.start()
  return chat
}

const LAST = { from: '15550000000@c.us', text: 'and that was all' }

/** Resolves when the library has told of all that was written so far: it tells of one message after the other. */
async function handedOver(client: Client, standIn: StandIn): Promise<void> {
  const last = standIn.receive(LAST)
  await told(client, 'message', ({ id }) => id._serialized === last)
}

/** Resolves when the library tells of such a message, from now on. */
export function told(client: Client, event: string, isIt: (message: Message) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const listener = (message: Message) => {
      if (!isIt(message)) return
      client.off(event, listener)
      resolve()
    }
    client.on(event, listener)
  })
}
