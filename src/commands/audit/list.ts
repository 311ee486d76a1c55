import { DAY } from '../../kernel/clock.ts'
import { days } from '../arguments/days.ts'
import { defineCommand } from '../command.ts'
import { asked, beforeSeq, entryPage } from './page.ts'
import { viewed, whyEmpty } from './view.ts'

export const list = defineCommand({
  words: ['audit', 'list'],
  role: 'ADMIN',
  summary: 'The latest audit logs, of the last 7 days or as many as you say (at most 365).',
  examples: ['audit list', 'audit list 30'],
  sensitive: true,
  arguments: { days: days(7) },
  attemptedAction: () => 'VIEW_AUDIT_LOGS',
  denial: (texts) => texts.denied.viewAudit,
  run: async (context, { days }) => {
    const { logs, texts, clock } = context
    const range = { startDate: new Date(clock.now() - days * DAY) }
    const entries = await logs.query({ ...range, beforeSeq: beforeSeq(context), limit: asked(context) })
    const page =
      entries.length === 0
        ? { text: `${texts.audit.noneInDays(days)}\n${await whyEmpty(context, range)}`, shown: 0, next: undefined }
        : entryPage(context, entries, (shown) =>
            context.position === undefined ? texts.audit.listTitle(days, shown) : texts.audit.olderTitle(days, shown),
          )
    return viewed(context, { days }, page)
  },
})
