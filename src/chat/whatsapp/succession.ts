import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/log.ts'
import { Backoff } from './backoff.ts'
import { messageOf } from './breakage.ts'
import { defaultArguments } from './browser.ts'
import { createClient } from './client-factory.ts'
import { type Ending, Life, type LifeEvents } from './life.ts'
import type { WhatsAppOptions } from './options.ts'
import type { Session } from './session.ts'
import type { Timings } from './timings.ts'

export interface SuccessionParts {
  readonly options: WhatsAppOptions
  readonly browserPath: string
  readonly session: Session
  readonly events: LifeEvents
  readonly timings: Timings
  readonly random: (() => number) | undefined
  readonly clock: Clock
  readonly log: Logger
}

/** Clients on one session, one after the other: each lives until it breaks, and the next follows after a pause. */
export class Succession {
  readonly #parts: SuccessionParts
  readonly #backoff: Backoff
  readonly #stopping = new AbortController()
  #life: Life | undefined

  constructor(parts: SuccessionParts) {
    this.#parts = parts
    this.#backoff = new Backoff(parts.timings.retry, parts.random)
  }

  /** The one that lives, or the last one that did. */
  get life(): Life | undefined {
    return this.#life
  }

  /** Resolves when it was stopped and nothing is left of the last client. */
  async run(): Promise<void> {
    const { timings, log } = this.#parts
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const ending = await this.#live()
      if (signal.aborted) return
      if (ending.lasted >= timings.stable) this.#backoff.reset()
      const pause = this.#backoff.next()
      const what = ending.lasted > 0 ? 'the connection was lost' : 'no connection was made'
      log.warn({ why: ending.why, pause }, `WhatsApp: ${what}, a new attempt follows`)
      await sleep(pause, undefined, { signal }).catch(() => {})
    }
  }

  stop(why: string): void {
    this.#stopping.abort()
    this.#life?.end(why, 'stopped')
  }

  /** One client, from its launch until nothing of it is left. Never rejects. */
  async #live(): Promise<Ending> {
    const { session } = this.#parts
    try {
      await session.prepare()
      const life = await this.#conceive()
      this.#life = life
      if (this.#stopping.signal.aborted) life.end('stopped', 'stopped')
      else life.begin()
      const ending = await life.ended
      await life.destroy()
      await session.endBrowsers()
      if (ending.kind === 'unlinked') await this.#onUnlinked(ending)
      return ending
    } catch (error) {
      return { kind: 'broken', why: messageOf(error), lasted: 0 }
    }
  }

  async #conceive(): Promise<Life> {
    const { options, browserPath, events, timings, clock, log } = this.#parts
    let life: Life | undefined
    const made = await createClient(options, browserPath, options.browserArguments ?? defaultArguments(), {
      onBrowser: () => life?.watchBrowser(),
      onPairingFailed: (error) => {
        events.pairingFailed(messageOf(error))
        life?.end(`no pairing code: ${messageOf(error)}`)
      },
    })
    life = new Life(made, events, timings, clock, log)
    return life
  }

  /** The keys of the session are void after a logout. Otherwise they may still be good, so they are kept. */
  async #onUnlinked({ why }: Ending): Promise<void> {
    const { session, log } = this.#parts
    log.error({ why, alert: true }, 'WhatsApp: this device is no longer linked. Pair it again with the QR code')
    if (why.endsWith('LOGOUT')) await session.forget()
  }
}
