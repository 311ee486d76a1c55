import { idOf, isWholeAccount, parseAccount } from '../../kernel/account.ts'
import { withMarks } from '../../kernel/lookalikes.ts'
import { countDigits, phoneWords, withoutComma } from '../../kernel/phone-end.ts'
import { isWholeLink } from '../../kernel/phone-spelling.ts'
import { looksLikePhone, visibleText } from '../../kernel/phone-text.ts'
import type { ReadContext } from '../argument.ts'

const AROUND = /^[(]|[,;.:!?)]+$/gu
const DATE = /^(?:[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4})$/
/** Fewer digits are no number of anybody. */
const LEAST_DIGITS = 7

/**
 * The first of the words left of a command, or of those that begin with the first `many`, that may name a person: a mention, a
 * number, or an account that stands first or is plainly one. In quotes no word does, and who the command is about is nobody else.
 */
export function namesSomebody(words: readonly string[], context: ReadContext, many = words.length): string | undefined {
  for (let at = 0; at < Math.min(many, words.length); at++) {
    if (context.isQuoted(words.length - at)) continue
    const named = accountAt(words[at] ?? '', at, context) ?? numberAt(words, at, context)
    if (named !== undefined && !isSame(named, context)) return named
  }
  return undefined
}

function accountAt(typed: string, at: number, { mentions }: ReadContext): string | undefined {
  const word = withMarks(typed.replace(AROUND, ''))
  const isAccount = isWholeAccount(word) && (at === 0 || /[0-9@]/.test(idOf(parseAccount(word) ?? '')))
  return mentions.has(word) || /^@\S/u.test(word) || isWholeLink(word) || isAccount ? word : undefined
}

/** A number of one word or several. */
function numberAt(words: readonly string[], at: number, context: ReadContext): string | undefined {
  const first = (words[at] ?? '').replace(AROUND, '')
  if (!looksLikePhone(first) || countDigits(first) === 0 || DATE.test(first)) return undefined
  const rest = words.slice(at, at + phoneWords(words.slice(at, at + MOST_WORDS)))
  const end = rest.findIndex((_, index) => context.isQuoted(words.length - at - index))
  const number = (end === -1 ? rest : rest.slice(0, end)).join(' ')
  return countDigits(withoutComma(number)) >= LEAST_DIGITS ? number.replace(AROUND, '') : undefined
}

/** No number has more groups. */
const MOST_WORDS = 16

function isSame(named: string, { mentions, about, defaultCountry }: ReadContext): boolean {
  const account = mentions.get(named) ?? parseAccount(named, defaultCountry) ?? `+${visibleText(named)}`
  return account === about
}
