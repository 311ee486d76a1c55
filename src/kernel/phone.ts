import { createRequire } from 'node:module'

/** A phone number as E.164 text: a plus sign and 7 to 15 ASCII digits. */
export type Phone = `+${string}`

/** What people and clipboards put between digits: spaces, brackets, dots, dashes, bidi and zero-width marks. */
const SEPARATORS = /[\p{Zs}\t\-()[\].\u2010-\u2015\u2212\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu
const SHAPE = /^\+?[0-9]{7,15}$/
const ACCOUNT = /^([0-9]{7,15})(?::[0-9]{1,5})?@c\.us$/

export const isPhone = (text: string): text is Phone => /^\+[0-9]{7,15}$/.test(text)

/** Whether a piece of a command could be part of a phone number: only digits, a plus sign and separators. */
export const looksLikePhone = (text: string): boolean => /^\+?[0-9]*$/.test(text.replace(SEPARATORS, ''))

/**
 * Reads a phone number that somebody typed. The shape decides, not a numbering plan; a number in national
 * form is understood only with `defaultCountry` (ISO 3166-1 alpha-2), and one that could be somebody's in either
 * form is not guessed at.
 * @returns `undefined` for anything that is not a number from end to end.
 */
export function parsePhone(typed: string, defaultCountry?: string): Phone | undefined {
  if (typed.length > 100) return undefined
  const digits = typed.replace(SEPARATORS, '')
  if (!SHAPE.test(digits)) return undefined
  if (digits.startsWith('+')) return digits as Phone
  const national = defaultCountry === undefined ? undefined : parseNational(digits, defaultCountry)
  if (national !== undefined) return isInternational(digits) && national !== `+${digits}` ? undefined : national
  // A leading zero is a national or an exit prefix, never part of an E.164 number.
  return digits.startsWith('0') ? undefined : `+${digits}`
}

/** The phone in a platform's account id, `digits[:device]@c.us`. A LID (`…@lid`) holds none. */
export function phoneOfAccount(id: string): Phone | undefined {
  const digits = ACCOUNT.exec(id)?.[1]
  return digits === undefined ? undefined : `+${digits}`
}

/** The account that a device belongs to: `123:21@lid` is one of `123@lid`, by the way the platform writes ids. */
export const accountOf = (id: string): string => id.replace(/:[0-9]+@/, '@')

/** A WhatsApp LID, perhaps with a device: an account without its number. */
export const isLid = (id: string): boolean => /^[0-9]{1,20}(?::[0-9]{1,5})?@lid$/.test(id)

/** A number of which only the country and the last two digits can be read, e.g. `+15•••••••01`. */
export function maskPhone(phone: string): string {
  return phone.length < 7 ? phone : `${phone.slice(0, 3)}${'•'.repeat(phone.length - 5)}${phone.slice(-2)}`
}

interface NumberingPlans {
  parsePhoneNumberFromString(text: string, country?: string): { number: string; isValid(): boolean } | undefined
  isSupportedCountry(country: string): boolean
}

// Loaded on demand: the tables take longer to load than everything else a single command needs.
const numberingPlans = (): NumberingPlans => createRequire(import.meta.url)('libphonenumber-js/min')

export const isCountry = (code: string): boolean => numberingPlans().isSupportedCountry(code)

function parseNational(digits: string, country: string): Phone | undefined {
  const parsed = numberingPlans().parsePhoneNumberFromString(digits, country)
  return parsed?.isValid() && isPhone(parsed.number) ? parsed.number : undefined
}

/** Whether digits without a plus sign are a number of their own in international form. */
function isInternational(digits: string): boolean {
  return !digits.startsWith('0') && numberingPlans().parsePhoneNumberFromString(`+${digits}`)?.isValid() === true
}
