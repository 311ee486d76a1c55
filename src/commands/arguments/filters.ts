import { z } from 'zod'
import { type FilterProblem, type FilterWords, parseFilter, type ShapeWord } from '../../audit/read/filter-grammar.ts'
import { readActor } from '../../kernel/account.ts'
import { withMarks } from '../../kernel/lookalikes.ts'
import type { Argument } from '../argument.ts'

interface Options {
  readonly placeholder: string
  /** Words beyond those of a filter. */
  readonly more?: readonly ShapeWord[]
  /** Whether there may be none. */
  readonly mayBeAbsent: boolean
}

/** Which entries: the words of a filter in any order, and days as a bare number. */
export const filters = ({ placeholder, more = [], mayBeAbsent }: Options): Argument<FilterWords> => ({
  placeholder,
  isFreeText: true,
  take: (words) => words.length,
  absent: () => (mayBeAbsent ? {} : undefined),
  schema: (context) =>
    z.string().transform((text, { addIssue }): FilterWords => {
      const parsed = parseFilter(text, {
        more,
        country: context.defaultCountry,
        person: (typed) => context.mentions.get(typed) ?? readActor(withMarks(typed), context.defaultCountry),
      })
      if (parsed.kind === 'filter') return parsed.words
      addIssue({ code: 'custom', params: parsed.problem })
      return {}
    }),
  missing: (texts) => texts.filter.missing,
  invalid: (texts, _typed, params) =>
    params === undefined ? texts.filter.missing : texts.filter.problem(params as FilterProblem),
})
