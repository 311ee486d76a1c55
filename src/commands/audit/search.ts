import { recordOf } from '../../audit/read/filter-grammar.ts'
import { filters } from '../arguments/filters.ts'
import { defineCommand } from '../command.ts'
import { meant } from './filtered.ts'
import { asked, beforeSeq, entryPage, upTo } from './page.ts'
import { viewed, whyEmpty } from './view.ts'

/** Counting goes this far: it is done for every page, and nobody pages further. */
const MOST_COUNTED = 1000

export const search = defineCommand({
  words: ['audit', 'search'],
  role: 'ADMIN',
  summary:
    'Audit logs by category, action, actor, target, channel, request, source, text and time, newest first. Every filter has to hold; several values with commas.',
  examples: [
    'audit search category:SECURITY since:7d',
    'audit search action:ROLE_CHANGE,WHITELIST_ADD actor:+1234567890',
    'audit search text:"rate limit" since:2026-02-01 until:2026-02-28',
  ],
  sensitive: true,
  arguments: { filters: filters({ placeholder: '<filters…>', mayBeAbsent: false }) },
  attemptedAction: () => 'VIEW_AUDIT_LOGS',
  denial: (texts) => texts.denied.viewAudit,
  run: async (context, { filters: words }) => {
    const { logs, texts } = context
    const read = await meant(context, words)
    if ('problem' in read) return async () => ({ kind: 'usage', text: read.problem })
    const { filter } = read
    const [entries, count] = await Promise.all([
      logs.query({ ...filter, beforeSeq: beforeSeq(context), limit: asked(context) }),
      logs.count(filter, MOST_COUNTED + 1),
    ])
    const page =
      entries.length === 0
        ? { text: `${texts.filter.none(words)}\n${await whyEmpty(context, filter)}`, shown: 0, next: undefined }
        : entryPage(context, entries, () => texts.filter.title(words, upTo(count, MOST_COUNTED)))
    return viewed(context, recordOf(words), page)
  },
})
