import { maskAccount } from '../../kernel/account.ts'
import { otherSpellings } from '../../kernel/canonical-phone.ts'
import { withMarks } from '../../kernel/lookalikes.ts'
import { splitPhone } from '../../kernel/numbering-plan.ts'
import { literally } from '../../kernel/pattern.ts'
import { isPhone, type Phone } from '../../kernel/phone.ts'
import { visibleText } from '../../kernel/phone-text.ts'

/** Digits that may be one number, or several, with what people write between them. */
const DIGITS = /\+?[0-9](?:[^\p{L}\p{N}]{0,3}[0-9])*/gu

/** Fewer digits may be anything. */
const LEAST_DIGITS = 7

/** A text that stays, without whom it is about: their accounts however they were written, and their name. */
export function unnamed(text: string, accounts: readonly string[], name: string | undefined): string {
  // As accounts are, and as answers show them; and numbers in digits of any script.
  const once = accounts.reduce(withoutAccount, withMarks(text))
  const legible = /(?![0-9])\p{Nd}|\p{Cf}/u.test(once) ? visibleText(once) : once
  const unnumbered = accounts.reduce(withoutAccount, legible)
  return name ? unnumbered.replace(new RegExp(literally(name), 'giu'), '•••') : unnumbered
}

/** A number goes in each of its spellings, with its country and without; of another account its id, also without its platform. */
function withoutAccount(text: string, account: string): string {
  if (!isPhone(account)) return text.replace(writtenId(account), () => maskAccount(account))
  const spellings = [account, ...otherSpellings(account)].map((phone) => spellingOf(phone))
  return text.replace(DIGITS, (written) =>
    written.length < LEAST_DIGITS
      ? written
      : spellings.reduce((left, spelling) => withoutSpelling(left, spelling, maskAccount(account)), written),
  )
}

interface Spelling {
  readonly digits: string
  readonly national: string
}

const spellingOf = (phone: Phone): Spelling => ({
  digits: phone.slice(1),
  national: splitPhone(phone)?.national ?? '',
})

function withoutSpelling(written: string, { digits, national }: Spelling, masked: string): string {
  const without = cut(written, digits, masked, false)
  return national.length < LEAST_DIGITS
    ? without
    : cut(cut(without, `0${national}`, masked, true), national, masked, true)
}

/** Replaces digits wherever they are among others; `apart`: only where no other digit is beside them. */
function cut(written: string, digits: string, masked: string, apart: boolean): string {
  const found = written.replace(/[^0-9]/g, '')
  if (!found.includes(digits)) return written
  const places = placesOfDigits(written)
  let left = ''
  let done = 0
  for (let at = found.indexOf(digits); at !== -1; at = found.indexOf(digits, at + 1)) {
    const [from = 0, to = 0] = [places[at], places[at + digits.length - 1]]
    const before = from > done ? (written[from - 1] ?? '') : ''
    if (from < done || (apart && /[0-9]/.test(`${before}${written[to + 1] ?? ''}`))) continue
    left += written.slice(done, before === '+' ? from - 1 : from) + masked
    done = to + 1
  }
  return left + written.slice(done)
}

/** One by one: a match for each digit of a long text took three times as long as all else. */
function placesOfDigits(text: string): number[] {
  const places: number[] = []
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? ''
    if (sign >= '0' && sign <= '9') places.push(at)
  }
  return places
}

function writtenId(account: string): RegExp {
  const lid = /^whatsapp:([0-9]+)@lid$/.exec(account)?.[1]
  if (lid !== undefined) return new RegExp(`(?<![0-9])(?:whatsapp:)?${lid}(?![0-9])(?::[0-9]{1,5})?(?:@lid)?`, 'giu')
  const start = account.indexOf(':') + 1
  const [platform, id] = [account.slice(0, start), account.slice(start)].map(literally)
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${platform})?${id}(?![\\p{L}\\p{N}])`, 'giu')
}
