import { z } from 'zod'
import { DAY, MINUTE } from '../../kernel/clock.ts'
import { plainWord } from '../../kernel/keyword.ts'
import type { HowLongProblem } from '../../text/english/how-long.ts'
import type { Argument, ReadContext } from '../argument.ts'
import { namesSomebody } from './names-somebody.ts'
import { isPlaceOfZone } from './place-of-zone.ts'
import { readDuration } from './read-duration.ts'
import { readUntil } from './read-until.ts'
import { isTimeWord, maySayHowLong } from './time-words.ts'

const MOST = 366 * DAY

/** For so many milliseconds, until a moment (milliseconds since 1970), or without an end. */
export type HowLong =
  | { readonly kind: 'for'; readonly milliseconds: number }
  | { readonly kind: 'until'; readonly moment: number }
  | { readonly kind: 'forever' }

type Reading =
  | { readonly kind: 'read'; readonly words: number; readonly value: HowLong }
  | { readonly kind: 'absent' }
  | { readonly kind: 'problem'; readonly problem: HowLongProblem }

/** How long something lasts: `for 2h`, `for 3 days`, `until 18:00`, `forever`, which it is too where nothing like it is said. */
export const howLong: Argument<HowLong> = {
  placeholder: '[for 2h|until 18:00|forever]',
  take: (words, context) => {
    const reading = read(words, context)
    if (reading.kind === 'problem') return { problem: reading.problem }
    return reading.kind === 'absent' ? 0 : reading.words
  },
  absent: () => ({ kind: 'forever' }),
  schema: (context) =>
    z.string().transform((typed, issues): HowLong => {
      const reading = read(typed.split(' '), { ...context, isQuoted: () => false })
      if (reading.kind === 'read') return reading.value
      issues.addIssue('not certain')
      return z.NEVER
    }),
  missing: (texts) => texts.howLong.problem({ kind: 'unreadable' }),
  invalid: (texts, _typed, problem) => texts.howLong.problem(problem as HowLongProblem),
}

function read(typed: readonly string[], context: ReadContext): Reading {
  const isQuoted = typed.map((_, index) => context.isQuoted(typed.length - index))
  const words = typed.map((word, index) => (isQuoted[index] ? word : plainWord(word)))
  const open = words.slice(0, isQuoted.includes(true) ? isQuoted.indexOf(true) : words.length)
  const unquoted = words.filter((_, index) => !isQuoted[index])
  const said = readSaid(open, context)
  if (said.kind === 'absent') return readUnsaid(words, unquoted, context)
  if (said.kind === 'problem') return said
  const rest = unquoted.slice(said.words)
  const another = namesSomebody(words.slice(said.words), context)
  // That there are two people is the reason's question.
  if (another !== undefined || !goesOn(said.value, rest)) return said
  const [time = '', reason = ''] = [typed.slice(0, said.words), typed.slice(said.words)].map((it) => it.join(' '))
  return uncertain({ kind: 'goes-on', typed: time, reason })
}

function readSaid(words: readonly string[], context: ReadContext): Reading {
  switch (words[0]?.toLowerCase().replace(/[,;:.]$/, '')) {
    case 'forever':
      return { kind: 'read', words: 1, value: { kind: 'forever' } }
    case 'for':
      return readFor(words)
    case 'until':
    case 'till':
    case 'til':
      return readMoment(words, context)
    default:
      return { kind: 'absent' }
  }
}

const uncertain = (problem: HowLongProblem): Reading => ({ kind: 'problem', problem })

function readFor(words: readonly string[]): Reading {
  const { words: count, ...duration } = readDuration(words.slice(1))
  return count === 0 ? uncertain({ kind: 'unreadable' }) : lasting(1 + count, duration)
}

function readMoment(words: readonly string[], { now, timeZone }: ReadContext): Reading {
  const until = readUntil(words.slice(1), now, timeZone)
  const isFuture = until !== undefined && until.moment > now && until.moment <= now + MOST
  if (!isFuture) return uncertain({ kind: 'unreadable' })
  return { kind: 'read', words: 1 + until.words, value: { kind: 'until', moment: until.moment } }
}

/** `2h` and nothing else can't be a reason. What is in quotes is one. */
function readUnsaid(words: readonly string[], unquoted: readonly string[], context: ReadContext): Reading {
  const { words: count, ...duration } = readDuration(unquoted)
  const isFirst = !context.isQuoted(words.length)
  if (count > 0 && count === unquoted.length && isFirst) return lasting(count, duration)
  // Digits that are somebody's number say nothing of time; what they do say is the reason's question.
  if (namesSomebody(words, context) !== undefined || !maySayHowLong(unquoted)) return { kind: 'absent' }
  return uncertain({
    kind: 'unsaid',
    typed: words.join(' '),
    meant: meantBy(unquoted),
  })
}

/** How to say a duration that words begin with, and that what follows is the reason. */
function meantBy(words: readonly string[]): string | undefined {
  const duration = readDuration(words)
  const said = lasting(duration.words, duration)
  if (duration.words === 0 || said.kind !== 'read') return undefined
  const [time, reason] = [words.slice(0, said.words).join(' '), words.slice(said.words)]
  return `${time} ${goesOn(said.value, reason) ? `"${reason.join(' ')}"` : reason.join(' ')}`
}

function lasting(
  words: number,
  { milliseconds, hasCapitalM }: { readonly milliseconds: number; readonly hasCapitalM: boolean },
): Reading {
  if (hasCapitalM) return uncertain({ kind: 'minutes-or-months' })
  if (milliseconds < MINUTE || milliseconds > MOST) return uncertain({ kind: 'unreadable' })
  return { kind: 'read', words, value: { kind: 'for', milliseconds } }
}

/** What says an end. */
const END = /^(?:for|until|till?)$/i

/** What may be of a moment or a duration, where it follows one: `6:00 pm`, `18:00 CET`, `2h and a half`. */
const BELONGS =
  /^(?:on|starting|x|next|later|longer|more|plus|minus|times|every|each|[ap]\.?m\.?|[smhdwyt]|max|approx|approximately|sharp|total|twice|local|pacific|eastern|central|media|mezza|meia|половиной|半|uhr|o.?clock|utc|gmt|zulu|z)$/i
const NUMBERS =
  /^(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|forty-five|fifty|sixty|ninety)$/i
const MONTHS = /^(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)$/i
const ZONES =
  /^(?:[A-Z]{1,4}T|[ecmpa][sd]t|[cew]es?t|mes?z|bst|ist|jst|kst|hkt|sgt|wib|msk|sast|brt|art|ae[sd]t|ac[sd]t|awst|nz[sd]t|ak[sd]t|hst)$/
/** What is of a time wherever it stands: `30m`, `18:00`, `Berlin time`. */
const TIME = /\p{N}\p{L}|\p{N}:\p{N}|^time$/iu
/** What stands before a time as well as before a reason. */
const BEFORE_EITHER =
  /^(?:for|until|till?|and|or|to|at|in|from|an?|the|und|oder|y|o|e|et|ou|и|en|og|och|ja|ve|dan|\P{L}*)$/iu

/** Whether what follows an end may still say one. After `forever` anything may follow, but for another end. */
function goesOn({ kind }: HowLong, rest: readonly string[]): boolean {
  if (kind === 'forever') return END.test(rest[0] ?? '') && maySayHowLong(rest.slice(1, 4))
  const from = rest.findIndex((word) => !BEFORE_EITHER.test(word) || /\p{N}/u.test(word))
  const left = from === -1 ? [] : rest.slice(from)
  const [next = ''] = left
  const isPart = [BELONGS, NUMBERS, MONTHS, ZONES].some((pattern) =>
    next.split('/').some((part) => pattern.test(part.replace(/[,;:.]$/, ''))),
  )
  return (
    isPart ||
    isPlaceOfZone(left) ||
    /\p{N}/u.test(next) ||
    rest.some((word) => TIME.test(word) || isTimeWord(word, true))
  )
}
