import { isAccount, maskAccount, parseAccount } from '../../kernel/account.ts'
import { otherSpellings } from '../../kernel/canonical-phone.ts'
import type { Json } from '../../kernel/json.ts'
import { literally } from '../../kernel/pattern.ts'
import { isPhone, maskPhone } from '../../kernel/phone.ts'
import { digitsOf, FORMS, writtenForms } from './written-forms.ts'

const ADDRESS_REMOVED = '[network address removed]'
/** What stands where no person acted. */
const NOBODY = ['SYSTEM', 'GLOBAL', '']
const SOMEBODY = "somebody at the bot's machine"
/** Fewer digits are no phone number. */
const FEWEST = 7
/** An own number of so many digits, with more after it, is followed by something else: no plan has numbers that begin so. */
const FULL_LENGTH = 10

/**
 * Takes out of texts and values what is not the subject's: every other number that reads as a phone's is masked, network
 * addresses are removed. Whatever is in doubt goes: better a count that cannot be read than somebody's number that can.
 * A name within a sentence that somebody wrote cannot be told from other words, and stays.
 */
export class OthersMask {
  readonly #accounts: ReadonlySet<string>
  /** The digits of every way to write a number of theirs. */
  readonly #numbers: ReadonlySet<string>
  readonly #form: RegExp
  /** The own accounts that are no numbers. */
  readonly #ownIds: RegExp | undefined

  /** `accounts`: those of the person whom it is about, which stay readable. */
  constructor(accounts: readonly string[]) {
    this.#accounts = new Set(accounts)
    const spellings = accounts.filter(isPhone).flatMap((phone) => [phone, ...otherSpellings(phone)])
    this.#numbers = new Set(spellings.map(digitsOf))
    this.#form = writtenForms(this.#numbers)
    const ids = accounts.filter((account) => !isPhone(account))
    this.#ownIds =
      ids.length === 0
        ? undefined
        : new RegExp(`(?<![\\p{L}\\p{N}-])(?:${ids.map(wholeId).join('|')})(?![\\p{L}\\p{N}])`, 'gu')
  }

  /** What an entry says of who acted, or who was acted upon. Another log, or a host, may have a name there. */
  account(account: string): string {
    if (this.#accounts.has(account) || NOBODY.includes(account)) return account
    return isAccount(account) ? maskAccount(account) : '•••'
  }

  text(text: string): string {
    // A platform's id may end with anything that stands after it, so the own ones are told apart before the others.
    const parts = this.#ownIds === undefined ? [text] : text.split(this.#ownIds)
    const own = this.#ownIds === undefined ? [] : (text.match(this.#ownIds) ?? [])
    return parts.map((part, i) => this.#others(part) + (own[i] ?? '')).join('')
  }

  #others(text: string): string {
    // Most texts have none, and this is known at once.
    if (!/\p{Nd}|:[:\S]/u.test(text)) return text
    return text.replace(FORMS, (found, ...rest) => {
      const { address, named, account, number } = rest.at(-1) as Record<string, string | undefined>
      if (address !== undefined) return ADDRESS_REMOVED
      if (named !== undefined) return this.#isOwn(named) ? named : maskAccount(named)
      if (account !== undefined) return this.#isOwn(account) ? account : maskedAccount(account)
      return number === undefined ? found : this.#number(number)
    })
  }

  /** A value of JSON with everything in it: texts, numbers and the names of fields. */
  value(value: Json): Json {
    if (typeof value === 'string') return this.text(value)
    if (typeof value === 'number') return this.#count(value)
    if (Array.isArray(value)) return value.map((item) => this.value(item))
    return typeof value === 'object' && value !== null ? this.#object(value) : value
  }

  #object(object: { [key: string]: Json }): Json {
    const fields = new Map<string, Json>()
    for (const [name, value] of Object.entries(object)) {
      if (/^(?:ip|ip_?address|ua|user_?agent)$/i.test(name)) continue
      const masked = this.text(name)
      // Two numbers may look the same when they are masked.
      let key = masked
      for (let n = 2; fields.has(key); n++) key = `${masked} (${n})`
      const isAccountOf = name === 'blockedBy' && typeof value === 'string'
      fields.set(key, name === 'operator' ? SOMEBODY : isAccountOf ? this.account(value) : this.value(value))
    }
    return Object.fromEntries(fields)
  }

  /**
   * Numbers in JSON are counts, durations and moments in milliseconds (13 digits from 1: no country's numbers look like
   * that). Whole ones of ten digits and more may be phones of a host that has them so.
   */
  #count(value: number): Json {
    const digits = String(value)
    if (!/^\d{10,15}$/.test(digits) || /^1\d{12}$/.test(digits) || this.#numbers.has(digits)) return value
    return maskPhone(`+${digits}`)
  }

  #isOwn(account: string): boolean {
    return this.#accounts.has(parseAccount(account) ?? account)
  }

  /** A row of digits, which may be several numbers with the subject's among them. */
  #number(written: string): string {
    const others = written.split(this.#form)
    const own = written.match(this.#form) ?? []
    const counts = others.map((other) => digitsOf(other).length)
    const isWithinAnother = own.some(
      (number, i) => !standsAlone(digitsOf(number).length, counts[i] ?? 0, counts[i + 1] ?? 0),
    )
    return isWithinAnother ? masked(written) : others.map((other, i) => masked(other) + (own[i] ?? '')).join('')
  }
}

/** Whether so many digits before and after are not of one longer number with the own digits. */
function standsAlone(own: number, before: number, after: number): boolean {
  const isOther = (count: number) => count === 0 || count >= FEWEST
  return isOther(before) && (isOther(after) || own >= FULL_LENGTH)
}

/** An account as it stands in a text. An id that may have any marks in it, 200 at most, and goes on after one is somebody else's. */
const wholeId = (account: string): string =>
  literally(account) + (account.startsWith('whatsapp:') ? '' : '(?![^\\s"\'<>(),;]{0,200}[\\p{L}\\p{N}])')

/** Always with a plus sign: one number looks the same in whichever form it was written. */
const masked = (written: string): string =>
  digitsOf(written).length < FEWEST
    ? written
    : written.replace(/\+?\p{Nd}.*\p{Nd}/su, (number) => maskPhone(`+${digitsOf(number)}`))

function maskedAccount(account: string): string {
  const [digits = '', host] = [digitsOf(account.replace(/:.*$/s, '').replace(/@.*$/s, '')), account.split('@')[1]]
  return `${digits.length < FEWEST ? '•••' : maskPhone(digits)}@${host}`
}
