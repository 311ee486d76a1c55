import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, onTestFinished } from 'vitest'
import whatsapp, { type Client, type ClientOptions, type Message } from 'whatsapp-web.js'
import { type StandIn, type StandInOptions, startStandIn } from './stand-in.ts'
import { Waiting } from './waiting.ts'

const EVENTS = ['qr', 'code', 'authenticated', 'ready', 'change_state', 'disconnected', 'message', 'message_create']

/** The bare library on a stand-in, with a diary of its events. For tests of the stand-in itself. */
export interface BareClient {
  readonly client: Client
  readonly standIn: StandIn
  /** Where `LocalAuth` keeps the session. */
  readonly dataPath: string
  /** `name` or `name:text` of all events so far, in order. */
  readonly events: string[]
  readonly messages: Message[]
  /** Resolves when the event has been seen so many times. */
  seen(event: string, times?: number): Promise<void>
  /** Resolves when everything that the page has said so far has been heard. */
  heard(): Promise<void>
  close(): Promise<void>
}

/** Closed after the test. */
export async function bareClient(options: StandInOptions = {}, extra: ClientOptions = {}): Promise<BareClient> {
  const bare = observe(await startStandIn(options), extra)
  onTestFinished(() => bare.close())
  return bare
}

/** A client that is paired and ready, closed after the test. */
export async function readyClient(options: StandInOptions = {}, extra: ClientOptions = {}): Promise<BareClient> {
  const bare = await bareClient(options, extra)
  await ready(bare)
  return bare
}

/** One client, paired and ready, for many tests: each leaves it so. After one that failed there is a new one. */
export function sharedClient(extra: ClientOptions = {}): () => BareClient {
  let bare: BareClient | undefined
  const close = async () => {
    await bare?.close()
    bare = undefined
  }
  beforeEach(async () => {
    if (!bare) {
      bare = observe(await startStandIn(), extra)
      await ready(bare)
    }
    bare.events.length = 0
    bare.messages.length = 0
  })
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await close()
  })
  afterAll(close)
  return () => {
    if (!bare) throw new Error('There is a client only while a test runs')
    return bare
  }
}

export async function ready({ client, standIn, seen }: BareClient): Promise<void> {
  await client.initialize()
  await standIn.pair()
  await seen('ready')
  await standIn.listening()
}

/** For whoever closes it himself. */
export function observe(standIn: StandIn, extra: ClientOptions = {}, dataPath = newFolder(standIn)): BareClient {
  const authStrategy = new whatsapp.LocalAuth({ dataPath })
  const client = new whatsapp.Client(standIn.clientOptions({ authStrategy, ...extra }))
  const events: string[] = []
  const messages: Message[] = []
  const waiting = new Waiting()
  const note = (event: string) => {
    events.push(event)
    waiting.changed()
  }
  for (const event of EVENTS) {
    client.on(event, (value?: string | Message) => {
      if (event === 'message') messages.push(value as Message)
      note(typeof value === 'string' && event !== 'qr' ? `${event}:${value}` : event)
    })
  }
  client.on('message_ack', (message: Message, ack: number) => note(`ack:${message.body}:${ack}`))
  const count = (event: string) => events.filter((each) => each === event).length
  const seen = (event: string, times = 1) => waiting.until(`${times} × ${event}`, () => count(event) >= times)
  const heard = async () => {
    await standIn.delivered()
    // What the page says goes one way, in order: its answer comes after all the rest.
    await client.getState()
  }
  const close = async () => {
    await client.destroy().catch(() => undefined)
    await standIn.close()
  }
  return { client, standIn, dataPath, events, messages, seen, heard, close }
}

/** The stand-in removes its folder when it closes. */
const newFolder = (standIn: StandIn) => join(standIn.cacheDir, `session-${randomUUID()}`)

/** How the promise ended. */
export async function outcome(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'resolved',
    (error: unknown) => `rejected: ${error instanceof Error ? error.message : String(error)}`,
  )
}

/** Whether none of these calls, each of which takes some milliseconds as a rule, is answered for much longer. */
export async function unanswered(...calls: Promise<unknown>[]): Promise<boolean> {
  const silence = new Promise<true>((resolve) => setTimeout(resolve, 400, true))
  return Promise.race([silence, ...calls.map((call) => outcome(call).then(() => false))])
}
