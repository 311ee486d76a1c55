import { canonicalPhone, mobileMeant } from './canonical-phone.ts'
import { dialledIn, isByPlan } from './numbering-plan.ts'
import { isPossiblePhone, type Phone, phoneOfAccount } from './phone.ts'
import { withoutScheme } from './phone-link.ts'
import { plainNumber, visibleText } from './phone-text.ts'

/** What typed text is: a number; one that is somebody's in either of two forms; one that lacks its country; none. */
export type PhoneReading =
  | { readonly kind: 'phone'; readonly phone: Phone }
  | { readonly kind: 'twofold'; readonly forms: readonly [Phone, Phone] }
  | { readonly kind: 'national' }
  | { readonly kind: 'not-a-phone' }

/** What is in the way of reading a number. */
export type PhoneProblem = Exclude<PhoneReading, { kind: 'phone' }>

const NOT_A_PHONE = { kind: 'not-a-phone' } as const
const NATIONAL = { kind: 'national' } as const

/** A link may have a text after its number. */
const LONGEST = 500

/**
 * Reads a phone number that somebody typed, in any script, with any separators, as a link or an id of WhatsApp. With a plus
 * or 00 the shape decides, not a numbering plan; a number in national form is understood only with `defaultCountry` (ISO 3166-1
 * alpha-2) and only if the plan has it. One that could be somebody's in two forms is not guessed at: both are told.
 */
export function readPhone(typed: string, defaultCountry?: string): PhoneReading {
  if (typed.length > LONGEST) return NOT_A_PHONE
  const text = visibleText(typed).trim()
  const account = phoneOfAccount(text)
  if (account !== undefined) return { kind: 'phone', phone: account }
  const digits = plainNumber(withoutScheme(text))
  if (digits.startsWith('+')) return international(digits)
  // What is dialled to reach abroad comes before the 15 digits of a number.
  if (!/^[0-9]{7,19}$/.test(digits)) return NOT_A_PHONE
  return digits.startsWith('00') ? afterExit(digits, defaultCountry) : national(digits, defaultCountry)
}

/** A number as programs hold it: in international form, with a plus, with 00 or with neither. What they say is certain. */
export function internationalPhone(text: string): Phone | undefined {
  if (text.length > LONGEST) return undefined
  const visible = visibleText(text).trim()
  const plus = plainNumber(withoutScheme(visible)).replace(/^(?:\+|00)?/, '+')
  return phoneOfAccount(visible) ?? (isPossiblePhone(plus) ? canonicalPhone(plus) : undefined)
}

/** Whether a word is a link or an id with a number in it, so that digits after it are something else. */
export const isWholeLink = (word: string): boolean => /[a-z@]/i.test(word) && readPhone(word).kind !== 'not-a-phone'

function international(digits: string): PhoneReading {
  if (!isPossiblePhone(digits)) return NOT_A_PHONE
  const phone = canonicalPhone(digits)
  const mobile = mobileMeant(phone)
  return mobile === undefined ? { kind: 'phone', phone } : { kind: 'twofold', forms: [mobile, phone] }
}

/** 00 is dialled before the country in most countries, and is part of what is dialled there in others (Australia: 0011). */
function afterExit(digits: string, country: string | undefined): PhoneReading {
  const abroad = `+${digits.slice(2)}`
  const phone = isPossiblePhone(abroad) ? canonicalPhone(abroad) : undefined
  const other = dialled(digits, country)
  if (other === undefined) return digits.startsWith('0011') ? NATIONAL : international(abroad)
  if (phone === undefined || phone === other || !isByPlan(phone)) return international(other)
  return { kind: 'twofold', forms: [other, phone] }
}

function national(digits: string, country: string | undefined): PhoneReading {
  const number = dialled(digits, country)
  if (number === undefined) return digits.length > 15 ? NOT_A_PHONE : NATIONAL
  const home = international(number)
  const abroad = `+${digits}`
  const phone = isPossiblePhone(abroad) ? canonicalPhone(abroad) : undefined
  if (home.kind !== 'phone' || phone === undefined || phone === home.phone || !isByPlan(phone)) return home
  return { kind: 'twofold', forms: [home.phone, phone] }
}

/** What the plan has that is called with these digits in a country. */
function dialled(digits: string, country: string | undefined): Phone | undefined {
  const number = country === undefined ? undefined : dialledIn(country, digits)
  const phone = number === undefined ? undefined : canonicalPhone(number)
  return phone !== undefined && isByPlan(phone) ? phone : undefined
}
