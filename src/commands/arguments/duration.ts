import { z } from 'zod'
import { DAY, HOUR, MINUTE } from '../../kernel/clock.ts'
import type { Argument } from '../argument.ts'

const MOST = 366 * DAY
const NUMBER = /^[0-9]{1,6}(?:\.[0-9]{1,3})?$/
/** Units, from the largest to the least: a duration goes down, so that `for 2h 3d printing` is two hours and a reason. */
const UNITS: readonly (readonly [pattern: RegExp, milliseconds: number])[] = [
  [/^y(?:ears?)?$/i, 365 * DAY],
  [/^mo(?:nths?)?$/i, 30 * DAY],
  [/^w(?:eeks?)?$/i, 7 * DAY],
  [/^d(?:ays?)?$/i, DAY],
  [/^h(?:(?:ou)?rs?)?$/i, HOUR],
  [/^m(?:in(?:ute)?s?)?$/i, MINUTE],
  [/^s(?:ec(?:ond)?s?)?$/i, 1000],
]

/** How long something lasts, after the word `for`: `for 2h`, `for 3 days`, `for 1h 30m`. `null` where it was left out. */
export const duration: Argument<number | null> = {
  placeholder: '[for <duration>]',
  take: (words) => {
    if (words[0]?.toLowerCase() !== 'for') return 0
    // Something has to be wrong about, if it is no duration.
    return Math.max(1 + read(words.slice(1)).words, Math.min(words.length, 2))
  },
  absent: () => null,
  schema: () =>
    z.string().transform((typed, context): number => {
      const written = typed.split(' ').slice(1)
      const { words, milliseconds } = read(written)
      const isRead = words === written.length && milliseconds >= MINUTE && milliseconds <= MOST
      if (!isRead) context.addIssue('not a duration')
      return milliseconds
    }),
  missing: (texts) => texts.arguments.duration,
  invalid: (texts) => texts.arguments.duration,
}

/** How many of the words are pieces such as `2h`, `1h30m` or `2 hours`, each of a smaller unit than the one before. */
function read(words: readonly string[]): { readonly words: number; readonly milliseconds: number } {
  let milliseconds = 0
  let least = -1
  let taken = 0
  while (taken < words.length) {
    const [word = '', next = ''] = words.slice(taken, taken + 2)
    const isSplit = NUMBER.test(word)
    const pieces = isSplit ? [[word, next] as const] : piecesOf(word)
    for (const [number, unit] of pieces) {
      const rank = UNITS.findIndex(([pattern]) => pattern.test(unit))
      if (!NUMBER.test(number) || rank <= least) return { words: taken, milliseconds }
      milliseconds += Number(number) * (UNITS[rank]?.[1] ?? 0)
      least = rank
    }
    if (pieces.length === 0) break
    taken += isSplit ? 2 : 1
  }
  return { words: taken, milliseconds }
}

/** The numbers and units of a word that is nothing else. */
function piecesOf(word: string): (readonly [number: string, unit: string])[] {
  const pieces = [...word.matchAll(/([0-9.]+)([a-z]+)/gi)].map(([, number = '', unit = '']) => [number, unit] as const)
  return pieces.flat().join('') === word ? pieces : []
}
