import { z } from 'zod'
import { ALL_HELD } from '../../audit/remove/hold.repository.ts'
import type { Argument } from '../argument.ts'
import { phone } from './phone.ts'

const isAll = (text: string | undefined): boolean => text?.toUpperCase() === ALL_HELD

/** Whom a legal hold is on: a person, or `all` for everything. */
export const holdSubject: Argument<string> = {
  placeholder: '<phoneNumber|all>',
  take: (words, context) => (isAll(words[0]) ? 1 : phone.take(words, context)),
  absent: phone.absent,
  schema: (context) =>
    z.string().transform((typed, issues): string => {
      if (isAll(typed)) return ALL_HELD
      const parsed = phone.schema(context).safeParse(typed)
      if (parsed.success) return parsed.data
      const [issue] = parsed.error.issues
      issues.addIssue({ code: 'custom', params: issue?.code === 'custom' ? issue.params : undefined })
      return z.NEVER
    }),
  missing: (texts) => texts.arguments.holdSubject,
  invalid: phone.invalid,
}
