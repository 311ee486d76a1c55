import { type Clock, DAY, MINUTE } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/log.ts'
import { accountOf, isLid, type Phone, phoneOfAccount } from '../../kernel/phone.ts'
import { DEADLINE, type Link } from './link.ts'
import type { AccountStore, KnownAccount } from './stores.ts'
import { whenUp } from './when-up.ts'

/** A number changes hands within months; many lookups of one id are said to raise the risk of a ban. */
const FRESH = DAY
/** How long WhatsApp is not asked again about an id that it told nothing of, or that could not be asked about. */
const QUIET = { untold: 10 * MINUTE, failed: 2 * MINUTE } as const
const REMEMBERED = 5000

interface IdentityParts {
  readonly link: Link
  readonly accounts: AccountStore
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

/** Who an id is, as far as the platform tells. */
export interface Who {
  readonly phone?: Phone
  /** The LID, without a device. */
  readonly account?: string
}

/** Who a library's id is. A phone is in the id itself, or what the platform says for a LID; LID digits never are one. */
export class Identity {
  readonly #parts: IdentityParts
  readonly #quietUntil = new Map<string, number>()
  readonly #remembered = new Map<string, KnownAccount>()
  /** Whether a device (`123:21@lid`) is one of the account that its id names, by the platform's latest word. */
  readonly #isOfAccount = new Map<string, boolean>()
  readonly #asking = new Map<string, Promise<Who>>()

  constructor(parts: IdentityParts) {
    this.#parts = parts
  }

  /** The number and the account of who writes. Never rejects. */
  async whoIs(id: string): Promise<Who> {
    if (isLid(id)) return this.#ofLid(id)
    const phone = phoneOfAccount(id)
    if (phone === undefined) return {}
    return { phone, ...(await this.#once(phone, () => this.#accountOf(phone))) }
  }

  /** The number of who is only spoken of. Never rejects. */
  async phoneOf(id: string): Promise<Phone | undefined> {
    return isLid(id) ? (await this.#ofLid(id)).phone : phoneOfAccount(id)
  }

  #ofLid(id: string): Promise<Who> {
    return this.#once(id, async () => {
      const account = accountOf(id)
      const found = await this.#found(account, () => this.#parts.accounts.find(account))
      const isTold = this.#isFresh(found) && (id === account || this.#isOfAccount.has(id))
      const known = isTold ? found : ((await this.#ask([...new Set([id, account])], account)) ?? found)
      return known && this.#isOfAccount.get(id) !== false ? { phone: known.phone, account } : {}
    })
  }

  async #accountOf(phone: Phone): Promise<Who> {
    const { accounts } = this.#parts
    const found = await this.#found(phone, () => accounts.findOf(phone))
    if (!this.#isFresh(found) && !(await accounts.matters(phone))) return {}
    const known = this.#isFresh(found) ? found : ((await this.#ask([`${phone.slice(1)}@c.us`])) ?? found)
    return known?.phone === phone ? { account: known.account } : {}
  }

  /** What is known by a LID or a phone, without asking the database about somebody who writes often. */
  async #found(key: string, find: () => Promise<KnownAccount | undefined>): Promise<KnownAccount | undefined> {
    const remembered = this.#remembered.get(key)
    if (this.#isFresh(remembered)) return remembered
    const found = await find()
    if (found !== undefined) remember(this.#remembered, key, found)
    return found
  }

  #isFresh(known: KnownAccount | undefined): boolean {
    return known !== undefined && this.#parts.clock.now() - known.toldAt < FRESH
  }

  /** One question about an id at a time, whoever else wants to know. */
  #once(id: string, answer: () => Promise<Who>): Promise<Who> {
    const asking =
      this.#asking.get(id) ??
      answer()
        .catch((err: unknown): Who => {
          this.#parts.log.warn({ err }, 'WhatsApp: it could not be found out who an account is')
          return {}
        })
        .finally(() => this.#asking.delete(id))
    this.#asking.set(id, asking)
    return asking
  }

  /** What the platform says about these forms of one id; it must be about `account`, if that is given. */
  async #ask(ids: readonly string[], account?: string): Promise<KnownAccount | undefined> {
    const { accounts, clock, log } = this.#parts
    const [key = ''] = ids
    if ((this.#quietUntil.get(key) ?? 0) > clock.now()) return undefined
    const answers = await this.#lookUp(ids).catch((err: unknown) => {
      log.warn({ err }, 'WhatsApp: it was not told who an account is')
      this.#keepQuiet(key, QUIET.failed)
    })
    if (answers === undefined) return undefined
    const told = answers.filter((answer) => account === undefined || answer.account === account)
    const [known] = told
    // Two forms of one account that are two people to the platform are nobody to us.
    const isOne = told.every(({ phone }) => phone === known?.phone)
    if (ids.length > 1) remember(this.#isOfAccount, key, isOne)
    if (known === undefined || !isOne) {
      this.#keepQuiet(key, QUIET.untold)
      return undefined
    }
    await accounts.save(known)
    // Another account may have had the number until now.
    this.#remembered.delete(known.phone)
    return known
  }

  async #lookUp(ids: readonly string[]): Promise<KnownAccount[]> {
    const answers = await whenUp(this.#parts.link, this.#parts.signal, {
      what: 'lookup',
      deadline: DEADLINE.lookup,
      action: (client) => client.getContactLidAndPhone([...ids]),
    })
    const toldAt = this.#parts.clock.now()
    return answers.flatMap((answer: { readonly lid?: string; readonly pn?: string }) => {
      // The declared type promises both; a hidden phone is left out, and of an unknown account so is the LID.
      const account = answer.lid === undefined || !isLid(answer.lid) ? undefined : accountOf(answer.lid)
      const phone = phoneOfAccount(answer.pn ?? '')
      return account === undefined || phone === undefined ? [] : [{ account, phone, toldAt }]
    })
  }

  #keepQuiet(id: string, ms: number): void {
    remember(this.#quietUntil, id, this.#parts.clock.now() + ms)
  }
}

function remember<T>(map: Map<string, T>, id: string, value: T): void {
  if (map.size >= REMEMBERED) map.clear()
  map.set(id, value)
}
