import { dirname, join, resolve } from 'node:path'
import type { Client } from 'whatsapp-web.js'
import { type Clock, systemClock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/log.ts'
import { messageOf } from './breakage.ts'
import { findBrowser } from './browser.ts'
import { assertLibrary } from './client-factory.ts'
import { FirstContact } from './first-contact.ts'
import type { LifeEvents } from './life.ts'
import { LinkDown } from './link.ts'
import { ListenedLink } from './listened-link.ts'
import type { WhatsAppOptions } from './options.ts'
import { watchRejections } from './rejections.ts'
import { Session } from './session.ts'
import { Succession } from './succession.ts'
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
export class Connection extends ListenedLink {
  /** Resolves when it is over: stopped, or its session directory was taken over by another process. */
  readonly ended: Promise<void>
  readonly #options: WhatsAppOptions
  readonly #parts: ConnectionParts
  readonly #timings: Timings
  readonly #contact: FirstContact
  #isStopped = false
  #succession: Succession | undefined
  #running: Promise<void> | undefined
  #end: () => void = () => {}

  constructor(options: WhatsAppOptions, parts: ConnectionParts) {
    super(parts.log)
    const sessionDirectory = resolve(options.sessionDirectory)
    this.#options = { ...options, sessionDirectory }
    this.#parts = parts
    this.#timings = { ...TIMINGS, ...parts.timings }
    const file = parts.qrFile ?? join(dirname(sessionDirectory), 'whatsapp-qr.png')
    this.#contact = new FirstContact(parts.show, file, parts.log)
    this.on.ready.add((me) => this.#contact.connected(me))
    this.on.qr.add((text) => this.#contact.qr(text))
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  /**
   * Resolves when it has begun to connect, which may take a person with a telephone; `up()` waits for that.
   * @throws {CannotStart} without the library, without a browser, or without a session directory of its own.
   */
  async start(): Promise<void> {
    const { log } = this.#parts
    assertLibrary(this.#options)
    const browserPath = findBrowser(this.#options.browserPath)
    const session = await Session.open(this.#options.sessionDirectory, this.#timings, log, () => {
      log.error('WhatsApp: another process took over the session directory, so the connection ends here')
      this.#giveUp('the session directory was taken over')
    })
    this.#parts.show('Connecting to WhatsApp …')
    const succession = this.#found(session, browserPath)
    const stopWatching = watchRejections((reason) => {
      log.warn({ reason: messageOf(reason) }, 'WhatsApp: the library failed where nobody waits for it')
      succession.life?.suspect(reason)
    })
    this.#running = succession.run().finally(() => {
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
    const life = this.#succession?.life
    if (life?.phase !== 'ready') throw new LinkDown(`${what}: there is no connection to WhatsApp`)
    return life.call(what, deadline, action)
  }

  breakOff(why: string): void {
    this.#succession?.life?.breakOff(why)
  }

  protected get isUp(): boolean {
    return this.#succession?.life?.phase === 'ready'
  }

  protected get downForGood(): string | undefined {
    return this.#isStopped ? 'The connection to WhatsApp was stopped' : undefined
  }

  #giveUp(why: string): void {
    this.#isStopped = true
    this.#succession?.stop(why)
    this.waiters.wake()
  }

  #found(session: Session, browserPath: string): Succession {
    const { log, random, clock = systemClock } = this.#parts
    const parts = { options: this.#options, browserPath, session, timings: this.#timings, random, clock, log }
    const succession = new Succession({ ...parts, events: this.#events() })
    this.#succession = succession
    // It may have been stopped while the session was being opened.
    if (this.#isStopped) succession.stop('stopped')
    return succession
  }

  #events(): LifeEvents {
    const { message, ownMessage, ack, ready, qr } = this.on
    return {
      message: message.emit,
      ownMessage: ownMessage.emit,
      ack: ack.emit,
      ready: (me) => {
        this.waiters.wake()
        ready.emit(me)
      },
      qr: qr.emit,
      code: (text) => this.#contact.code(text),
      pairingFailed: (reason) => this.#contact.pairingFailed(reason),
    }
  }
}
