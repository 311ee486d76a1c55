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

/**
 * Why something is done: all words that are left. A command is about one person, so a reason that names another is a
 * question, unless it is in quotes.
 */
export const reason: Argument<string> = {
  ...text,
  take: (words, context) => {
    const another = namesSomebody(words, context)
    return another === undefined ? words.length : { problem: another }
  },
  invalid: (texts, typed, another) =>
    typeof another === 'string' ? texts.arguments.anotherPerson(another, true) : text.invalid(texts, typed),
}
