import { phone } from '../arguments/phone.ts'
import { defineCommand } from '../command.ts'
import { asked, beforeSeq, entryPage, upTo } from './page.ts'
import { viewed, whyEmpty } from './view.ts'

/** Counting goes this far: it is done for every page, and nobody pages further. */
const MOST_COUNTED = 1000

export const user = defineCommand({
  words: ['audit', 'user'],
  role: 'ADMIN',
  summary: 'What one person did, newest first.',
  examples: ['audit user +1234567890'],
  sensitive: true,
  arguments: { phone },
  attemptedAction: () => 'VIEW_AUDIT_LOGS',
  denial: (texts) => texts.denied.viewAudit,
  run: async (context, { phone }) => {
    const { logs, texts } = context
    const [entries, by, about] = await Promise.all([
      logs.query({ phoneNumber: phone, beforeSeq: beforeSeq(context), limit: asked(context) }),
      logs.count({ phoneNumber: phone }, MOST_COUNTED + 1),
      logs.count({ targetPhoneNumber: phone }, MOST_COUNTED + 1),
    ])
    const aboutThem = about === 0 ? '' : `\n${texts.audit.aboutThem(upTo(about, MOST_COUNTED))}`
    const title = `${texts.audit.userTitle(phone)}\n${texts.audit.found(upTo(by, MOST_COUNTED))}${aboutThem}`
    const page =
      entries.length === 0
        ? {
            text: `${texts.audit.noneForPhone(phone)}${aboutThem}\n${await whyEmpty(context, {})}`,
            shown: 0,
            next: undefined,
          }
        : entryPage(context, entries, () => title)
    return viewed(context, { phoneNumber: phone }, page)
  },
})
