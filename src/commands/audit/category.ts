import { category } from '../arguments/category.ts'
import { defineCommand } from '../command.ts'
import { asked, beforeSeq, entryPage } from './page.ts'
import { viewed, whyEmpty } from './view.ts'

export const byCategory = defineCommand({
  words: ['audit', 'category'],
  role: 'ADMIN',
  summary: 'Audit logs of one category: AUTH, CONFIG, ADMIN or SECURITY.',
  examples: ['audit category SECURITY'],
  sensitive: true,
  arguments: { category },
  attemptedAction: () => 'VIEW_AUDIT_LOGS',
  denial: (texts) => texts.denied.viewAudit,
  run: async (context, { category }) => {
    const { logs, texts } = context
    const entries = await logs.query({ category, beforeSeq: beforeSeq(context), limit: asked(context) })
    const page =
      entries.length === 0
        ? {
            text: `${texts.audit.noneForCategory(category)}\n${await whyEmpty(context, {})}`,
            shown: 0,
            next: undefined,
          }
        : entryPage(context, entries, () => texts.audit.categoryTitle(category))
    return viewed(context, { category }, page)
  },
})
