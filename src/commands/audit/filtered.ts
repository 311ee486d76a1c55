import type { AuditFilter } from '../../audit/entry/audit-filter.ts'
import { toFilter } from '../../audit/read/filter-dates.ts'
import type { FilterWords } from '../../audit/read/filter-grammar.ts'
import { findPerson, whoOf } from '../../roles/person.ts'
import type { CommandContext } from '../command.ts'

/** The words, and the last `days` where they say nothing of time. */
export const withinDays = (words: FilterWords, days: number): FilterWords =>
  words.days === undefined && words.since === undefined && words.until === undefined ? { ...words, days } : words

/** What the words mean now; a text for the caller where it cannot be meant. */
export async function meant(
  { clock, settings, own, texts, reader }: CommandContext,
  words: FilterWords,
): Promise<{ readonly filter: AuditFilter } | { readonly problem: string }> {
  const now = { now: clock.now(), timeZone: settings.get(own.timeZone) }
  const filter = await toFilter(words, now, async (account) => whoOf(await findPerson(reader, account)))
  if (filter !== undefined) return { filter }
  const word = [words.since && `since:${words.since}`, words.until && `until:${words.until}`].filter(Boolean).join(' ')
  return { problem: texts.filter.problem({ kind: 'order', word }) }
}
