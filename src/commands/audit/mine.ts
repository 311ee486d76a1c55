import { SubjectView } from '../../audit/data-request/subject-view.ts'
import type { AuditLog } from '../../audit/entry/entry.ts'
import { allOf } from '../../roles/forget-person.repository.ts'
import { defineCommand } from '../command.ts'
import { asked, beforeSeq, entryPage } from './page.ts'
import { viewed, whyEmpty } from './view.ts'

export const mine = defineCommand({
  words: ['audit', 'mine'],
  role: 'USER',
  summary: 'The audit logs about yourself: what you did, and what others did to you, without who looked.',
  examples: ['audit mine'],
  sensitive: true,
  arguments: {},
  attemptedAction: () => 'VIEW_OWN_AUDIT_LOGS',
  denial: (texts) => texts.denied.viewAudit,
  run: async (context) => {
    const { texts, caller, reader, seals, eventTypes } = context
    const { account, userId } = caller.actor
    const who = await allOf({ db: reader, seals }, { userId, accounts: userId === undefined ? [account] : [] })
    const view = new SubjectView(who, eventTypes)
    // What they did themself they may see, whatever they may do now.
    const found = await context.logsFor('OWNER').involving(who, view.actions, asked(context), beforeSeq(context))
    const entries = found.map((entry): AuditLog => {
      const { metadata, ...shown } = view.show(entry)
      return { ...shown, ipAddress: null, userAgent: null, metadata: JSON.stringify(metadata) }
    })
    const page =
      entries.length === 0
        ? { text: `${texts.audit.noneForYou}\n${await whyEmpty(context, {})}`, shown: 0, next: undefined }
        : entryPage(context, entries, () => texts.audit.mineTitle)
    return viewed(context, { mine: true }, page, userId)
  },
})
