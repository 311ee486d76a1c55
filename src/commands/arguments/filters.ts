import { z } from 'zod'
import { type FilterProblem, type FilterWords, parseFilter } from '../../audit/read/filter-grammar.ts'
import { isLid } from '../../kernel/phone.ts'
import { type PhoneProblem, readPhone } from '../../kernel/phone-spelling.ts'
import type { Argument, ReadContext } from '../argument.ts'

interface Options {
  readonly placeholder: string
  /** Words beyond those of a filter. */
  readonly more?: readonly ('format' | 'profile')[]
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
      const parsed = parseFilter(text, { more, person: (typed) => personOf(typed, context) })
      if (parsed.kind === 'filter') return parsed.words
      addIssue({ code: 'custom', params: parsed.problem })
      return {}
    }),
  missing: (texts) => texts.filter.missing,
  invalid: (texts, _typed, params) =>
    params === undefined ? texts.filter.missing : texts.filter.problem(params as FilterProblem),
})

/** Besides people, those that are none: SYSTEM, GLOBAL, and accounts whose number is not known. */
function personOf(typed: string, { mentions, defaultCountry }: ReadContext): string | PhoneProblem {
  if (/^(?:system|global)$/i.test(typed)) return typed.toUpperCase()
  const known = mentions.get(typed) ?? (isLid(typed) ? typed : undefined)
  if (known !== undefined) return known
  const reading = readPhone(typed, defaultCountry)
  return reading.kind === 'phone' ? reading.phone : reading
}
