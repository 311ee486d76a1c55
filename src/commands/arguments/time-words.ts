import { distance } from 'fastest-levenshtein'

/** Languages whose words for times are known, as far as they are none of English for something else. */
const LANGUAGES =
  'en de fr es pt it nl pl ru uk tr ar he fa hi bn ur id ms vi sv da nb fi sk hu ro el bg hr cs ca sr lt lv et sl'.split(
    ' ',
  )
/** Those whose words end in another way after a number or `until`. */
const INFLECTED = 'pl ru uk sk cs hr sr sl bg lt lv et fi hu el ro tr'.split(' ')
/** Languages that are written without spaces, where a word for a time may stand in the middle. */
const GLUED = ['zh', 'zh-TW', 'ja', 'ko', 'th']
const UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'year']
/** The forms of a plural, in the languages that have most. */
const COUNTS = [1, 2, 5]
/** Until, which nobody lists. */
const UNTIL = 'until till til bis jusque jusqu hasta até fino tot до sampai hingga kadar μέχρι'.split(' ')
/** What else says how long: abbreviations, and what Unicode does not list. */
const OTHERS =
  'hr hrs min mins mo mos wk wks yr yrs tmr tmrw tmw eod eow tonight tonite overnight weekend weekends noon midnight fortnight decade temporarily while daily nightly half quarter demi demie halb halbe сутки суток heut heute tagen monaten jahren ساعتين يومين أسبوعين شهرين'.split(
    ' ',
  )
/** Of other languages, and something else in English. */
const ENGLISH =
  'time let dan sat any den val jam tag uri dies timer dana mars mart march mac may mai lat tim peter pete metal meta tours yours'.split(
    ' ',
  )
/** English as it is written in a hurry: with one letter wrong, or two of a long word. */
const HURRIED =
  'second seconds minute minutes hours today tomorrow tonight months weeks monday tuesday wednesday thursday friday saturday sunday morning evening afternoon midnight weekend until fortnight'.split(
    ' ',
  )

interface Words {
  readonly whole: ReadonlySet<string>
  /** With which inflected words begin. */
  readonly stems: ReadonlySet<string>
}
let known: Words | undefined

/** Made on demand: it takes a tenth of a second, from Unicode's data (CLDR). */
function timeWords(): Words {
  if (known !== undefined) return known
  const names = LANGUAGES.flatMap(namesIn).filter((word) => word.length > 2)
  const whole = new Set([...names, ...UNTIL, ...OTHERS])
  const stems = INFLECTED.flatMap((language) => [...unitsIn(language, 'long'), ...daysIn(language)]).flatMap(stemOf)
  known = { whole, stems: new Set(stems) }
  return known
}

const namesIn = (language: string): string[] => [
  ...unitsIn(language, 'long'),
  ...unitsIn(language, 'short'),
  ...daysIn(language),
  ...partsOfDayIn(language),
  ...monthsIn(language),
]

const unitsIn = (language: string, unitDisplay: 'long' | 'short'): string[] =>
  UNITS.flatMap((unit) => {
    const format = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay })
    const parts = COUNTS.flatMap((count) => format.formatToParts(count))
    return parts.flatMap(({ type, value }) => (type === 'unit' ? wordsOf(value) : []))
  })

/** Today and what follows it, without such words as `in` before them, and the days of a week. */
const daysIn = (language: string): string[] => {
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  const weekday = new Intl.DateTimeFormat(language, { weekday: 'long', timeZone: 'UTC' })
  return [
    ...[0, 1, 2].flatMap((days) => wordsOf(relative.format(days, 'day')).slice(-1)),
    // 2024 began on a Monday.
    ...[1, 2, 3, 4, 5, 6, 7].flatMap((day) => wordsOf(weekday.format(Date.UTC(2024, 0, day)))),
  ]
}

/** Such as `in the evening`, without `in` and `the`. */
const partsOfDayIn = (language: string): string[] => {
  const format = new Intl.DateTimeFormat(language, { dayPeriod: 'long', timeZone: 'UTC' })
  const words = [0, 3, 6, 9, 12, 15, 18, 21].flatMap((hour) => wordsOf(format.format(Date.UTC(2024, 0, 1, hour))))
  return words.filter((word) => word.length > 3)
}

const monthsIn = (language: string): string[] => {
  const format = new Intl.DateTimeFormat(language, { month: 'long', timeZone: 'UTC' })
  return UNITS.flatMap((_, month) => [month, month + 5])
    .flatMap((month) => wordsOf(format.format(Date.UTC(2024, month, 3))))
    .filter((word) => word.length > 3)
}

const wordsOf = (text: string): string[] => text.toLowerCase().split(/[^\p{L}\p{M}]+/u)

const LEAST_STEM = 4

/** A word without its last letter, where enough is left. */
const stemOf = (word: string): string[] => (word.length > LEAST_STEM ? [word.slice(0, -1)] : [])

let knownGlued: RegExp | undefined

function gluedWords(): RegExp {
  knownGlued ??= new RegExp([...new Set(GLUED.flatMap((it) => unitsIn(it, 'long')))].filter(Boolean).join('|'), 'u')
  return knownGlued
}

/** Whether a text has a word for a time in it. */
export function isTimeWord(text: string): boolean {
  const { whole, stems } = timeWords()
  const isTime = (word: string) =>
    !ENGLISH.includes(word) &&
    (whole.has(word) || stems.has(word) || stemOf(word).some((stem) => stems.has(stem)) || isHurried(word))
  return wordsOf(text).some(isTime) || (/[^\p{ASCII}]/u.test(text) && gluedWords().test(text))
}

const isHurried = (word: string): boolean =>
  word.length > 4 && HURRIED.some((it) => distance(word, it) <= (it.length < 8 ? 1 : 2))

/**
 * Whether words may say how long or until when, in whatever language: by a number, or by a word for a time. It is right to
 * ask too often, and wrong to ask too seldom.
 */
export const maySayHowLong = (words: readonly string[]): boolean =>
  words.some((word) => /\p{N}/u.test(word) || isTimeWord(word))
