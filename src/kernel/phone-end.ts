import { couldBeByPlan, dialledIn, isByPlan } from './numbering-plan.ts'
import type { Phone } from './phone.ts'
import { type PhoneReading, readPhone } from './phone-spelling.ts'
import { looksLikePhone, plainNumber, visibleText } from './phone-text.ts'

/** A number that the first so many words are, and the words after it. */
export interface PhoneEnd {
  readonly words: number
  readonly phone: Phone
  readonly after: readonly string[]
}

/** Where a number ends that is written as several words: after so many, or at any of several places. */
export type PhoneEnds =
  | { readonly kind: 'certain'; readonly words: number }
  | { readonly kind: 'open'; readonly readings: readonly PhoneEnd[] }

const COMMA = /[,;:]$/u

/** A word without the comma that may end a number. */
export const withoutComma = (word: string): string => word.replace(COMMA, '')

/** How many of the words may be one number, pasted with its spaces: up to another number, a comma, or what is no part of one. */
export function phoneWords([first = '', ...others]: readonly string[]): number {
  if (COMMA.test(first)) return 1
  const end = others.findIndex((word) => !isPartOfPhone(word))
  if (end === -1) return 1 + others.length
  const last = others[end] ?? ''
  return 1 + end + (COMMA.test(last) && isPartOfPhone(withoutComma(last)) ? 1 : 0)
}

const isPartOfPhone = (word: string): boolean =>
  looksLikePhone(word) && !plainNumber(word).startsWith('+') && visibleText(word) !== ''

/** Longer than any number is, with what is dialled before it. */
const MOST_DIGITS = 19

/**
 * Where a number ends, of words that are digits and separators only: `+49 151 23456781 3` may be a number, or another one
 * and a 3. Not certain is whatever the numbering plans leave room for.
 */
export function phoneEnds(words: readonly string[], country?: string): PhoneEnds {
  const digits = words.map(countDigits)
  const written = digits.flatMap((count, index) => (count === 0 ? [] : [index]))
  const last = written.at(-1)
  if (written.length < 2) return { kind: 'certain', words: words.length }
  const readings = written
    .slice(0, MOST_DIGITS)
    .filter((index) => sum(digits.slice(0, index + 1)) <= MOST_DIGITS)
    // Separators at the very end are part of nothing else.
    .map((index) => (index === last ? words.length : index + 1))
    .flatMap((end) => readingOf(words, end, country))
  const certain = readings.find((reading) => isCertain(reading, readings, digits))
  if (certain !== undefined || readings.length === 0) return { kind: 'certain', words: certain?.words ?? words.length }
  return { kind: 'open', readings }
}

function isCertain(reading: PhoneEnd, readings: readonly PhoneEnd[], digits: readonly number[]): boolean {
  const others = readings.filter((it) => it !== reading).map(({ phone }) => phone)
  if (reading.after.length > 0) return isByPlan(reading.phone) && !others.some(couldBeByPlan)
  if (others.some(isByPlan)) return false
  const isOnly = !others.some(couldBeByPlan)
  // A last digit alone is rather no part of it.
  if (isOnly && isByPlan(reading.phone) && (digits.filter((count) => count > 0).at(-1) ?? 0) > 1) return true
  if (!endsInGroup(digits)) return false
  return isByPlan(reading.phone) || others.length === 0 || (isOnly && couldBeByPlan(reading.phone))
}

function readingOf(words: readonly string[], end: number, country: string | undefined): PhoneEnd[] {
  const text = withoutComma(words.slice(0, end).join(' '))
  const phone = phoneOf(readPhone(text, country)) ?? (country && dialledIn(country, plainNumber(text)))
  return phone ? [{ words: end, phone, after: words.slice(end) }] : []
}

const phoneOf = (reading: PhoneReading): Phone | undefined =>
  reading.kind === 'phone' ? reading.phone : reading.kind === 'twofold' ? reading.forms[1] : undefined

/** Whether the last digits are such a group as numbers are written in: of three and more, or in pairs as the one before. */
function endsInGroup(digits: readonly number[]): boolean {
  const [last = 0, before = 0] = digits.filter((count) => count > 0).reverse()
  return last > 2 || (last === 2 && before === 2)
}

/** How many digits there are in a text, of any script. */
export const countDigits = (text: string): number => visibleText(text).replace(/[^0-9]/g, '').length

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
