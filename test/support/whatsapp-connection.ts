import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, afterEach, beforeEach, onTestFailed, onTestFinished } from 'vitest'
import { Connection } from '../../src/chat/whatsapp/connection.ts'
import type { WhatsAppOptions } from '../../src/chat/whatsapp/options.ts'
import type { Timings } from '../../src/chat/whatsapp/timings.ts'
import { removeFolder } from './remove-folder.ts'
import { browsersOf } from './whatsapp-web/processes.ts'
import { type StandIn, startStandIn } from './whatsapp-web/stand-in.ts'
import { Waiting } from './whatsapp-web/waiting.ts'

export const ALICE = '15550001111'

/** Quick where a test waits for it to pass, generous where it must not pass on a busy machine. */
export const QUICK: Partial<Timings> = {
  start: 20_000,
  probeEvery: 200,
  probeDeadline: 1500,
  probeFailures: 2,
  proof: 2000,
  close: 5000,
  retry: { first: 50, longest: 500 },
  lock: { beat: 100, watch: 600 },
}

/** Enough for a browser to start several times on a machine that does other things too. */
export const LONG = 60_000

export interface Harness {
  readonly standIn: StandIn
  readonly connection: Connection
  readonly options: WhatsAppOptions
  /** Texts of all messages so far, in the order of their arrival. */
  readonly texts: string[]
  /** What was logged, a line each: `level message {details}`. */
  readonly logged: string[]
  readonly shown: string[]
  /** The process ids of all browsers on the stand-in. */
  browsers(): number[]
  /** How many times it was ready. */
  readonly readies: number
  /** Resolves when it was ready so many times. */
  ready(times: number): Promise<void>
  /** Resolves when a line of the log matches. */
  logs(pattern: RegExp): Promise<void>
  /** Resolves when something shown to the operator matches. */
  shows(pattern: RegExp): Promise<void>
  /** A message is sent to the bot; resolves when it has arrived. */
  receive(text: string): Promise<void>
  arrived(text: string): Promise<void>
  /** Forgets what was noted so far, so that the next test on the same connection counts from zero. */
  forget(): void
  /** Stops the connection, and removes what was made for it. */
  close(): Promise<void>
}

export interface HarnessOptions {
  readonly timings?: Partial<Timings>
  readonly options?: Partial<WhatsAppOptions>
  readonly standIn?: StandIn
}

/**
 * Vitest takes unhandled rejections, which in a bot's process would end it. In this test they end the test's, unless a
 * connection takes them.
 */
export function onlyOwnRejectionHandlers(): void {
  const isConnections = (listener: object) => Symbol.for('chatwarden.whatsapp.rejections') in listener
  const others = process.listeners('unhandledRejection').filter((listener) => !isConnections(listener))
  for (const listener of others) process.off('unhandledRejection', listener)
  onTestFinished(() => {
    for (const listener of others) process.on('unhandledRejection', listener)
  })
}

const portOf = (standIn: StandIn): number => Number(/:(\d+)=/.exec(standIn.browserArgs.join(' '))?.[1])

const newDirectory = (): string => mkdtempSync(join(tmpdir(), 'chatwarden-whatsapp-'))

/** A directory that is gone after the test. */
export function temporaryDirectory(): string {
  const directory = newDirectory()
  onTestFinished(() => removeFolder(directory))
  return directory
}

/** A stand-in that is closed after the test. */
export async function ownStandIn(): Promise<StandIn> {
  const standIn = await startStandIn()
  onTestFinished(() => standIn.close())
  return standIn
}

export function optionsFor(standIn: StandIn, directory: string): WhatsAppOptions {
  return {
    sessionDirectory: join(directory, 'whatsapp'),
    browserPath: standIn.browserPath,
    browserArguments: standIn.browserArgs,
    webVersion: standIn.webVersion,
    webCacheDirectory: standIn.cacheDir,
    authTimeout: 2000,
    pairingPhone: undefined,
    answersOwnChat: false,
    commandAge: 300_000,
    sendLimit: { perChat: 0, inAll: 0 },
  }
}

/** A connection, not started yet, and the stand-in that it connects to: a new one unless given. For whoever closes it. */
async function open(given: HarnessOptions): Promise<Harness> {
  const directory = newDirectory()
  const standIn = given.standIn ?? (await startStandIn())
  const options = { ...optionsFor(standIn, directory), ...given.options }
  const texts: string[] = []
  const logged: string[] = []
  const shown: string[] = []
  const waiting = new Waiting()
  const note = (list: string[], text: string) => {
    list.push(text)
    waiting.changed()
  }
  const log = pino({ level: 'debug', base: null }, { write: (line: string) => note(logged, line) })
  const show = (text: string) => note(shown, text)
  const connection = new Connection(options, { log, show, random: () => 0.5, timings: { ...QUICK, ...given.timings } })
  let readies = 0
  connection.onReady(() => {
    readies++
    waiting.changed()
  })
  connection.onMessage((message) => note(texts, message.body))
  const until = (what: string, met: () => boolean) => waiting.until(what, met, LONG)
  return {
    standIn,
    connection,
    options,
    texts,
    logged,
    shown,
    browsers: () => browsersOf(portOf(standIn)),
    get readies() {
      return readies
    },
    ready: (times) => until(`ready ${times} times`, () => readies >= times),
    logs: (pattern) => until(`the log to say ${pattern}`, () => logged.some((line) => pattern.test(line))),
    shows: (pattern) => until(`${pattern} to be shown`, () => shown.some((text) => pattern.test(text))),
    receive: async (text) => {
      standIn.receive({ from: ALICE, text })
      await until(`the message ${text}`, () => texts.includes(text))
    },
    arrived: (text) => until(`the message ${text}`, () => texts.includes(text)),
    forget: () => {
      for (const list of [texts, logged, shown]) list.length = 0
      readies = 0
    },
    close: async () => {
      await connection.stop()
      if (!given.standIn) await standIn.close()
      removeFolder(directory)
    },
  }
}

/** Starts and pairs it, and waits until messages arrive. */
async function connect(running: Harness): Promise<Harness> {
  await running.connection.start()
  await running.standIn.pair()
  await running.ready(1)
  await running.standIn.listening()
  await running.logs(/"WhatsApp: connected"/)
  return running
}

/** A connection that is not started yet, and closed after the test. */
export async function harness(given: HarnessOptions = {}): Promise<Harness> {
  const running = await open(given)
  onTestFailed(() => console.error(running.logged.join('')))
  onTestFinished(() => running.close())
  return running
}

/** A connection that is paired and ready. */
export async function connected(given: HarnessOptions = {}): Promise<Harness> {
  return connect(await harness(given))
}

/**
 * One connection, paired and ready, for all tests of a `describe`: each leaves it so, or shows that it comes back. After
 * one that failed there is a new one.
 */
export function shared(given: HarnessOptions = {}): () => Harness {
  let running: Harness | undefined
  const close = async () => {
    await running?.close()
    running = undefined
  }
  beforeEach(async () => {
    if (!running) {
      running = await open(given)
      await connect(running)
    }
    running.forget()
  })
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return
    console.error(running?.logged.join(''))
    await close()
  })
  afterAll(close)
  return () => {
    if (!running) throw new Error('There is a connection only while a test runs')
    return running
  }
}
