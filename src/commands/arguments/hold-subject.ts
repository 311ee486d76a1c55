import { z } from 'zod'
import { ALL_HELD } from '../../audit/remove/hold.repository.ts'
import type { Account } from '../../kernel/account.ts'
import type { Argument } from '../argument.ts'
import { person } from './person.ts'

const isAll = (text: string | undefined): boolean => text?.toUpperCase() === ALL_HELD

/** Whom a legal hold is on: a person, or `all` for everything. */
export const holdSubject: Argument<Account | typeof ALL_HELD> = {
  placeholder: '<phoneNumber|all>',
  isPerson: true,
  take: (words, context) => (isAll(words[0]) ? 1 : person.take(words, context)),
  absent: person.absent,
  schema: (context) =>
    z.string().transform((typed, issues): Account | typeof ALL_HELD => {
      if (isAll(typed)) return ALL_HELD
      const parsed = person.schema(context).safeParse(typed)
      if (parsed.success) return parsed.data
      const [issue] = parsed.error.issues
      issues.addIssue({ code: 'custom', params: issue?.code === 'custom' ? issue.params : undefined })
      return z.NEVER
    }),
  missing: (texts) => texts.arguments.holdSubject,
  invalid: person.invalid,
}
