import { DAY, HOUR, MINUTE } from '../../kernel/clock.ts'

/** `1.30h` is half past one to some, and `1.500` are thousands. */
const NUMBER = /^[0-9]{1,6}(?:\.[0-9])?$/
/** Units, from the largest to the least: a duration goes down. */
const UNITS: readonly (readonly [pattern: RegExp, milliseconds: number])[] = [
  [/^y(?:ears?)?$/i, 365 * DAY],
  [/^mo(?:nths?)?$/i, 30 * DAY],
  [/^w(?:eeks?)?$/i, 7 * DAY],
  [/^d(?:ays?)?$/i, DAY],
  [/^h(?:(?:ou)?rs?)?$/i, HOUR],
  [/^m(?:in(?:ute)?s?)?$/i, MINUTE],
  [/^s(?:ec(?:ond)?s?)?$/i, 1000],
]
const ONE = /^(?:an?|one)$/i
const MONTHS = 1
const BETWEEN = /^(?:and|&|\+)$/i

export interface Duration {
  /** How many of the words it took; 0 if they begin with none. */
  readonly words: number
  readonly milliseconds: number
  /** It has an `M`, which is a month to some and a minute to others. */
  readonly hasCapitalM: boolean
}

/** How long the first words say, in pieces such as `2h`, `1h30m` or `2 hours and 30 minutes`, each of a smaller unit than the one before. */
export function readDuration(words: readonly string[]): Duration {
  const read = { words: 0, milliseconds: 0, hasCapitalM: false }
  let least = -1
  let at = 0
  while (at < words.length) {
    if (at > 0 && BETWEEN.test(words[at] ?? '')) at++
    const [word = '', next = ''] = words.slice(at, at + 2).map((it) => it.replace(/[,;:.]$/, ''))
    const isOne = ONE.test(word) && UNITS.some(([pattern]) => pattern.test(next))
    const isSplit = isOne || NUMBER.test(word)
    const pieces = isSplit ? [[isOne ? '1' : word, next] as const] : piecesOf(word)
    if (pieces.length === 0) break
    for (const [number, unit] of pieces) {
      const rank = UNITS.findIndex(([pattern]) => pattern.test(unit))
      if (!NUMBER.test(number) || rank <= least) return read
      read.milliseconds += Number(number) * (UNITS[rank]?.[1] ?? 0)
      // After hours it can't be months.
      read.hasCapitalM ||= unit === 'M' && least < MONTHS
      least = rank
    }
    at += isSplit ? 2 : 1
    read.words = at
  }
  return read
}

/** The numbers and units of a word that is nothing else. */
function piecesOf(word: string): (readonly [number: string, unit: string])[] {
  const pieces = [...word.matchAll(/([0-9.]+)([a-z]+)/giy)].map(([, number = '', unit = '']) => [number, unit] as const)
  return pieces.flat().join('') === word ? pieces : []
}
