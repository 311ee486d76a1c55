import { z } from 'zod'
import { type Account, type AccountReading, isWholeAccount, readAccount } from '../../kernel/account.ts'
import { withMarks } from '../../kernel/lookalikes.ts'
import { isWholePhone, type PhoneProblem } from '../../kernel/phone-spelling.ts'
import { looksLikePhone } from '../../kernel/phone-text.ts'
import type { Texts } from '../../text/english.ts'
import type { Argument } from '../argument.ts'

/** A phone number, however it was pasted; an account of any platform; a mention, already resolved; or the person replied to. */
export const person: Argument<Account> = {
  placeholder: '<phoneNumber>',
  take: (words, { quoted, mentions }) => {
    const [first = ''] = words
    const isLeftOut = quoted !== undefined && !/[\p{Nd}@]/u.test(first) && !isWholeAccount(first)
    if (isLeftOut || words.length === 0) return 0
    // A pasted number may hold spaces, and then it is several words; but not after one that is plainly whole.
    if (isWholePhone(words[0] ?? '') || isWholeAccount(words[0] ?? '') || mentions.has(words[0] ?? '')) return 1
    const end = words.findIndex((word, index) => index > 0 && !looksLikePhone(word))
    return end === -1 ? words.length : end
  },
  absent: ({ quoted }) => quoted,
  schema: ({ defaultCountry, mentions, told, quoted }) =>
    z.string().transform((typed, context): Account => {
      const mentioned = mentions.get(typed)
      if (mentioned !== undefined) return mentioned
      const reading = readAccount(withMarks(typed), defaultCountry)
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

type Problem = PhoneProblem | { readonly kind: 'either'; readonly typed: Account; readonly quoted: Account }

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
    case 'either':
      return texts.arguments.either(problem.typed, problem.quoted)
  }
}
