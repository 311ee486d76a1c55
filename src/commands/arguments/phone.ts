import { z } from 'zod'
import { looksLikePhone, type Phone, parsePhone } from '../../kernel/phone.ts'
import type { Argument } from '../argument.ts'

/** A phone number, however it was pasted; a mention (already resolved to a number); or the person replied to. */
export const phone: Argument<Phone> = {
  placeholder: '<phoneNumber>',
  take: (words, { quotedPhone, mentions }) => {
    const isLeftOut = quotedPhone !== undefined && !/[0-9@]/.test(words[0] ?? '')
    if (isLeftOut || words.length === 0) return 0
    // A pasted number may hold spaces, and then it is several words; but not after one that is plainly whole.
    if (/^\+?[0-9]{7,}$/.test(words[0] ?? '') || mentions.has(words[0] ?? '')) return 1
    const end = words.findIndex((word, index) => index > 0 && !looksLikePhone(word))
    return end === -1 ? words.length : end
  },
  absent: ({ quotedPhone }) => quotedPhone,
  schema: ({ defaultCountry, mentions }) =>
    z.string().transform((typed, context): Phone => {
      const number = mentions.get(typed) ?? parsePhone(typed, defaultCountry)
      if (number === undefined) context.addIssue('not a phone number')
      return number as Phone
    }),
  missing: (texts) => texts.arguments.phoneMissing,
  invalid: (texts, typed) => (typed.startsWith('@') ? texts.arguments.mention(typed) : texts.arguments.phone(typed)),
}
