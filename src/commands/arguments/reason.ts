import { z } from 'zod'
import type { Argument } from '../argument.ts'
import { namesSomebody } from './names-somebody.ts'

/** In characters. */
export const MAX_REASON = 200

/**
 * Why something is done: all words that are left. A command is about one person, so a reason that names another is a
 * question, unless it is in quotes.
 */
export const reason: Argument<string> = {
  placeholder: '[reason…]',
  isFreeText: true,
  take: (words) => words.length,
  problem: (words, context) => namesSomebody(words, context),
  absent: () => '',
  schema: () => z.string().trim().min(1).max(MAX_REASON),
  missing: (texts) => texts.arguments.reason,
  invalid: (texts, _typed, another) =>
    typeof another === 'string' ? texts.arguments.anotherPerson(another, true) : texts.arguments.reason,
}
