import { idOf, isWholeAccount, parseAccount } from '../../kernel/account.ts'
import { withMarks } from '../../kernel/lookalikes.ts'
import { isWholePhone } from '../../kernel/phone-spelling.ts'
import type { ReadContext } from '../argument.ts'

const AT_THE_END = /[,;.:!?)]+$/u

/**
 * The first of the words left of a command, or of so many of them, that may name a person: a mention, a number, or an
 * account that stands first or is plainly one. In quotes no word does.
 */
export function namesSomebody(words: readonly string[], context: ReadContext, many = words.length): string | undefined {
  return words
    .slice(0, many)
    .find((word, index) => !context.isQuoted(words.length - index) && isPerson(word, index, context))
}

function isPerson(typed: string, index: number, { mentions }: ReadContext): boolean {
  const word = withMarks(typed.replace(AT_THE_END, '').replace(/^[(]/, ''))
  if (mentions.has(word) || /^@\S/u.test(word) || isWholePhone(word)) return true
  return isWholeAccount(word) && (index === 0 || /[0-9@]/.test(idOf(parseAccount(word) ?? '')))
}
