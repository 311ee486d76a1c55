import parseDuration from 'parse-duration'
import { z } from 'zod'
import { DAY, MINUTE } from '../../kernel/clock.ts'
import type { Argument } from '../argument.ts'

const NUMBER = /^[0-9]+(?:\.[0-9]+)?$/
const NUMBERS_AND_UNITS = /^(?:[0-9]+(?:\.[0-9]+)?[a-z]+)+$/i
/** A year has a day more every four years, and the unit is as long as they are on average. */
const LONGEST = 366 * DAY

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
      if (ms === null || !(ms >= MINUTE && ms <= LONGEST)) context.addIssue('not a duration')
      return ms ?? 0
    }),
  missing: (texts) => texts.arguments.duration,
  invalid: (texts) => texts.arguments.duration,
}

/** How many words from `index` on are one number with its unit: `2h`, or `2` and `hours`. */
function pieceAt(words: readonly string[], index: number): number {
  const [word = '', next = ''] = words.slice(index, index + 2)
  if (NUMBERS_AND_UNITS.test(word)) return unitsOf(word).every(isUnit) ? 1 : 0
  return NUMBER.test(word) && isUnit(next) ? 2 : 0
}

const unitsOf = (word: string): string[] => word.split(/[0-9.]+/).slice(1)

/** The library passes over what it does not know, next to what it does: `1h2x` would be an hour. */
const isUnit = (text: string): boolean => /^[a-z]+$/i.test(text) && parseDuration(`1${text}`) !== null
