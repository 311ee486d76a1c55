import { recordOf } from '../../audit/read/filter-grammar.ts'
import { filters } from '../arguments/filters.ts'
import { defineCommand } from '../command.ts'
import { meant, withinDays } from './filtered.ts'
import { asked, beforeSeq, entryPage } from './page.ts'
import { viewed, whyEmpty } from './view.ts'

export const list = defineCommand({
  words: ['audit', 'list'],
  role: 'ADMIN',
  summary: 'The latest audit logs, of the last 7 days or as many as you say (at most 365), all or those of a filter.',
  examples: ['audit list', 'audit list 30', 'audit list 30 category:SECURITY'],
  sensitive: true,
  arguments: { filters: filters({ placeholder: '[days] [filters…]', mayBeAbsent: true }) },
  attemptedAction: () => 'VIEW_AUDIT_LOGS',
  denial: (texts) => texts.denied.viewAudit,
  run: async (context, { filters }) => {
    const { logs, texts } = context
    const words = withinDays(filters, 7)
    const { days, ...others } = words
    const isPlain = days !== undefined && Object.keys(others).length === 0
    const read = await meant(context, words)
    if ('problem' in read) return async () => ({ kind: 'usage', text: read.problem })
    const { filter } = read
    const entries = await logs.query({ ...filter, beforeSeq: beforeSeq(context), limit: asked(context) })
    const title = (shown: number) => {
      if (!isPlain) return texts.audit.filteredTitle(texts.filter.described(words), shown)
      return context.position === undefined ? texts.audit.listTitle(days, shown) : texts.audit.olderTitle(days, shown)
    }
    const none = isPlain ? texts.audit.noneInDays(days) : texts.filter.none(words)
    const page =
      entries.length === 0
        ? { text: `${none}\n${await whyEmpty(context, filter)}`, shown: 0, next: undefined }
        : entryPage(context, entries, title)
    return viewed(context, recordOf(words), page)
  },
})
