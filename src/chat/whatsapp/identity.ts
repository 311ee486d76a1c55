import { type Clock, DAY } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/log.ts'
import { accountOf, isLid, type Phone, phoneOfAccount } from '../../kernel/phone.ts'
import { BoundedMap, Recent } from '../../kernel/recent.ts'
import type { Link } from './link.ts'
import { type Cause, Lookup } from './lookup.ts'
import type { AccountStore, KnownAccount } from './stores.ts'

/** A number changes hands within months. */
const FRESH = DAY
/** Within that no number is given to somebody else: so long what was told of one counts while WhatsApp can't be asked. */
const NOT_RECYCLED = 30 * DAY
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
  /** It could not be found out which account has the number. */
  readonly unverified?: true
}

/** Who a library's id is. A phone is in the id itself, or what the platform says for a LID; LID digits never are one. */
export class Identity {
  readonly #parts: IdentityParts
  readonly #lookup: Lookup
  readonly #remembered = new BoundedMap<KnownAccount>()
  /** Devices (`123:21@lid`) that are of the account that their id names, by the platform's own word. */
  readonly #devices = new Recent(REMEMBERED)
  readonly #asking = new Map<string, Promise<Who>>()

  constructor(parts: IdentityParts) {
    this.#parts = parts
    this.#lookup = new Lookup(parts)
  }

  /** The number and the account of who writes. Never rejects. */
  async whoIs(id: string): Promise<Who> {
    if (isLid(id)) return this.#once(id, () => this.#ofLid(id))
    const phone = phoneOfAccount(id)
    if (phone === undefined) return {}
    return { phone, ...(await this.#once(phone, () => this.#accountOf(phone))) }
  }

  /** The number of who is only spoken of. `by`: by whom. Never rejects. */
  async phoneOf(id: string, by: string): Promise<Phone | undefined> {
    if (!isLid(id)) return phoneOfAccount(id)
    // Apart from who writes: that too many were named must not keep anybody from being known.
    return (await this.#once(JSON.stringify([id, by]), () => this.#ofLid(id, by))).phone
  }

  async #ofLid(id: string, by?: string): Promise<Who> {
    const account = accountOf(id)
    const isDevice = id !== account
    const found = await this.#found(account, () => this.#parts.accounts.find(account))
    const isSure = !isDevice || this.#devices.has(id)
    if (found !== undefined && this.#isFresh(found) && isSure) return who(found)
    const cause = by === undefined ? await this.#causeOf(found) : { share: 'named' as const, by }
    const answer = await this.#lookup.ask(isDevice ? [id, account] : [id], cause)
    if (answer.kind === 'told' && answer.known.account === account) {
      if (isDevice) this.#devices.add(id)
      return who(await this.#save(answer.known))
    }
    // The platform's last word on an account stands until it says another; on a device it has to say one.
    if (answer.kind === 'failed') return isSure && found !== undefined ? who(found) : { unverified: true }
    return isDevice ? {} : who(found)
  }

  async #accountOf(phone: Phone): Promise<Who> {
    const { accounts } = this.#parts
    const found = await this.#found(phone, () => accounts.findOf(phone))
    if (found !== undefined && this.#isFresh(found)) return { account: found.account }
    if (!(await accounts.matters(phone))) return {}
    const answer = await this.#lookup.ask([`${phone.slice(1)}@c.us`], { share: 'known' })
    if (answer.kind === 'failed')
      return found !== undefined && this.#isWithin(found, NOT_RECYCLED)
        ? { account: found.account }
        : { unverified: true }
    if (answer.kind !== 'told' || answer.known.phone !== phone) return {}
    return { account: (await this.#save(answer.known)).account }
  }

  async #causeOf(found: KnownAccount | undefined): Promise<Cause> {
    const isSomebody = found !== undefined && (await this.#parts.accounts.matters(found.phone))
    return { share: isSomebody ? 'known' : 'stranger' }
  }

  async #save(known: KnownAccount): Promise<KnownAccount> {
    await this.#parts.accounts.save(known)
    // Another account may have had the number until now.
    this.#remembered.delete(known.phone)
    this.#remembered.set(known.account, known)
    return known
  }

  /** What is known by a LID or a phone, without asking the database about somebody who writes often. */
  async #found(key: string, find: () => Promise<KnownAccount | undefined>): Promise<KnownAccount | undefined> {
    const remembered = this.#remembered.get(key)
    if (remembered !== undefined && this.#isFresh(remembered)) return remembered
    const found = await find()
    if (found !== undefined) this.#remembered.set(key, found)
    return found
  }

  #isFresh(known: KnownAccount): boolean {
    return this.#isWithin(known, FRESH)
  }

  #isWithin({ toldAt }: KnownAccount, milliseconds: number): boolean {
    const age = this.#parts.clock.now() - toldAt
    // What was told in the future is of a clock that was wrong.
    return age >= 0 && age < milliseconds
  }

  /** One question about an id at a time, whoever else wants to know. */
  #once(id: string, answer: () => Promise<Who>): Promise<Who> {
    const asking =
      this.#asking.get(id) ??
      answer()
        .catch((err: unknown): Who => {
          this.#parts.log.warn({ err }, 'WhatsApp: it is not known who an account is')
          return { unverified: true }
        })
        .finally(() => this.#asking.delete(id))
    this.#asking.set(id, asking)
    return asking
  }
}

const who = (known: KnownAccount | undefined): Who =>
  known === undefined ? {} : { phone: known.phone, account: known.account }
