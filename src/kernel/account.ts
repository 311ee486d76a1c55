import { accountOf, isLid, isPhone, type Phone, phoneOfAccount } from './phone.ts'
import { type PhoneProblem, readPhone } from './phone-spelling.ts'
import { visibleText } from './phone-text.ts'

/**
 * How a platform names somebody, lasting and opaque; never a name or a handle. A phone number is written as E.164
 * text, every other account as `platform:id`, e.g. `whatsapp:123456@lid` or `telegram:42`: as it is stored and as it is shown.
 */
export type Account = Phone | `${string}:${string}`

/** What typed text is: an account, or what is in the way of reading a number. */
export type AccountReading = { readonly kind: 'account'; readonly account: Account } | PhoneProblem

/** A platform's word, as it stands before the colon and in `source`. */
const PLATFORM = '[a-z][a-z0-9-]{0,30}'
/** Words before a colon that are no platform's: links, and where nobody has an account. */
const NO_PLATFORM = '(?:tel|https?|mailto|system|import|terminal|cli)'
const SHAPE = new RegExp(`^(?!${NO_PLATFORM}:)${PLATFORM}:[^\\s\\p{C}\\p{Default_Ignorable_Code_Point}]+$`, 'u')
/** What is typed is one account: of a comma or a semicolon nobody knows whether it is part of it. */
const TYPED = new RegExp(`^(${PLATFORM}):([^\\s,;]+)$`, 'iu')
const MAX_LENGTH = 200
/** An id of WhatsApp without a number, which needs no platform before it. */
const LID = /^[0-9]{1,20}(?::[0-9]{1,5})?@lid$/i

const AT_THE_ENDS = /^[\s\p{Cf}]+|(?<![\s\p{Cf}])[\s\p{Cf}]+$/gu

const WORD = new RegExp(`^${PLATFORM}$`)

export const isPlatform = (text: string): boolean => WORD.test(text)

/** The platform of an account; a phone number is of none. */
export const platformOf = (account: Account): string => (isPhone(account) ? '' : account.slice(0, account.indexOf(':')))

/** What follows the platform: the id as the platform has it. */
export const idOf = (account: string): string => account.slice(account.indexOf(':') + 1)

/** Whether text is an account as it is stored: 3 to 200 visible characters. */
export const isAccount = (text: string): text is Account =>
  isPhone(text) || (text.length <= MAX_LENGTH && SHAPE.test(text))

/** The account that a platform's id stands for: its phone number where the id holds one, whichever of its devices wrote. */
export function accountOn(platform: string, id: string): Account | undefined {
  if (platform !== 'whatsapp') return checked(`${platform}:${id}`)
  // Groups and channels have ids too, and are nobody.
  return phoneOfAccount(id) ?? (isLid(id) ? `whatsapp:${accountOf(id)}` : undefined)
}

/** Reads an account that somebody typed: `platform:id`, or a phone number in any form that `readPhone` understands. */
export function readAccount(typed: string, defaultCountry?: string): AccountReading {
  const named = namedAccount(typed)
  if (named !== undefined) return { kind: 'account', account: named }
  const reading = readPhone(typed, defaultCountry)
  return reading.kind === 'phone' ? { kind: 'account', account: reading.phone } : reading
}

/** The same where those may be meant too who are nobody: SYSTEM, and GLOBAL of the limit for all. */
export function readActor(typed: string, defaultCountry?: string): string | PhoneProblem {
  if (/^(?:system|global)$/i.test(typed)) return typed.toUpperCase()
  const reading = readAccount(typed, defaultCountry)
  return reading.kind === 'account' ? reading.account : reading
}

/** @returns the account; `undefined` for anything of which it is not certain. */
export function parseAccount(typed: string, defaultCountry?: string): Account | undefined {
  const reading = readAccount(typed, defaultCountry)
  return reading.kind === 'account' ? reading.account : undefined
}

/** Whether a word is an account with its platform, so that digits after it are something else. */
export const isWholeAccount = (word: string): boolean => namedAccount(word) !== undefined

/** The same in the name of a file: what no file system has trouble with. */
export const inFileName = (account: string): string => account.replace(/^\+/, '').replace(/[^A-Za-z0-9.@-]+/g, '-')

/** An account of which only the platform, or the country, and the last two characters can be read. */
export function maskAccount(account: string): string {
  const start = isPhone(account) ? 3 : account.indexOf(':') + 1
  const hidden = account.length - start - 2
  return hidden < 2
    ? `${account.slice(0, start)}••`
    : `${account.slice(0, start)}${'•'.repeat(hidden)}${account.slice(-2)}`
}

function namedAccount(typed: string): Account | undefined {
  const visible = visibleText(typed).trim()
  if (LID.test(visible)) return accountOn('whatsapp', visible.toLowerCase())
  // An id is taken as it stands but for marks that nobody sees at its ends.
  const [, word = '', id = ''] = TYPED.exec(typed.replace(AT_THE_ENDS, '')) ?? []
  const platform = word.toLowerCase()
  return platform === '' ? undefined : accountOn(platform, platform === 'whatsapp' ? id.toLowerCase() : id)
}

const checked = (text: string): Account | undefined => (isAccount(text) ? text : undefined)
