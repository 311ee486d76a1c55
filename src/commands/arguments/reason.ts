import type { Argument } from '../argument.ts'
import { namesSomebody } from './names-somebody.ts'
import { rest } from './rest.ts'

/** In characters. */
export const MAX_REASON = 200

const text = rest({
  placeholder: '[reason…]',
  limit: MAX_REASON,
  absent: '',
  problem: (texts) => texts.arguments.reason,
})

/** Whom the reason may be about as well. */
interface Another {
  readonly word: string
  /** Where a reply says whom, `Bob` may be a reason and somebody else. */
  readonly replied: string | undefined
}

/**
 * Why something is done: all words that are left. A command is about one person, so a reason that may name another is a
 * question, unless it is in quotes.
 */
export const reason: Argument<string> = {
  ...text,
  take: (words, context) => {
    const named = namesSomebody(words, context)
    if (named !== undefined) return { problem: { word: named, replied: undefined } satisfies Another }
    const [first = ''] = words
    const isFirst = words.length === context.leftOutAt && !context.isQuoted(words.length)
    const mayBeName = isFirst && NAME.test(first)
    return mayBeName ? { problem: { word: first, replied: String(context.about) } satisfies Another } : words.length
  },
  invalid: (texts, typed, problem) => {
    if (problem === undefined) return text.invalid(texts, typed)
    const { word, replied } = problem as Another
    return replied === undefined
      ? texts.arguments.anotherPerson(word, true)
      : texts.arguments.nameOrReason(word, replied)
  },
}

/** A capital, but not all of them. */
const NAME = /^\p{Lu}(?:\p{Ll}|\p{Lu}?['’-]|$)/u
