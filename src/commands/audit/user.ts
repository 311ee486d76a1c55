import { findPerson, whoOf } from '../../roles/person.ts'
import { person } from '../arguments/person.ts'
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
  arguments: { target: person },
  attemptedAction: () => 'VIEW_AUDIT_LOGS',
  denial: (texts) => texts.denied.viewAudit,
  run: async (context, { target }) => {
    const { logs, reader, texts } = context
    const who = whoOf(await findPerson(reader, target))
    const [entries, by, about] = await Promise.all([
      logs.query({ by: who, beforeSeq: beforeSeq(context), limit: asked(context) }),
      logs.count({ by: who }, MOST_COUNTED + 1),
      logs.count({ about: who }, MOST_COUNTED + 1),
    ])
    const aboutThem = about === 0 ? '' : `\n${texts.audit.aboutThem(upTo(about, MOST_COUNTED))}`
    const title = `${texts.audit.userTitle(target)}\n${texts.audit.found(upTo(by, MOST_COUNTED))}${aboutThem}`
    const page =
      entries.length === 0
        ? {
            text: `${texts.audit.noneForAccount(target)}${aboutThem}\n${await whyEmpty(context, {})}`,
            shown: 0,
            next: undefined,
          }
        : entryPage(context, entries, () => title)
    return viewed(context, { phoneNumber: target }, page, who.userId)
  },
})
