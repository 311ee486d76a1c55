import { PHONE_MARKS } from '../../kernel/phone-text.ts'

/** What people and programs put between the digits of one number. */
const MARK = `[${PHONE_MARKS}]`
const GAP = `${MARK}{0,5}`

const DAY = String.raw`(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`
const CLOCK = String.raw`[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?`
/** ISO 8601, and the short form that names of files have. */
const MOMENT = String.raw`(?<![\p{L}\p{N}+]|\p{N}[-.])(?:${DAY}(?:${CLOCK})?|(?:19|20)\d{6}T\d{6}Z?)(?![\p{L}\p{N}]|[-.]\p{N})`
const UUID = '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}'
/** Of the lengths that MD5 and the SHA family have; without any letter it is no hash. */
const HASH = '(?=[0-9]*[a-f])(?:[0-9a-f]{128}|[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})'
const ID = String.raw`(?<![\p{L}\p{N}])(?:${UUID}|${HASH})(?![\p{L}\p{N}])`
/** As the descriptions of our own entries count: no trail has more than eight digits. */
const COUNT = String.raw`(?<![\p{N}+]${GAP})\d{7,8}(?= (?:entries|audit logs|events)\b)|(?<=\bentry )\d{7,8}(?!${GAP}\p{N})`

const OCTET = String.raw`(?:25[0-5]|2[0-4]\d|1?\d?\d)`
const IPV4 = String.raw`(?<![\p{N}.+])${OCTET}(?:\.${OCTET}){3}(?!\.?\p{N})`
/** Also the address of a network card: six pairs. A time has only two colons, and none of them side by side. */
const IPV6 = String.raw`(?<![\p{L}\p{N}])(?=[0-9a-f:]{0,45}::|(?:[0-9a-f]{1,4}:){5})(?=:{0,2}[0-9a-f])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}(?![0-9a-f])){2,}(?:(?:\.\d{1,3}){3})?(?:%[\w.-]+)?`

/** Ids of WhatsApp, with a device or without. An old group's has the number of who made it. */
const ACCOUNT = String.raw`\p{Nd}{1,20}(?:-\p{Nd}{1,20})?(?::\p{Nd}{1,5})?@(?:lid|c\.us|g\.us|s\.whatsapp\.net|broadcast)`
/** An account of any platform. Without a digit or an @ in it, as far as 200 characters, it may be any two words. */
const NAMED = String.raw`(?<![\p{L}\p{N}])[a-z][a-z-]{0,30}[0-9]{0,3}:(?!\/\/)(?=[^\s"'<>(),;]{0,200}[\p{Nd}@]|[^\s"'<>(),;]{201})[^\s"'<>(),;]+`
const KEPT = `${MOMENT}|${ID}|${COUNT}`
const ADDRESS = `${IPV6}|${IPV4}`

/** Seven digits and more, in whichever script. What is something else ends a number rather than becoming a part of it. */
const NUMBER = String.raw`\+?\p{Nd}(?:\p{Nd}|${MARK}{1,5}(?!${KEPT}|${ADDRESS}|${ACCOUNT})\p{Nd}){6,}`

/**
 * What in a text looks like a number, by what it is: `kept` (a moment, an id, a hash, a count), a network `address`, an
 * account with its platform (`named`), an `account` of WhatsApp, or else a phone `number`.
 */
export const FORMS = new RegExp(
  `(?<kept>${KEPT})|(?<address>${ADDRESS})|(?<named>${NAMED})|(?<account>${ACCOUNT})|(?<number>${NUMBER})`,
  'giu',
)

/** Any of these numbers as it may be written, in each of its spellings, never as a part of a longer row of digits. */
export function writtenForms(spellings: Iterable<string>): RegExp {
  const rows = Array.from(spellings, (digits) => digits.split('').join(GAP))
  return new RegExp(String.raw`(?<!\p{Nd})\+?(?:00${GAP})?(?:${rows.join('|') || '(?!)'})(?!\p{Nd})`, 'gu')
}

export const digitsOf = (text: string): string => text.replace(/\P{Nd}/gu, '')
