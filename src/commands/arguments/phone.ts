import { z } from 'zod'
import type { Phone } from '../../kernel/phone.ts'
import { isWholePhone, type PhoneProblem, readPhone } from '../../kernel/phone-spelling.ts'
import { looksLikePhone } from '../../kernel/phone-text.ts'
import type { Texts } from '../../text/english.ts'
import type { Argument } from '../argument.ts'

/** A phone number, however it was pasted; a mention (already resolved to a number); or the person replied to. */
export const phone: Argument<Phone> = {
  placeholder: '<phoneNumber>',
  take: (words, { quotedPhone, mentions }) => {
    const isLeftOut = quotedPhone !== undefined && !/[\p{Nd}@]/u.test(words[0] ?? '')
    if (isLeftOut || words.length === 0) return 0
    // A pasted number may hold spaces, and then it is several words; but not after one that is plainly whole.
    if (isWholePhone(words[0] ?? '') || mentions.has(words[0] ?? '')) return 1
    const end = words.findIndex((word, index) => index > 0 && !looksLikePhone(word))
    return end === -1 ? words.length : end
  },
  absent: ({ quotedPhone }) => quotedPhone,
  schema: ({ defaultCountry, mentions }) =>
    z.string().transform((typed, context): Phone => {
      const mentioned = mentions.get(typed)
      if (mentioned !== undefined) return mentioned
      const reading = readPhone(typed, defaultCountry)
      if (reading.kind === 'phone') return reading.phone
      context.addIssue({ code: 'custom', params: reading })
      return z.NEVER
    }),
  missing: (texts) => texts.arguments.phoneMissing,
  invalid: (texts, typed, problem) =>
    typed.startsWith('@')
      ? texts.arguments.mention(typed)
      : phoneProblemText(texts, typed, (problem as PhoneProblem | undefined) ?? { kind: 'not-a-phone' }),
}

function phoneProblemText(texts: Texts, typed: string, problem: PhoneProblem): string {
  switch (problem.kind) {
    case 'not-a-phone':
      return texts.arguments.phone(typed)
    case 'national':
      return texts.arguments.phoneNational(typed)
    case 'twofold':
      return texts.arguments.phoneTwofold(problem.forms)
  }
}
