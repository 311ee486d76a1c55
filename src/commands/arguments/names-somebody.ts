import { isWholeAccount, parseAccount } from '../../kernel/account.ts'
import { withMarks } from '../../kernel/lookalikes.ts'
import { countDigits, phoneWords } from '../../kernel/phone-end.ts'
import { isWholeLink } from '../../kernel/phone-spelling.ts'
import { looksLikePhone, visibleText } from '../../kernel/phone-text.ts'
import type { ReadContext } from '../argument.ts'

/** What is part of no account and no number, as in `<+1…>` and `*@bob*`; and what begins a number. */
const BETWEEN = /[^\p{L}\p{M}\p{N}\p{Cf}@+\uFF0B\uFE62:._/()-]+|(?=[+\uFF0B\uFE62])/u
const BEFORE = /^[^\p{L}\p{N}@+\uFF0B\uFE62]+/u
/** From where such marks begin that end a word: else each of them would be looked at once for each. */
const AFTER = /(?<![^\p{L}\p{M}\p{N}])[^\p{L}\p{M}\p{N}]+$/u
const OPEN = /^[("]/u
const CLOSED = /(?<![,;:.!?)"])[,;:.!?)"]+$/u
const EVERYBODY = /^@(?:all|everyone|here|channel)$/i
const DATE = /^(?:[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4})$/
/** Fewer digits are no number of anybody. */
const LEAST_DIGITS = 7

/**
 * The first of the words left of a command, or of those that begin with the first `many`, that may name a person: a mention, a
 * number or an account, also within a word. In quotes no word does, and who the command is about is nobody else.
 */
export function namesSomebody(words: readonly string[], context: ReadContext, many = words.length): string | undefined {
  for (let at = 0; at < Math.min(many, words.length); at++) {
    if (context.isQuoted(words.length - at)) continue
    const named = accountAt(words[at] ?? '', context) ?? numberAt(words, at, context)
    if (named !== undefined && !isSame(named, context)) return named
  }
  return undefined
}

function accountAt(typed: string, { mentions }: ReadContext): string | undefined {
  // An id of a platform may have in it what is between words elsewhere.
  return [typed.replace(CLOSED, '').replace(OPEN, ''), ...typed.split(BETWEEN).map(bare)]
    .map(withMarks)
    .filter((word) => !EVERYBODY.test(word))
    .find((word) => mentions.has(word) || /@\S|\bt\.me\/\S/u.test(word) || isWholeLink(word) || isWholeAccount(word))
}

/** A number of one word or several, which may begin within a word. */
function numberAt(words: readonly string[], at: number, context: ReadContext): string | undefined {
  const pieces = (words[at] ?? '').split(BETWEEN).filter((piece) => piece !== '')
  const after = words.slice(at + 1, at + MOST_WORDS)
  const end = after.findIndex((_, index) => context.isQuoted(words.length - at - 1 - index))
  const unquoted = end === -1 ? after : after.slice(0, end)
  return pieces
    .map((piece, index) => [
      piece.replace(/^[^\p{N}+\uFF0B\uFE62]+/u, ''),
      ...(index + 1 < pieces.length ? [] : unquoted),
    ])
    .filter(([first = '']) => countDigits(first) > 0 && looksLikePhone(bare(first)))
    .map((ahead) => bare(ahead.slice(0, phoneWords(ahead)).join(' ')))
    .find((number) => countDigits(number) >= LEAST_DIGITS && !DATE.test(number))
}

/** Without the marks around it. */
const bare = (piece: string): string => piece.replace(AFTER, '').replace(BEFORE, '')

/** No number has more groups. */
const MOST_WORDS = 16

function isSame(named: string, { mentions, about, defaultCountry }: ReadContext): boolean {
  const account = mentions.get(named) ?? parseAccount(named, defaultCountry) ?? `+${visibleText(named)}`
  return account === about
}
