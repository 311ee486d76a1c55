import { join } from 'node:path'
import type { Logger } from 'pino'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import type { ChatAdapter } from '../../src/chat/adapter.ts'
import { Connection } from '../../src/chat/whatsapp/connection.ts'
import type { WhatsAppOptions } from '../../src/chat/whatsapp/options.ts'
import type { Timings } from '../../src/chat/whatsapp/timings.ts'
import { createWhatsApp, type WhatsAppParts } from '../../src/chat/whatsapp/whatsapp.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import type { AtEnd } from './at-end.ts'
import { openTestWarden, type TestWarden, temporaryFolder } from './chatwarden.ts'
import { optionsFor, QUICK } from './whatsapp-connection.ts'
import { type Incoming, type Sent, type StandIn, startStandIn } from './whatsapp-web/stand-in.ts'

/** The whole bot on the stand-in: a database of its own, the real library, a real browser. */
export interface WhatsAppBot {
  readonly standIn: StandIn
  readonly warden: TestWarden
  readonly connection: Connection
  readonly adapter: ChatAdapter
  /** What was logged, a line each. */
  readonly logged: string[]
  /** Somebody writes; resolves to what the bot sends next, so many messages, to whomever. */
  ask(incoming: Incoming, count?: number): Promise<readonly Sent[]>
  /** Resolves when nothing that the bot has to send is on its way any more. */
  settled(): Promise<void>
  /** Stops the bot as a signal does. */
  stop(): Promise<void>
}

export interface BotOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly clock?: Clock
  readonly standIn?: StandIn
  readonly folder?: string
  readonly timings?: Partial<Timings>
  readonly options?: Partial<WhatsAppOptions>
  readonly parts?: Partial<WhatsAppParts>
  readonly atEnd?: AtEnd
}

/** A bot that is paired and listening. All of it is gone after the test, or when `atEnd` says so. */
export async function startBot(given: BotOptions = {}): Promise<WhatsAppBot> {
  const { atEnd = onTestFinished } = given
  const folder = given.folder ?? temporaryFolder(atEnd)
  const standIn = given.standIn ?? (await startStandIn())
  if (given.standIn === undefined) atEnd(() => standIn.close())
  const logged: string[] = []
  const log: Logger = pino({ level: 'debug', base: null }, { write: (line: string) => void logged.push(line) })
  const { env = {}, clock } = given
  const warden = await openTestWarden(
    { log, env: { CHAT: 'whatsapp', ...env }, ...(clock && { clock }) },
    folder,
    atEnd,
  )
  const options = { ...optionsFor(standIn, folder), ...given.options }
  const timings = { ...QUICK, ...given.timings }
  const connection = new Connection(options, { log, show: () => {}, qrFile: join(folder, 'qr.png'), timings })
  const adapter = createWhatsApp(connection, { ...warden.whatsApp, options, ...given.parts })
  const stop = async () => {
    await adapter.stop()
    await warden.close()
  }
  atEnd(stop)
  const isPaired = given.standIn !== undefined
  const serving = warden.serve(adapter)
  if (!isPaired) await standIn.pair()
  await serving
  await standIn.listening()
  return {
    standIn,
    warden,
    connection,
    adapter,
    logged,
    ask: async (incoming, count = 1) => {
      const before = standIn.outbox().length
      standIn.receive(incoming)
      return (await standIn.waitForOutbox(before + count)).slice(before)
    },
    settled: async () => {
      await standIn.delivered()
      const isLeft = () => warden.sql('SELECT id FROM outbox_messages').length > 0
      while (isLeft()) await new Promise((resolve) => setTimeout(resolve, 20))
    },
    stop,
  }
}
