import { type Clock, MINUTE, runningTime } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/log.ts'
import { accountOf, isLid, phoneOfAccount } from '../../kernel/phone.ts'
import { BoundedMap } from '../../kernel/recent.ts'
import { DEADLINE, type Link } from './link.ts'
import { Questions } from './questions.ts'
import type { KnownAccount } from './stores.ts'
import { whenUp } from './when-up.ts'

/** How long WhatsApp is not asked again about an id that it told nothing of, or that could not be asked about. */
const QUIET = { untold: 10 * MINUTE, failed: 2 * MINUTE } as const
/**
 * Each has a share of its own, so that nobody with a role is kept out because of others: strangers cause lookups by
 * writing, people with a role by being known, and by naming others, whom they may invent.
 */
const LOOKUPS_A_MINUTE = {
  stranger: { inAll: 30 },
  known: { inAll: 30 },
  named: { inAll: 30, each: 10 },
} as const

/** Why somebody is looked up: they wrote, being nobody or somebody with a role, or somebody named them. */
export type Cause =
  | { readonly share: 'stranger' | 'known'; readonly by?: undefined }
  | { readonly share: 'named'; readonly by: string }

/** What WhatsApp says about an id. `failed`: it could not be asked, or too many others were asked about. */
export type Answer = { readonly kind: 'told'; readonly known: KnownAccount } | { readonly kind: 'untold' | 'failed' }

interface LookupParts {
  readonly link: Link
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

/** Asks WhatsApp which account has which number, and not more often than it likes. */
export class Lookup {
  readonly #parts: LookupParts
  readonly #quiet = new BoundedMap<{ readonly until: number; readonly kind: 'untold' | 'failed' }>()
  readonly #questions: Readonly<Record<Cause['share'], Questions>>

  constructor(parts: LookupParts) {
    this.#parts = parts
    const questions = (share: Cause['share']) => new Questions(LOOKUPS_A_MINUTE[share], parts.clock)
    this.#questions = { stranger: questions('stranger'), known: questions('known'), named: questions('named') }
  }

  /** About the forms of one id: all of them must be of one account with one number, or they are nobody's. */
  async ask(ids: readonly string[], { share, by }: Cause): Promise<Answer> {
    const { clock, log } = this.#parts
    const key = ids.join()
    const quiet = this.#quiet.get(key)
    if (quiet !== undefined && quiet.until > runningTime(clock)) return { kind: quiet.kind }
    if (!this.#questions[share].take(by)) return { kind: 'failed' }
    try {
      const answers = await this.#call(ids)
      const [known] = answers
      const isOne = answers.every((each) => each?.phone === known?.phone && each?.account === known?.account)
      if (known !== undefined && isOne && answers.length === ids.length) return { kind: 'told', known }
      return this.#keepQuiet(key, 'untold')
    } catch (err) {
      log.warn({ err }, 'WhatsApp: it could not be found out who an account is')
      return this.#keepQuiet(key, 'failed')
    }
  }

  async #call(ids: readonly string[]): Promise<(KnownAccount | undefined)[]> {
    const { link, signal, clock } = this.#parts
    const answers = await whenUp(link, signal, {
      what: 'lookup',
      deadline: DEADLINE.lookup,
      action: (client) => client.getContactLidAndPhone([...ids]),
    })
    const toldAt = clock.now()
    return answers.map((answer: { readonly lid?: string; readonly pn?: string }) => {
      // The declared type promises both; a hidden phone is left out, and of an unknown account so is the LID.
      const account = answer.lid === undefined || !isLid(answer.lid) ? undefined : accountOf(answer.lid)
      const phone = phoneOfAccount(answer.pn ?? '')
      return account === undefined || phone === undefined ? undefined : { account, phone, toldAt }
    })
  }

  #keepQuiet(key: string, kind: 'untold' | 'failed'): Answer {
    this.#quiet.set(key, { until: runningTime(this.#parts.clock) + QUIET[kind], kind })
    return { kind }
  }
}
