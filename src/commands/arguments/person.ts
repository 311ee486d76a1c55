import { z } from 'zod'
import { type Account, type AccountReading, isWholeAccount, readAccount } from '../../kernel/account.ts'
import { MINUTE } from '../../kernel/clock.ts'
import { withMarks } from '../../kernel/lookalikes.ts'
import { type PhoneEnd, type PhoneEnds, phoneEnds, phoneWords, withoutComma } from '../../kernel/phone-end.ts'
import { isWholeLink, type PhoneProblem } from '../../kernel/phone-spelling.ts'
import { looksLikePhone } from '../../kernel/phone-text.ts'
import type { Texts } from '../../text/english.ts'
import type { Argument, ReadContext, Uncertain } from '../argument.ts'
import { readDuration } from './read-duration.ts'

/** A phone number, however it was pasted; an account of any platform; a mention, already resolved; or the person replied to. */
export const person: Argument<Account> = {
  placeholder: '<phoneNumber>',
  isPerson: true,
  take: (words, context) => {
    const { card } = context
    if (words.length === 0 || isLeftOut(words, context))
      return card === undefined ? 0 : uncertain({ kind: 'card', accounts: card })
    const ends = endsOf(words, context)
    if (ends.kind === 'certain') return ends.words
    const readings = ends.readings.map((reading) => ({ ...reading, after: words.slice(reading.words) }))
    return uncertain({ kind: 'ends', readings })
  },
  absent: ({ quoted }) => quoted,
  schema: ({ defaultCountry, mentions, told, quoted }) =>
    z.string().transform((typed, context): Account => {
      const mentioned = mentions.get(typed)
      if (mentioned !== undefined) return mentioned
      const phone = withoutComma(typed)
      const reading = readAccount(withMarks(looksLikePhone(phone) ? phone : typed), defaultCountry)
      const problem = quoted === undefined ? undefined : eitherOf(typed, reading, quoted)
      if (reading.kind === 'account' && problem === undefined) return reading.account
      if (reading.kind === 'twofold' && told !== undefined && reading.forms.includes(told)) return told
      context.addIssue({ code: 'custom', params: problem ?? reading })
      return z.NEVER
    }),
  missing: (texts) => texts.arguments.phoneMissing,
  invalid: (texts, typed, problem) =>
    typed.startsWith('@')
      ? texts.arguments.mention(typed)
      : problemText(texts, typed, (problem as Problem | undefined) ?? { kind: 'not-a-phone' }),
}

type Problem =
  | PhoneProblem
  | { readonly kind: 'either'; readonly typed: Account; readonly quoted: Account }
  | { readonly kind: 'card'; readonly accounts: readonly Account[] }
  | OfEnds

/** Where a number ends is not certain; `after`: all that was typed after it. */
export interface OfEnds {
  readonly kind: 'ends'
  readonly readings: readonly PhoneEnd[]
}
export const isOfEnds = (problem: unknown): problem is OfEnds =>
  (problem as Partial<OfEnds> | undefined)?.kind === 'ends'

const uncertain = (problem: Problem): Uncertain => ({ problem })

/** With a reply, words that can't be a person are a time or a reason already. */
const isLeftOut = (words: readonly string[], { quoted, card }: ReadContext): boolean =>
  (quoted ?? card) !== undefined &&
  (!/[\p{Nd}@]/u.test(words[0] ?? '') || isTime(words)) &&
  !isWholeAccount(words[0] ?? '')

/** In whole minutes: `555s` may as well be a number that was mistyped. */
function isTime(words: readonly string[]): boolean {
  const duration = readDuration(words)
  return duration.words > 0 && duration.milliseconds % MINUTE === 0
}

/** How many words are the person: several only where a pasted number has spaces. */
function endsOf(words: readonly string[], context: ReadContext): PhoneEnds {
  const [first = ''] = words
  const isOne =
    context.isQuoted(words.length) || context.mentions.has(first) || isWholeAccount(first) || isWholeLink(first)
  if (isOne) return { kind: 'certain', words: 1 }
  const count = phoneWords(words)
  const quoted = words.slice(0, count).findIndex((_, index) => index > 0 && context.isQuoted(words.length - index))
  return phoneEnds(words.slice(0, quoted === -1 ? count : quoted), context.defaultCountry)
}

/** With a reply, `rude:again` may as well begin a reason. A number and an id of WhatsApp can't. */
function eitherOf(typed: string, reading: AccountReading, quoted: Account): Problem | undefined {
  if (reading.kind !== 'account' || reading.account === quoted) return undefined
  const mayBeWords = isWholeAccount(typed) && !typed.toLowerCase().endsWith('@lid')
  return mayBeWords ? { kind: 'either', typed: reading.account, quoted } : undefined
}

function problemText(texts: Texts, typed: string, problem: Problem): string {
  switch (problem.kind) {
    case 'not-a-phone':
      return texts.arguments.phone(typed)
    case 'national':
      return texts.arguments.phoneNational(typed)
    case 'twofold':
      return texts.arguments.phoneTwofold(problem.forms)
    case 'card':
      return texts.arguments.card(problem.accounts)
    case 'ends':
      return texts.arguments.phoneEnds(problem.readings)
    case 'either':
      return texts.arguments.either(problem.typed, problem.quoted)
  }
}
