/** Languages whose words for times are known, as far as they are none of English for something else. */
const LANGUAGES = 'en de fr es pt it nl pl ru uk tr ar he fa hi bn ur id ms vi sv da nb fi sk hu ro el bg hr'.split(' ')
const UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'year']
/** Languages that are written without spaces, where a word for a time may stand in the middle. */
const GLUED = ['zh', 'zh-TW', 'ja', 'ko', 'th']
/** The forms of a plural, in the languages that have most. */
const COUNTS = [1, 2, 5]
/** Until, which nobody lists. */
const UNTIL = 'until till til bis jusque jusqu hasta até fino tot до sampai hingga kadar μέχρι'.split(' ')
/** What else says how long, and cases that plurals do not show. */
const OTHERS =
  'tonight overnight weekend weekends noon midnight evening morning afternoon fortnight temporarily while eod tagen monaten jahren ساعتين يومين أسبوعين شهرين'.split(
    ' ',
  )
/** Of other languages, and something else in English. */
const ENGLISH = ['time', 'let', 'dan', 'sat', 'any', 'den']

let known: ReadonlySet<string> | undefined

/** Made on demand: it takes a tenth of a second, from Unicode's data (CLDR). */
function timeWords(): ReadonlySet<string> {
  known ??= new Set([
    ...LANGUAGES.flatMap((language) => [...unitsIn(language), ...tomorrowIn(language), ...weekdaysIn(language)]).filter(
      (word) => word.length > 2 && !ENGLISH.includes(word),
    ),
    ...UNTIL,
    ...OTHERS,
  ])
  return known
}

const unitsIn = (language: string): string[] =>
  UNITS.flatMap((unit) => {
    const format = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' })
    const parts = COUNTS.flatMap((count) => format.formatToParts(count))
    return parts.flatMap(({ type, value }) => (type === 'unit' ? wordsOf(value) : []))
  })

/** Today and tomorrow, without such words as `in` before them. */
const tomorrowIn = (language: string): string[] =>
  [0, 1].flatMap((days) =>
    wordsOf(new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(days, 'day')).slice(-1),
  )

/** 2024 began on a Monday. */
const weekdaysIn = (language: string): string[] =>
  [1, 2, 3, 4, 5, 6, 7].flatMap((day) =>
    wordsOf(new Intl.DateTimeFormat(language, { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2024, 0, day))),
  )

const wordsOf = (text: string): string[] => text.toLowerCase().split(/[^\p{L}\p{M}]+/u)

let knownGlued: RegExp | undefined

function gluedWords(): RegExp {
  knownGlued ??= new RegExp([...new Set(GLUED.flatMap(unitsIn))].filter((word) => word !== '').join('|'), 'u')
  return knownGlued
}

const isTimeWord = (text: string): boolean =>
  wordsOf(text).some((word) => timeWords().has(word)) || (/[^\p{ASCII}]/u.test(text) && gluedWords().test(text))

/**
 * Whether words may say how long or until when, in whatever language: by a number, or by a word for a time. It is right to
 * ask too often, and wrong to ask too seldom.
 */
export const maySayHowLong = (words: readonly string[]): boolean =>
  words.some((word) => /\p{N}/u.test(word) || isTimeWord(word))
