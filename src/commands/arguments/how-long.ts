import { z } from 'zod'
import { DAY, MINUTE } from '../../kernel/clock.ts'
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

/** Why it is not certain how long is meant. */
type HowLongProblem =
  | { readonly kind: 'unreadable' }
  /** `1M` */
  | { readonly kind: 'minutes-or-months' }
  /** `2h spam` may be two hours or a reason, and `für 2h` is hardly one. `meant`: how to say the time, where it is plain. */
  | { readonly kind: 'unsaid'; readonly typed: string; readonly meant: string | undefined }

type Reading =
  | { readonly kind: 'read'; readonly words: number; readonly value: HowLong }
  | { readonly kind: 'absent' }
  | { readonly kind: 'problem'; readonly words: number; readonly problem: HowLongProblem }

/** How long something lasts: `for 2h`, `for 3 days`, `until 18:00`, `forever`, which it is too where nothing like it is said. */
export const howLong: Argument<HowLong> = {
  placeholder: '[for 2h|until 18:00|forever]',
  take: (words, context) => {
    const reading = read(words, context)
    return reading.kind === 'absent' ? 0 : reading.words
  },
  problem: (words, context) => {
    const reading = read(words, context)
    return reading.kind === 'problem' ? reading.problem : undefined
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
  const quoted = words.findIndex((_, index) => context.isQuoted(words.length - index))
  const open = quoted === -1 ? words : words.slice(0, quoted)
  switch (open[0]?.toLowerCase()) {
    case undefined:
      return { kind: 'absent' }
    case 'forever':
      return { kind: 'read', words: 1, value: { kind: 'forever' } }
    case 'for':
      return readFor(open)
    case 'until':
    case 'till':
    case 'til':
      return readMoment(open, context)
    default:
      return readBare(words, open, context)
  }
}

const problem = (words: number, problem: HowLongProblem): Reading => ({ kind: 'problem', words, problem })

function readFor(words: readonly string[]): Reading {
  const { words: count, ...duration } = readDuration(words.slice(1))
  const after = words.slice(1 + count)
  if (count === 0 || goesOn(after)) return problem(words.length, { kind: 'unreadable' })
  return lasting(1 + count, duration)
}

function readMoment(words: readonly string[], { now, timeZone }: ReadContext): Reading {
  const read = readUntil(words.slice(1), now, timeZone)
  const isFuture = read !== undefined && read.moment > now && read.moment <= now + MOST
  if (!isFuture || goesOn(words.slice(1 + read.words))) return problem(words.length, { kind: 'unreadable' })
  return { kind: 'read', words: 1 + read.words, value: { kind: 'until', moment: read.moment } }
}

/** `2h` and nothing else can't be a reason. */
function readBare(words: readonly string[], open: readonly string[], context: ReadContext): Reading {
  const { words: count, ...duration } = readDuration(open)
  if (count > 0 && count === open.length) return lasting(count, duration)
  // Digits that are somebody's number say nothing of time; what they do say is the reason's question.
  if (namesSomebody(words, context) !== undefined || !maySayHowLong(open)) return { kind: 'absent' }
  return problem(words.length, { kind: 'unsaid', typed: words.join(' '), meant: durationIn(words) })
}

/** How the first duration among words would be said, with what follows it where nothing stands before. */
function durationIn(words: readonly string[]): string | undefined {
  const at = words.findIndex((_, index) => readDuration(words.slice(index)).words > 0)
  if (at === -1) return undefined
  const { words: count } = readDuration(words.slice(at))
  return at === 0 ? words.join(' ') : `${words.slice(at, at + count).join(' ')} …`
}

function lasting(
  words: number,
  { milliseconds, hasCapitalM }: { readonly milliseconds: number; readonly hasCapitalM: boolean },
): Reading {
  if (hasCapitalM) return problem(words, { kind: 'minutes-or-months' })
  if (milliseconds < MINUTE || milliseconds > MOST) return problem(words, { kind: 'unreadable' })
  return { kind: 'read', words, value: { kind: 'for', milliseconds } }
}

/** What a time may go on with: `for 2h and a half`, `until 6:00 pm`, `until 18:00 UTC`. */
const GOES_ON = /^(?:and|or|to|on|at|next|[ap]\.?m\.?|uhr|o.?clock|utc|gmt)$/i
const ZONE = /^[A-Z]{1,4}T$/
/** What stands before a time as well as before a reason. */
const BEFORE_EITHER = /^(?:for|until|till?|\P{L}*)$/iu

/** Whether what follows may still say how long. */
function goesOn([next = 'nothing', ...others]: readonly string[]): boolean {
  if (GOES_ON.test(next) || ZONE.test(next) || maySayHowLong([next])) return true
  return BEFORE_EITHER.test(next) && goesOn(others)
}
