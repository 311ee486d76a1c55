import type { Client } from 'whatsapp-web.js'
import { type Clock, runningTime } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/log.ts'
import { isGone, messageOf } from './breakage.ts'
import { within } from './deadline.ts'
import { Hearing, liveMessages } from './hearing.ts'
import { type Patient, UNLINKED } from './patient.ts'
import { Probe } from './probe.ts'
import { memoryOfGroup } from './processes.ts'
import type { Timings } from './timings.ts'

const MEGABYTE = 2 ** 20
/** Healthy is a quarter of this. Shared pages count several times. */
const TOO_MUCH_MEMORY = 2048 * MEGABYTE
const MEMORY_EVERY = 10

/** Asks the page again and again how it is, because a page that crashed, hangs or is deaf raises no event. */
export class Checkup {
  readonly hearing: Hearing
  readonly #patient: Patient
  readonly #timings: Timings
  readonly #clock: Clock
  readonly #log: Logger
  readonly #probe: Probe
  /** What the page last called its connection. */
  state = 'unknown'
  #failures = 0
  #count = 0
  #connectedAt: number

  constructor(patient: Patient, timings: Timings, clock: Clock, log: Logger) {
    this.#patient = patient
    this.#timings = timings
    this.#clock = clock
    this.#log = log
    this.#connectedAt = runningTime(clock)
    this.hearing = new Hearing(timings.proof, () => void this.#onUnproven())
    this.#probe = new Probe(timings.probeEvery, () => this.#check())
  }

  start(): void {
    this.#probe.start()
  }

  stop(): void {
    this.#probe.stop()
    this.hearing.end()
  }

  /** Something happened that makes one doubt: looks at once, and is not patient. */
  async doubt(patience = 1): Promise<void> {
    this.#failures = Math.max(this.#failures, this.#timings.probeFailures - patience)
    await this.#probe.now()
  }

  /** The page is ready, for the first time or anew. */
  async onReady(): Promise<void> {
    this.#failures = 0
    this.#connectedAt = runningTime(this.#clock)
    try {
      this.hearing.begin(await this.#ask('live messages', liveMessages))
      const version = await this.#ask('getWWebVersion', (client) => client.getWWebVersion())
      this.#log.info({ version }, 'WhatsApp: connected')
    } catch (error) {
      this.#log.warn({ reason: messageOf(error) }, 'WhatsApp: the page gave no answer right after it was ready')
    }
  }

  async #check(): Promise<void> {
    if (!this.#patient.client.pupPage) return
    try {
      this.state = await this.#ask('getState', (client) => client.getState())
      this.#failures = 0
      if (this.#patient.phase === 'pairing') await this.#checkPairing()
      if (this.#patient.phase === 'ready') await this.#checkReady()
    } catch (error) {
      this.#onSilence(error)
    }
  }

  #onSilence(error: unknown): void {
    const { phase } = this.#patient
    // A page that is loading can't answer yet; the watchdog waits for it.
    if (phase === 'starting' || phase === 'ended') return
    this.#failures++
    this.#log.warn({ failures: this.#failures, reason: messageOf(error) }, 'WhatsApp: the page does not answer')
    if (this.#failures >= this.#timings.probeFailures || isGone(error))
      this.#patient.end(`the page does not answer: ${messageOf(error)}`)
  }

  async #checkPairing(): Promise<void> {
    if (this.state === 'CONNECTED') this.#patient.onPaired()
    // Nobody scanned the last of its codes. The library means to ask for new ones, but does so in Node (1.34.7).
    if (this.state === 'UNPAIRED_IDLE')
      await this.#ask('refreshQR', async (client) => client.pupPage?.evaluate(`require('WAWebCmd').Cmd.refreshQR()`))
  }

  async #checkReady(): Promise<void> {
    if (this.state === 'CONNECTED') this.#connectedAt = runningTime(this.#clock)
    else if (UNLINKED.includes(this.state)) this.#patient.end(`state ${this.state}`, 'unlinked')
    else if (runningTime(this.#clock) - this.#connectedAt > this.#timings.offline)
      this.#patient.end(`state ${this.state} for too long`)
    const { missed, isDeaf } = this.hearing.check(await this.#ask('live messages', liveMessages))
    await this.#handOver(missed)
    if (isDeaf) this.#patient.end('messages arrive but are not announced')
    if (this.#count++ % MEMORY_EVERY === 0) this.#checkMemory()
  }

  async #onUnproven(): Promise<void> {
    const live = await this.#ask('live messages', liveMessages).catch(() => [])
    await this.#handOver(this.hearing.unheard(live))
    this.#patient.end('a message was sent but not announced')
  }

  /** To the next page they would be history, which nobody announces. */
  async #handOver(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const found = this.#ask('getMessageById', (client) => client.getMessageById(id))
      const message = await found.catch((error: unknown) => {
        this.#log.error({ reason: messageOf(error) }, 'WhatsApp: a message was missed and is lost')
      })
      if (message && this.hearing.hear(message)) this.#patient.onMissed(message)
    }
  }

  #checkMemory(): void {
    const pid = this.#patient.client.pupBrowser?.process()?.pid
    const megabytes = Math.round(((pid && memoryOfGroup(pid)) ?? 0) / MEGABYTE)
    this.#log.debug({ megabytes }, 'WhatsApp: memory of the browser')
    if (megabytes * MEGABYTE > TOO_MUCH_MEMORY && !this.#patient.isBusy)
      this.#patient.end(`the browser takes ${megabytes} MiB`)
  }

  #ask<T>(what: string, question: (client: Client) => Promise<T>): Promise<T> {
    return within(what, this.#timings.probeDeadline, question(this.#patient.client))
  }
}
