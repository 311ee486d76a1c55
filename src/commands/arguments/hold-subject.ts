import { distance } from 'fastest-levenshtein'
import { z } from 'zod'
import { ALL_HELD } from '../../audit/remove/hold.repository.ts'
import type { Account } from '../../kernel/account.ts'
import { keyword } from '../../kernel/keyword.ts'
import type { Argument } from '../argument.ts'
import { person } from './person.ts'

/** What somebody writes who means `all`, and mistypes it or does not know the word. */
const ALL =
  /^(?:\*|any|any(?:one|body|thing)|every(?:one|body|thing)?|alles?|alle[nr]|tod[ao]s?|tud[oa]|tous|tout(?:es?)?|tutt[ioae]|все|всё|всех|semua|hepsi)$/iu
function mayBeAll(typed: string): boolean {
  const word = keyword(typed)
  return distance(word, 'all') < 2 || ALL.test(word)
}

const isAll = (text: string | undefined): boolean => text?.toUpperCase() === ALL_HELD

/** Whom a legal hold is on: a person, or `all` for everything. */
export const holdSubject: Argument<Account | typeof ALL_HELD> = {
  placeholder: '<phoneNumber|all>',
  isPerson: true,
  take: (words, context) => {
    const [first = ''] = words
    if (isAll(first)) return 1
    const isSlip = mayBeAll(first) && !context.isQuoted(words.length)
    if (context.quoted !== undefined && isSlip) return { problem: { kind: 'all', quoted: context.quoted } }
    return person.take(words, context)
  },
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
  invalid: (texts, typed, problem) =>
    isSlipOfAll(problem) ? texts.arguments.allOrOne(problem.quoted) : person.invalid(texts, typed, problem),
}

interface SlipOfAll {
  readonly kind: 'all'
  readonly quoted: Account
}
const isSlipOfAll = (problem: unknown): problem is SlipOfAll =>
  (problem as Partial<SlipOfAll> | undefined)?.kind === 'all'
