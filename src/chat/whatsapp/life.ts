import type { Client, Message, MessageAck } from 'whatsapp-web.js'
import { type Clock, runningTime } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/log.ts'
import { messageOf } from './breakage.ts'
import { Calls } from './calls.ts'
import { Checkup } from './checkup.ts'
import type { NewClient } from './client-factory.ts'
import { closeBrowser } from './closing.ts'
import { Unanswered } from './link.ts'
import { isInjected, watchPage } from './page-watch.ts'
import { type Patient, UNLINKED } from './patient.ts'
import type { Timings } from './timings.ts'
import { Watchdog } from './watchdog.ts'

/** What a life tells. */
export interface LifeEvents {
  readonly message: (message: Message) => void
  readonly ownMessage: (message: Message) => void
  readonly ack: (message: Message, ack: MessageAck) => void
  readonly ready: (me: string) => void
  readonly qr: (text: string) => void
  readonly code: (text: string) => void
  readonly pairingFailed: (reason: string) => void
}

/** How a life ended. `unlinked`: WhatsApp no longer knows this device, so that it must be paired again. */
export interface Ending {
  readonly kind: 'broken' | 'unlinked' | 'stopped'
  readonly why: string
  /** How long it was of use, in milliseconds. */
  readonly lasted: number
}

/**
 * One client, from its launch to the end of its browser. Whatever goes wrong ends it, once; nothing in it tries to
 * mend anything, because a new client is the one thing that helps against all that can go wrong.
 */
export class Life implements Patient {
  readonly client: Client
  readonly ended: Promise<Ending>
  readonly #made: NewClient
  readonly #events: LifeEvents
  readonly #timings: Timings
  readonly #clock: Clock
  readonly #log: Logger
  readonly #calls = new Calls()
  readonly #watchdog: Watchdog
  readonly #checkup: Checkup
  #phase: Patient['phase'] = 'starting'
  #isInitialized = false
  #readySince: number | undefined
  #settle: (ending: Ending) => void = () => {}

  constructor(made: NewClient, events: LifeEvents, timings: Timings, clock: Clock, log: Logger) {
    this.client = made.client
    this.#made = made
    this.#events = events
    this.#timings = timings
    this.#clock = clock
    this.#log = log
    this.#checkup = new Checkup(this, timings, clock, log)
    this.#watchdog = new Watchdog(timings.start, () =>
      this.end(`not ready, though its state is ${this.#checkup.state}`),
    )
    this.ended = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  get phase(): Patient['phase'] {
    return this.#phase
  }

  get isBusy(): boolean {
    return this.#calls.count > 0
  }

  begin(): void {
    this.#listen()
    this.#watchdog.feed()
    this.#checkup.start()
    void this.#initialize()
  }

  /** Ends it; only the first reason counts. */
  end(why: string, kind: Ending['kind'] = 'broken'): void {
    if (this.#phase === 'ended') return
    this.#phase = 'ended'
    this.#watchdog.rest()
    this.#checkup.stop()
    this.#calls.breakOff(why)
    const lasted = this.#readySince === undefined ? 0 : runningTime(this.#clock) - this.#readySince
    this.#settle({ kind, why, lasted })
  }

  async call<T>(what: string, deadline: number, action: (client: Client) => Promise<T>): Promise<T> {
    try {
      const result = await this.#calls.run(what, deadline, () => action(this.client))
      if (this.#phase === 'ready') this.#checkup.hearing.expect(result)
      return result
    } catch (error) {
      if (error instanceof Unanswered && this.#phase === 'ready') void this.#checkup.doubt(2)
      throw error
    }
  }

  breakOff(why: string): void {
    this.#calls.breakOff(why)
  }

  /** A rejection from some client of this process, perhaps from one before this. Whether it was ours, the page tells. */
  suspect(reason: unknown): void {
    if (this.#phase === 'ready' || this.#phase === 'pairing') void this.#checkup.doubt()
    // The first injection has somebody who waits for it, so this was another one: the page was reloaded.
    else if (this.#isInitialized) this.end(`the library failed: ${messageOf(reason)}`)
  }

  /** The browser exists: from here on it is watched. */
  watchBrowser(): void {
    watchPage(this.client, { onGone: (why) => this.end(why), onNavigated: () => void this.#onNavigated() })
  }

  /** Nothing is left of its browser when this resolves. Messages are handed over until then. */
  async destroy(): Promise<void> {
    await closeBrowser(this.#made, this.#timings.close, this.#log)
    this.client.removeAllListeners()
  }

  onPaired(): void {
    this.#phase = 'starting'
    this.#watchdog.feed()
  }

  onMissed(message: Message): void {
    this.#log.warn({ id: message.id.id }, 'WhatsApp: a message that was not announced')
    this.#events.message(message)
  }

  async #initialize(): Promise<void> {
    try {
      await this.client.initialize()
      this.#isInitialized = true
    } catch (error) {
      this.end(`initialize failed: ${messageOf(error)}`)
    }
  }

  /** Once per client and outside `ready`, which may come several times. */
  #listen(): void {
    const { message, ownMessage, ack, qr, code } = this.#events
    const { hearing } = this.#checkup
    const onProgress = () => this.#watchdog.treat()
    this.client
      .on('authenticated', () => (this.#phase === 'pairing' ? this.onPaired() : onProgress()))
      .on('loading_screen', onProgress)
      .on('ready', () => this.#onReady())
      .on('qr', (text) => this.#onPairing(() => qr(text)))
      .on('code', (text) => this.#onPairing(() => code(text)))
      .on('auth_failure', (text) => this.end(`authentication failed: ${text}`))
      .on('change_state', (state) => this.#log.info({ state }, 'WhatsApp: the state of the connection changed'))
      .on('disconnected', (reason) => this.end(reason, UNLINKED.includes(reason) ? 'unlinked' : 'broken'))
      .on('message', (each) => {
        if (hearing.hear(each)) message(each)
      })
      .on('message_create', (each) => {
        if (each.fromMe && hearing.hear(each)) ownMessage(each)
      })
      .on('message_ack', ack)
  }

  #onReady(): void {
    if (this.#phase === 'ended') return
    if (this.#phase === 'ready') {
      this.#log.info('WhatsApp: ready once more, which changes nothing')
      return
    }
    this.#phase = 'ready'
    this.#watchdog.rest()
    this.#readySince ??= runningTime(this.#clock)
    void this.#checkup.onReady()
    this.#events.ready(this.client.info.wid._serialized)
  }

  #onPairing(show: () => void): void {
    if (this.#phase === 'ended') return
    this.#phase = 'pairing'
    // It lasts until somebody takes up the telephone.
    this.#watchdog.rest()
    show()
  }

  /** A reload, or only a new address of the same page? */
  async #onNavigated(): Promise<void> {
    if (this.#phase !== 'ready') return
    if ((await isInjected(this.client, this.#timings.probeDeadline)) || this.#phase !== 'ready') return
    this.#log.warn('WhatsApp: the page was reloaded')
    this.#phase = 'starting'
    this.#calls.breakOff('the page was reloaded')
    this.#watchdog.feed()
  }
}
