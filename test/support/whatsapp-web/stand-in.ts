import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClientOptions } from 'whatsapp-web.js'
import { Account, type Incoming, idOf, type Own } from './account.ts'
import { browserArguments, findTestBrowser } from './browser.ts'
import { Device, newRef } from './device.ts'
import { Faults } from './faults.ts'
import { type Sent, toSent } from './outbox.ts'
import { endBrowsersOf } from './processes.ts'
import type { Group, SentReport } from './wire.ts'

export type { Incoming, Own } from './account.ts'
export type { Sent } from './outbox.ts'

/** No version of the real WhatsApp Web: the library may write what it loads back into its cache, under this name. */
const VERSION = 'stand-in'

export interface StandInOptions {
  /** The account under test. */
  readonly me?: { readonly phone?: string; readonly lid?: string; readonly name?: string }
  /** A browser; else `findTestBrowser()`. */
  readonly browserPath?: string
}

/** Starts a WhatsApp of one's own on 127.0.0.1. Nobody is paired, nobody has written. */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const browserPath = options.browserPath ?? (await findTestBrowser())
  const account = new Account(options.me ?? {})
  let standIn: StandIn
  const device = await Device.open(account, (report) => standIn.onSent(report))
  standIn = new StandIn(account, device, browserPath)
  return standIn
}

export class StandIn {
  readonly webVersion = VERSION
  /** The folder for `webVersionCache`. */
  readonly cacheDir = mkdtempSync(join(tmpdir(), 'stand-in-'))
  readonly browserPath: string
  /** The whole list: nothing else is needed, and nothing is reached but this stand-in. */
  readonly browserArgs: readonly string[]
  readonly faults: Faults
  readonly #account: Account
  readonly #device: Device
  readonly #outbox: Sent[] = []
  #acks = true

  constructor(account: Account, device: Device, browserPath: string) {
    this.#account = account
    this.#device = device
    this.browserPath = browserPath
    this.browserArgs = browserArguments(device.link.port)
    this.faults = new Faults(device)
    const html = readFileSync(new URL('./page/page.html', import.meta.url), 'utf8')
    const page = html.replace('STAND_IN', `http://127.0.0.1:${device.link.port}`)
    writeFileSync(join(this.cacheDir, `${VERSION}.html`), page)
  }

  /** Options for `new Client(…)`. `extra` wins; its `puppeteer` is merged. */
  clientOptions(extra: ClientOptions = {}): ClientOptions {
    return {
      webVersion: this.webVersion,
      webVersionCache: { type: 'local', path: this.cacheDir, strict: true },
      ...extra,
      puppeteer: { executablePath: this.browserPath, args: [...this.browserArgs], ...extra.puppeteer },
    }
  }

  /** The id of the account under test, `…@c.us`. */
  get id(): string {
    return this.#account.id
  }

  /** Scans the QR code (or types the pairing code) that the page shows, waiting for it if need be. */
  async pair(): Promise<void> {
    await this.#device.pair()
  }

  /** Lets the QR code expire: a new one is shown. */
  async refreshQr(): Promise<void> {
    await this.#device.command({ command: 'qr', ref: newRef() })
  }

  /** Resolves when the library listens: messages now arrive at once, and `ready` has fired or is about to. */
  async listening(): Promise<void> {
    await this.#device.waiting.until('a page that listens', () => this.#device.state === 'listening')
  }

  /** Somebody who has WhatsApp. Who writes is added by itself; who only receives is not. */
  async person(person: { readonly phone?: string; readonly lid?: string; readonly name?: string }): Promise<void> {
    this.#account.addPerson(person)
    await this.#tellPeople()
  }

  /** WhatsApp no longer reveals the phone number behind this LID. */
  async hidePhone(lid: string): Promise<void> {
    const person = this.#account.people.find((each) => each.lid === lid)
    this.#account.addPerson({ ...person, lid, hidden: true })
    await this.#tellPeople()
  }

  /** A group with the account under test in it. Returns its id. */
  async group(name: string, members: readonly string[] = [], lidAddressing = true): Promise<string> {
    const id = `1203630000000000${10 + this.#account.groups.length}@g.us`
    const group: Group = { id, name, members: [...members.map(idOf), this.id], lidAddressing }
    this.#account.groups.push(group)
    await this.#device.inform({ command: 'group', group })
    return id
  }

  /** Somebody writes. It arrives when a page listens. Returns the message's id. */
  receive(incoming: Incoming): string {
    this.#meet(idOf(incoming.from))
    const record = this.#account.received(incoming)
    this.#device.deliver({ command: 'message', record })
    return record.id
  }

  /** The owner of the account under test writes on the telephone. Returns the message's id. */
  typeOnPhone(own: Own): string {
    const record = this.#account.own(own)
    this.#device.deliver({ command: 'message', record })
    return record.id
  }

  /** Resolves when the page has confirmed all that was on its way to it. Then none of it comes again. */
  async delivered(): Promise<void> {
    await this.#device.waiting.until('all deliveries', () => this.#device.deliveries.unconfirmed.length === 0)
  }

  /** What was sent so far, in order. */
  outbox(): readonly Sent[] {
    return [...this.#outbox]
  }

  /** Resolves to the outbox when it holds so many messages, or to those that match when there is one. */
  async waitForOutbox(want: number | ((sent: Sent) => boolean), timeoutMs = 30_000): Promise<readonly Sent[]> {
    const matching = () => (typeof want === 'number' ? this.#outbox : this.#outbox.filter(want))
    const count = typeof want === 'number' ? want : 1
    await this.#device.waiting.until(`${count} sent messages`, () => matching().length >= count, timeoutMs)
    return [...matching()]
  }

  /** From now on no sent message is acknowledged, except by `ack()`; or, with `false`, all are again. */
  holdAcks(hold = true): void {
    this.#acks = !hold
  }

  /**
   * Acknowledges a sent message: -1 failed, 1 the server has it, 2 the telephone, 3 read. With `announced: false` only
   * the next page finds it, in the history.
   */
  ack(id: string, ack = 1, { announced = true } = {}): void {
    const record = this.#account.messages.get(id)
    if (!record) throw new Error(`No message ${id} to acknowledge`)
    record.ack = ack
    if (announced) this.#device.deliver({ command: 'ack', id, ack })
  }

  /** Every id that the bot has asked WhatsApp about. */
  lookups(): readonly string[] {
    return [...this.#device.lookups]
  }

  /** Ends the server, every browser that is still open on it, and removes the folder. */
  async close(): Promise<void> {
    await endBrowsersOf(this.#device.link.port)
    await this.#device.link.close()
    rmSync(this.cacheDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }

  /** For the device only. */
  onSent(report: SentReport): void {
    const record = this.#account.sent(report)
    this.#outbox.push(toSent(report, (hash) => this.#device.link.takeMedia(hash)))
    if (this.#acks) this.ack(record.id)
  }

  #meet(id: string): void {
    if (this.#account.knows(id)) return
    const [user, server] = id.replace(/:\d+@/, '@').split('@')
    this.#account.addPerson(server === 'lid' ? { lid: user } : { phone: user })
    this.#device.deliver({ command: 'people', people: this.#account.people })
  }

  async #tellPeople(): Promise<void> {
    await this.#device.inform({ command: 'people', people: this.#account.people })
  }
}
