import { randomUUID } from 'node:crypto'
import type { Account } from './account.ts'
import { Deliveries } from './deliveries.ts'
import { Link } from './link.ts'
import { Waiting } from './waiting.ts'
import type { Command, Report, SentReport } from './wire.ts'

/** What a page does when it loads. Each number counts the loads that are still to go wrong. */
export interface LoadFaults {
  fail: number
  missReady: number
  falseReady: number
}

/** The linked device: which page is connected, how far it is, and what is on its way to it. */
export class Device {
  readonly waiting = new Waiting()
  readonly deliveries = new Deliveries()
  readonly loadFaults: LoadFaults = { fail: 0, missReady: 0, falseReady: 0 }
  readonly lookups: string[] = []
  readonly link: Link
  readonly #account: Account
  readonly #onSent: (report: SentReport) => void
  /** Sessions that the account has linked. A page whose profile holds another must pair. */
  readonly #sessions = new Set<string>()
  state: 'absent' | 'unpaired' | 'linked' | 'listening' = 'absent'
  loads = 0
  /** Send faults that were ordered and have not struck yet. They end with the page. */
  faultsLeft = 0

  private constructor(account: Account, onSent: (report: SentReport) => void, link: Link) {
    this.#account = account
    this.#onSent = onSent
    this.link = link
  }

  static async open(account: Account, onSent: (report: SentReport) => void): Promise<Device> {
    let device: Device
    const link = await Link.open({
      connected: (session) => device.#greet(session),
      disconnected: () => device.#become('absent'),
      reported: (report) => device.#hear(report),
      refusesLoad: () => takes(device.loadFaults, 'fail'),
      hangChanged: () => device.waiting.changed(),
    })
    device = new Device(account, onSent, link)
    return device
  }

  /** Sends when a page is there, and does not wait for it to act: for commands that end or block it. */
  async order(command: Command): Promise<void> {
    await this.waiting.until('a page', () => this.link.connected)
    this.link.send(command)
  }

  /** Sends when a page is there. Resolves when it has acted, so that what the test does next finds it done. */
  async command(command: Command): Promise<void> {
    await this.waiting.until('a page', () => this.link.connected)
    const page = this.loads
    const message = this.deliveries.add(command)
    this.link.send(message)
    const done = () => !this.deliveries.isOpen(message.delivery) || !this.link.connected || this.loads !== page
    await this.waiting.until(`the page to do ${command.command}`, done)
    this.deliveries.confirm(message.delivery)
  }

  /** Tells the page something that the next one is told in its greeting anyway. */
  async inform(command: Command): Promise<void> {
    if (this.link.connected) await this.command(command)
  }

  /** Sends when a page listens, and again until one has confirmed it. */
  deliver(command: Command): void {
    const delivery = this.deliveries.add(command)
    if (this.state === 'listening') this.link.send(delivery)
  }

  /** New session keys for the page that shows a QR code; resolves when it has stored them. */
  async pair(): Promise<void> {
    await this.waiting.until('a page with a QR code', () => this.state === 'unpaired')
    const device = randomUUID()
    this.#sessions.add(device)
    this.link.send({ command: 'paired', device })
    await this.waiting.until('the page to link', () => this.state === 'linked' || this.state === 'listening')
  }

  unlink(): void {
    this.#sessions.clear()
  }

  #become(state: Device['state']): void {
    this.state = state
    this.waiting.changed()
  }

  #greet(session: string): void {
    const linked = this.#sessions.has(session)
    const { me, people, groups, messages } = this.#account
    this.link.send({
      command: 'hello',
      linked,
      ref: newRef(),
      me,
      people,
      groups,
      history: linked ? [...messages.values()].filter(({ id }) => !this.deliveries.holds(id)) : [],
      missReady: linked && takes(this.loadFaults, 'missReady'),
      deaf: linked && takes(this.loadFaults, 'falseReady'),
    })
    this.loads += 1
    this.faultsLeft = 0
    this.#become(linked ? 'linked' : 'unpaired')
  }

  #hear(report: Report): void {
    if (report.did === 'receive') this.deliveries.confirm(report.delivery)
    if (report.did === 'lookUp') this.lookups.push(report.id)
    if (report.did === 'send') this.#onSent(report.message)
    if (report.did === 'strike') this.faultsLeft -= 1
    if (report.did === 'unlink') this.unlink()
    if (report.did === 'link') this.#become('linked')
    if (report.did === 'listen') this.#listen()
    this.waiting.changed()
  }

  #listen(): void {
    this.#become('listening')
    for (const delivery of this.deliveries.unconfirmed) this.link.send(delivery)
  }
}

export const newRef = () => `2@${randomUUID()}`

function takes(faults: LoadFaults, fault: keyof LoadFaults): boolean {
  if (faults[fault] === 0) return false
  faults[fault] -= 1
  return true
}
