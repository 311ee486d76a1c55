import { otherSpellings } from '../../kernel/canonical-phone.ts'
import type { Json } from '../../kernel/json.ts'
import { accountOf, isPhone, maskPhone } from '../../kernel/phone.ts'
import { digitsOf, FORMS, writtenForms } from './written-forms.ts'

/** Whom a request is about: what of theirs stays readable. */
export interface Own {
  readonly phoneNumber: string
  readonly accounts: readonly string[]
}

const ADDRESS_REMOVED = '[network address removed]'
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
  readonly #digits: string
  /** The digits of every way to write the own number. */
  readonly #spellings: ReadonlySet<string>
  readonly #form: RegExp

  constructor({ phoneNumber, accounts }: Own) {
    this.#accounts = new Set(accounts)
    this.#digits = digitsOf(phoneNumber)
    const others = isPhone(phoneNumber) ? otherSpellings(phoneNumber).map(digitsOf) : []
    this.#spellings = new Set([this.#digits, ...others])
    this.#form = writtenForms(this.#spellings)
  }

  text(text: string): string {
    // Most texts have none, and this is known at once.
    if (!/\p{Nd}|::/u.test(text)) return text
    return text.replace(FORMS, (found, ...rest) => {
      const { address, account, number } = rest.at(-1) as Record<string, string | undefined>
      if (address !== undefined) return ADDRESS_REMOVED
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
      if (/^(?:ip|ip_?address|user_?agent)$/i.test(name)) continue
      const masked = this.text(name)
      // Two numbers may look the same when they are masked.
      let key = masked
      for (let n = 2; fields.has(key); n++) key = `${masked} (${n})`
      fields.set(key, name === 'operator' ? SOMEBODY : this.value(value))
    }
    return Object.fromEntries(fields)
  }

  /**
   * Numbers in JSON are counts, durations and moments in milliseconds (13 digits from 1: no country's numbers look like
   * that). Whole ones of ten digits and more may be phones of a host that has them so.
   */
  #count(value: number): Json {
    const digits = String(value)
    if (!/^\d{10,15}$/.test(digits) || /^1\d{12}$/.test(digits) || this.#spellings.has(digits)) return value
    return maskPhone(`+${digits}`)
  }

  #isOwn(account: string): boolean {
    if (this.#accounts.has(accountOf(account))) return true
    const [, digits] = /^(\d+)(?::\d+)?@(?:c\.us|s\.whatsapp\.net)$/.exec(account) ?? []
    return digits !== undefined && this.#spellings.has(digits)
  }

  /** A row of digits, which may be several numbers with the subject's among them. */
  #number(written: string): string {
    const others = written.split(this.#form)
    const own = written.match(this.#form) ?? []
    const counts = others.map((other) => digitsOf(other).length)
    const isWithinAnother = own.some((_, i) => !this.#standsAlone(counts[i] ?? 0, counts[i + 1] ?? 0))
    return isWithinAnother ? masked(written) : others.map((other, i) => masked(other) + (own[i] ?? '')).join('')
  }

  /** Whether so many digits before and after are not of one longer number with the own digits. */
  #standsAlone(before: number, after: number): boolean {
    const isOther = (count: number) => count === 0 || count >= FEWEST
    return isOther(before) && (isOther(after) || this.#digits.length >= FULL_LENGTH)
  }
}

/** Always with a plus sign: one number looks the same in whichever form it was written. */
const masked = (written: string): string =>
  digitsOf(written).length < FEWEST
    ? written
    : written.replace(/\+?\p{Nd}.*\p{Nd}/su, (number) => maskPhone(`+${digitsOf(number)}`))

function maskedAccount(account: string): string {
  const [digits = '', host] = [digitsOf(account.replace(/:.*$/s, '').replace(/@.*$/s, '')), account.split('@')[1]]
  return `${digits.length < FEWEST ? '•••' : maskPhone(digits)}@${host}`
}
