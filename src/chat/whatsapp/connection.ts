import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, Message, MessageAck } from 'whatsapp-web.js'
import { type Clock, systemClock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/log.ts'
import { Backoff } from './backoff.ts'
import { messageOf } from './breakage.ts'
import { defaultArguments, findBrowser } from './browser.ts'
import { assertLibrary, createClient } from './client-factory.ts'
import { FirstContact } from './first-contact.ts'
import { type Ending, Life } from './life.ts'
import { type Link, LinkDown } from './link.ts'
import { Listeners } from './listeners.ts'
import type { WhatsAppOptions } from './options.ts'
import { watchRejections } from './rejections.ts'
import { Session } from './session.ts'
import { TIMINGS, type Timings } from './timings.ts'

export interface ConnectionParts {
  readonly log: Logger
  /** Shows the operator how to pair, and that it worked. */
  readonly show: (text: string) => void
  /** Where the QR code is put as a picture. Default: `whatsapp-qr.png` beside the session directory. */
  readonly qrFile?: string
  readonly clock?: Clock
  readonly random?: () => number
  readonly timings?: Partial<Timings>
}

/** How long rejections of a client that is gone may still come: the library looks at its page five times a second. */
const AFTERMATH = 1000

/** A connection to WhatsApp that comes back for ever, one client at a time, until it is stopped. */
export class Connection implements Link {
  /** Resolves when it is over: stopped, or its session directory was taken over by another process. */
  readonly ended: Promise<void>
  readonly #options: WhatsAppOptions
  readonly #log: Logger
  readonly #clock: Clock
  readonly #timings: Timings
  readonly #backoff: Backoff
  readonly #contact: FirstContact
  readonly #message: Listeners<[Message]>
  readonly #ownMessage: Listeners<[Message]>
  readonly #ack: Listeners<[Message, MessageAck]>
  readonly #ready: Listeners<[string]>
  readonly #waiting = new Set<() => void>()
  readonly #stopping = new AbortController()
  #life: Life | undefined
  #running: Promise<void> | undefined
  #end: () => void = () => {}

  constructor(options: WhatsAppOptions, parts: ConnectionParts) {
    const { log, clock = systemClock, random } = parts
    const sessionDirectory = resolve(options.sessionDirectory)
    this.#options = { ...options, sessionDirectory }
    this.#log = log
    this.#clock = clock
    this.#timings = { ...TIMINGS, ...parts.timings }
    this.#backoff = new Backoff(this.#timings.retry, random)
    const file = parts.qrFile ?? join(dirname(sessionDirectory), 'whatsapp-qr.png')
    this.#contact = new FirstContact(parts.show, file, log)
    this.#message = new Listeners('a message', log)
    this.#ownMessage = new Listeners('an own message', log)
    this.#ack = new Listeners('an acknowledgement', log)
    this.#ready = new Listeners('a new connection', log)
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  /**
   * Resolves when it has begun to connect, which may take a person with a telephone; `up()` waits for that.
   * @throws {CannotStart} without a browser, or without a session directory of its own.
   */
  async start(): Promise<void> {
    assertLibrary(this.#options)
    const browserPath = findBrowser(this.#options.browserPath)
    const session = await Session.open(this.#options.sessionDirectory, this.#timings, this.#log, () => {
      this.#log.error('WhatsApp: another process took over the session directory, so the connection ends here')
      this.#giveUp('the session directory was taken over')
    })
    const stopWatching = watchRejections((reason) => {
      this.#log.warn({ reason: messageOf(reason) }, 'WhatsApp: the library failed where nobody waits for it')
      this.#life?.suspect(reason)
    })
    this.#running = this.#run(session, browserPath).finally(() => {
      session.close()
      setTimeout(stopWatching, AFTERMATH).unref()
      this.#end()
    })
  }

  /** Resolves when the browser is gone and the session directory is free. Stopping twice is fine. */
  async stop(): Promise<void> {
    this.#giveUp('stopped')
    await this.#running
  }

  async call<T>(what: string, deadline: number, action: (client: Client) => Promise<T>): Promise<T> {
    const life = this.#life
    if (life?.phase !== 'ready') throw new LinkDown(`${what}: there is no connection to WhatsApp`)
    return life.call(what, deadline, action)
  }

  async up(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    while (this.#life?.phase !== 'ready') {
      if (this.#stopping.signal.aborted) throw new LinkDown('The connection to WhatsApp was stopped')
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        this.#waiting.add(wake)
        signal?.addEventListener('abort', wake)
      })
      signal?.throwIfAborted()
    }
  }

  onMessage(listener: (message: Message) => void): void {
    this.#message.add(listener)
  }

  onOwnMessage(listener: (message: Message) => void): void {
    this.#ownMessage.add(listener)
  }

  onAck(listener: (message: Message, ack: MessageAck) => void): void {
    this.#ack.add(listener)
  }

  onReady(listener: (me: string) => void): void {
    this.#ready.add(listener)
  }

  #giveUp(why: string): void {
    this.#stopping.abort()
    this.#life?.end(why, 'stopped')
    this.#wake()
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }

  async #run(session: Session, browserPath: string): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const ending = await this.#live(session, browserPath)
      if (signal.aborted) return
      if (ending.lasted >= this.#timings.stable) this.#backoff.reset()
      const pause = this.#backoff.next()
      const what = ending.lasted > 0 ? 'the connection was lost' : 'no connection was made'
      this.#log.warn({ why: ending.why, pause }, `WhatsApp: ${what}, a new attempt follows`)
      await sleep(pause, undefined, { signal }).catch(() => {})
    }
  }

  /** One client, from its launch until nothing of it is left. Never rejects. */
  async #live(session: Session, browserPath: string): Promise<Ending> {
    let life: Life | undefined
    try {
      await session.prepare()
      life = await this.#conceive(browserPath)
      this.#life = life
      if (this.#stopping.signal.aborted) life.end('stopped', 'stopped')
      else life.begin()
      const ending = await life.ended
      await life.destroy()
      await session.endBrowsers()
      if (ending.kind === 'unlinked') await this.#onUnlinked(ending, session)
      return ending
    } catch (error) {
      return { kind: 'broken', why: messageOf(error), lasted: 0 }
    }
  }

  async #conceive(browserPath: string): Promise<Life> {
    const contact = this.#contact
    let life: Life | undefined
    const args = this.#options.browserArguments ?? defaultArguments()
    const made = await createClient(this.#options, browserPath, args, {
      onBrowser: () => life?.watchBrowser(),
      onPairingFailed: (error) => {
        contact.pairingFailed(messageOf(error))
        life?.end(`no pairing code: ${messageOf(error)}`)
      },
    })
    const qr = new Listeners<[string]>('a QR code', this.#log)
    qr.add((text) => contact.qr(text))
    const events = {
      message: this.#message.emit,
      ownMessage: this.#ownMessage.emit,
      ack: this.#ack.emit,
      ready: this.#onReady,
      qr: qr.emit,
      code: (text: string) => contact.code(text),
    }
    life = new Life(made, events, this.#timings, this.#clock, this.#log)
    return life
  }

  readonly #onReady = (me: string): void => {
    void this.#contact.connected(me).catch((err: unknown) => this.#log.warn({ err }, 'WhatsApp: no greeting'))
    this.#wake()
    this.#ready.emit(me)
  }

  /** The keys of the session are void after a logout. Otherwise they may still be good, so they are kept. */
  async #onUnlinked({ why }: Ending, session: Session): Promise<void> {
    this.#log.error({ why, alert: true }, 'WhatsApp: this device is no longer linked. Pair it again with the QR code')
    if (why.endsWith('LOGOUT')) await session.forget()
  }
}
