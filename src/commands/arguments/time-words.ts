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
  'hr hrs min mins sec secs mo mos wk wks yr yrs thu thur thurs fri tue tues wed weds jan feb apr jun jul aug sep sept oct nov dec tmr tmrw tmw eod eow cob untl tonight tonite overnight weekday weekdays weekend weekends noon midday midnight lunch lunchtime fortnight decade temporarily temporary temp brief briefly later while daily nightly hourly weekly monthly yearly half quarter christmas xmas easter demi demie halb halbe halvtimme kwartier quinzaine quinzena quincena сутки суток полчаса добу доби діб денонощие heut heute tagen monaten jahren sehari seminggu sebulan setahun sejam dagar imorgon imorgen dana dani sedmice sedmica huomiseen huominen μερες μερα غدا کل ساعتين يومين أسبوعين شهرين हफ्ता हफ्ते'.split(
    ' ',
  )
/** Of other languages, and always something else in English. */
const ENGLISH =
  'let any den val peter pete metal meta tours yours main man men bay menu menus remember gun ate nam paris marc marco reed'.split(
    ' ',
  )
/** The same, but where a time was just said. */
const RATHER_ENGLISH = 'time times dan sat max sun mon tag dies timer mars mart march mac may lat tim min maine'.split(
  ' ',
)
/** Words for times of languages without spaces that Unicode does not list. */
const GLUED_OTHERS = 'あした ふつか 今日 明日 内 하루 이틀 사흘 나흘 내일 พรุ่งนี้'.split(' ')
/** English as it is written in a hurry: with one letter wrong, or two of a long word. */
const HURRIED =
  'second seconds minute minutes hours today tomorrow tonight months weeks monday tuesday wednesday thursday friday saturday sunday january february september october november december morning evening afternoon midnight weekend until fortnight'.split(
    ' ',
  )

interface Words {
  readonly whole: ReadonlySet<string>
  /** With which inflected words begin. */
  readonly stems: ReadonlySet<string>
}
let known: Words | undefined

/** Made on demand: it takes a fifth of a second, from Unicode's data (CLDR). */
function timeWords(): Words {
  if (known !== undefined) return known
  const inflected = new Map(LANGUAGES.map((it) => [it, [...unitsIn(it, 'long'), ...daysIn(it)]]))
  const others = LANGUAGES.flatMap((it) => [...unitsIn(it, 'short'), ...partsOfDayIn(it), ...monthsIn(it)])
  const names = [...[...inflected.values()].flat(), ...others].filter((word) => word.length > 2)
  const whole = new Set([...names, ...[...UNTIL, ...OTHERS].flatMap(wordsOf)])
  const stems = INFLECTED.flatMap((language) => inflected.get(language) ?? []).flatMap(stemOf)
  known = { whole, stems: new Set(stems) }
  return known
}

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

/** Without accents, which are left out in a hurry. */
const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036F]/g, '')
    .split(/[^\p{L}\p{M}]+/u)

const LEAST_STEM = 4

/** A word without its last letter, where enough is left. */
const stemOf = (word: string): string[] => (word.length > LEAST_STEM ? [word.slice(0, -1)] : [])

let knownGlued: RegExp | undefined

function gluedWords(): RegExp {
  if (knownGlued !== undefined) return knownGlued
  const words = GLUED.flatMap((it) => [...unitsIn(it, 'long'), ...daysIn(it)])
  knownGlued = new RegExp([...new Set([...words, ...GLUED_OTHERS])].filter(Boolean).join('|').normalize('NFC'), 'u')
  return knownGlued
}

/** Whether a text has a word for a time in it; with `isAfterTime` also one that is rather something else. */
export function isTimeWord(text: string, isAfterTime = false): boolean {
  const { whole, stems } = timeWords()
  const isOther = (word: string) => ENGLISH.includes(word) || (!isAfterTime && RATHER_ENGLISH.includes(word))
  const isTime = (word: string) =>
    !isOther(word) &&
    (whole.has(word) || stems.has(word) || stemOf(word).some((stem) => stems.has(stem)) || isHurried(word))
  return wordsOf(text).some(isTime) || (/[^\p{ASCII}]/u.test(text) && gluedWords().test(text.normalize('NFC')))
}

const isHurried = (word: string): boolean =>
  word.length > 4 && HURRIED.some((it) => distance(word, it) <= (it.length < 8 ? 1 : 2))

/**
 * Whether words may say how long or until when, in whatever language: by a number, or by a word for a time. It is right to
 * ask too often, and wrong to ask too seldom.
 */
export const maySayHowLong = (words: readonly string[]): boolean =>
  words.some((word) => /\p{N}/u.test(word) || isTimeWord(word))
