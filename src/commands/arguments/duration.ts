import parseDuration from 'parse-duration'
import { z } from 'zod'
import { DAY, MINUTE } from '../../kernel/clock.ts'
import type { Argument } from '../argument.ts'

const MOST = 366 * DAY
const NUMBER = /^[0-9]{1,6}(?:\.[0-9]{1,3})?$/
/** Units, from the largest to the least: a duration goes down, so that `for 2h 3d printing` is two hours and a reason. */
const UNITS = [
  /^y(?:ears?)?$/,
  /^mo(?:nths?)?$/,
  /^w(?:eeks?)?$/,
  /^d(?:ays?)?$/,
  /^h(?:(?:ou)?rs?)?$/,
  /^m(?:in(?:ute)?s?)?$/,
  /^s(?:ec(?:ond)?s?)?$/,
]

/** How long something lasts, after the word `for`: `for 2h`, `for 3 days`, `for 1h 30m`. `null` where it was left out. */
export const duration: Argument<number | null> = {
  placeholder: '[for <duration>]',
  take: (words) => {
    if (words[0]?.toLowerCase() !== 'for') return 0
    // Something has to be wrong about, if it is no duration.
    return Math.max(1 + wordsOfDuration(words.slice(1)), Math.min(words.length, 2))
  },
  absent: () => null,
  schema: () =>
    z.string().transform((typed, context): number => {
      const text = typed.replace(/^for\s*/i, '')
      const words = text.split(' ')
      const ms = wordsOfDuration(words) === words.length ? parseDuration(text.toLowerCase()) : null
      if (ms === null || !(ms >= MINUTE && ms <= MOST)) context.addIssue('not a duration')
      return ms ?? 0
    }),
  missing: (texts) => texts.arguments.duration,
  invalid: (texts) => texts.arguments.duration,
}

/** How many of the words are pieces such as `2h` or `2 hours`, each of a smaller unit than the one before. */
function wordsOfDuration(words: readonly string[]): number {
  let taken = 0
  let last = -1
  while (taken < words.length) {
    const [word = '', next = ''] = words.slice(taken, taken + 2)
    const isSplit = NUMBER.test(word)
    const pieces = isSplit
      ? [[word, next]]
      : [...word.matchAll(/([0-9.]+)([a-z]+)/gi)].map(([, n = '', unit = '']) => [n, unit])
    if (!isSplit && pieces.map((piece) => piece.join('')).join('') !== word) return taken
    for (const [number = '', unit = ''] of pieces) {
      const rank = UNITS.findIndex((pattern) => pattern.test(unit.toLowerCase()))
      if (!NUMBER.test(number) || rank <= last) return taken
      last = rank
    }
    if (pieces.length === 0) return taken
    taken += isSplit ? 2 : 1
  }
  return taken
}
