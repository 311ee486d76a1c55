import { z } from 'zod'
import { DAY, MINUTE } from '../../kernel/clock.ts'
import type { HowLongProblem } from '../../text/english/how-long.ts'
import type { Argument, ReadContext } from '../argument.ts'
import { namesSomebody } from './names-somebody.ts'
import { readDuration } from './read-duration.ts'
import { readUntil } from './read-until.ts'
import { maySayHowLong } from './time-words.ts'

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

function read(words: readonly string[], context: ReadContext): Reading {
  const isQuoted = words.map((_, index) => context.isQuoted(words.length - index))
  const open = words.slice(0, isQuoted.includes(true) ? isQuoted.indexOf(true) : words.length)
  const unquoted = words.filter((_, index) => !isQuoted[index])
  const said = readSaid(open, context)
  if (said.kind !== 'read') return said.kind === 'absent' ? readUnsaid(words, unquoted, context) : said
  const rest = unquoted.slice(said.words)
  // After `forever` anything may follow, but for another end.
  const isUnsure =
    said.value.kind === 'forever' ? END.test(rest[0] ?? '') && saysEnd(rest.slice(0, 3)) : goesOn(rest) || saysEnd(rest)
  return isUnsure ? uncertain({ kind: 'unreadable' }) : said
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
  return uncertain({ kind: 'unsaid', typed: words.join(' '), meant: durationIn(unquoted) })
}

/** How the first duration among words would be said, with what follows it where nothing stands before. */
function durationIn(words: readonly string[]): string | undefined {
  const at = words.findIndex((_, index) => readDuration(words.slice(index, index + MOST_PIECES)).words > 0)
  if (at === -1) return undefined
  const { words: count } = readDuration(words.slice(at, at + MOST_PIECES))
  return at === 0 ? words.join(' ') : `${words.slice(at, at + count).join(' ')} …`
}

/** A number, a unit and `and`, for each of the units. */
const MOST_PIECES = 21

function lasting(
  words: number,
  { milliseconds, hasCapitalM }: { readonly milliseconds: number; readonly hasCapitalM: boolean },
): Reading {
  if (hasCapitalM) return uncertain({ kind: 'minutes-or-months' })
  if (milliseconds < MINUTE || milliseconds > MOST) return uncertain({ kind: 'unreadable' })
  return { kind: 'read', words, value: { kind: 'for', milliseconds } }
}

/** What says an end, with what follows it. */
const END = /^(?:for|until|till?)$/i

/** Whether words say an end in so many words: `for 3 days`, `until tomorrow`. */
const saysEnd = (words: readonly string[]): boolean =>
  words.some((word, index) =>
    /^for$/i.test(word) ? readDuration(words.slice(index + 1, index + 1 + MOST_PIECES)).words > 0 : END.test(word),
  )

/** What a time may go on with: `for 2h and a half`, `until 6:00 pm`, `until 18:00 UTC`. */
const GOES_ON = /^(?:on|next|later|longer|[ap]\.?m\.?|uhr|o.?clock|utc|gmt|half|quarter)$/i
const ZONE = /^[A-Z]{1,4}T$/
/** What stands before a time as well as before a reason. */
const BEFORE_EITHER = /^(?:for|until|till?|and|or|to|at|an?|\P{L}*)$/iu

/** Whether what follows may still say how long. */
function goesOn(words: readonly string[]): boolean {
  const next = words.find((word) => !BEFORE_EITHER.test(word) || maySayHowLong([word]))
  return next !== undefined && (GOES_ON.test(next) || ZONE.test(next) || maySayHowLong([next]))
}
