import parseDuration from 'parse-duration'
import { z } from 'zod'
import { DAY, MINUTE } from '../../kernel/clock.ts'
import type { Argument } from '../argument.ts'

const NUMBER = /^[0-9]+(?:\.[0-9]+)?$/
const NUMBER_AND_UNIT = /^(?:[0-9]+(?:\.[0-9]+)?[a-z]+)+$/i

/** How long something lasts, after the word `for`: `for 2h`, `for 3 days`, `for 1h 30m`. `null` where it was left out. */
export const duration: Argument<number | null> = {
  placeholder: '[for <duration>]',
  take: (words) => {
    if (words[0]?.toLowerCase() !== 'for') return 0
    let end = 1
    for (let count = pieceAt(words, end); count > 0; count = pieceAt(words, end)) end += count
    // Something has to be wrong about, if it is no duration.
    return Math.max(end, Math.min(words.length, 2))
  },
  absent: () => null,
  schema: () =>
    z.string().transform((typed, context): number => {
      const text = typed.replace(/^for\s*/i, '')
      const words = text.split(' ')
      let end = 0
      for (let count = pieceAt(words, end); count > 0; count = pieceAt(words, end)) end += count
      const ms = end === words.length && text.length < 60 ? parseDuration(text) : null
      if (ms === null || !(ms >= MINUTE && ms <= 365 * DAY)) context.addIssue('not a duration')
      return ms ?? 0
    }),
  missing: (texts) => texts.arguments.duration,
  invalid: (texts) => texts.arguments.duration,
}

/** How many words from `index` on are one number with its unit: `2h`, or `2` and `hours`. */
function pieceAt(words: readonly string[], index: number): number {
  const [word = '', next = ''] = words.slice(index, index + 2)
  if (NUMBER_AND_UNIT.test(word)) return 1
  return NUMBER.test(word) && parseDuration(`1${next}`) !== null && /^[a-z]+$/i.test(next) ? 2 : 0
}
