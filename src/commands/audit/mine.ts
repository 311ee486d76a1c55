import type { AuditLog } from '../../audit/entry/entry.ts'
import { maskPhone } from '../../kernel/phone.ts'
import { defineCommand } from '../command.ts'
import { asked, beforeSeq, entryPage, shownActor } from './page.ts'
import { viewed, whyEmpty } from './view.ts'

export const mine = defineCommand({
  words: ['audit', 'mine'],
  role: 'USER',
  summary: 'The audit logs about yourself: what you did and what was done to you.',
  examples: ['audit mine'],
  sensitive: true,
  arguments: {},
  attemptedAction: () => 'VIEW_OWN_AUDIT_LOGS',
  denial: (texts) => texts.denied.viewAudit,
  run: async (context) => {
    const { logs, texts, caller } = context
    const phone = caller.phone ?? ''
    const found = await logs.involving(phone, asked(context), beforeSeq(context))
    const entries = found.map((entry) => ownDataOnly(entry, phone))
    const page =
      entries.length === 0
        ? { text: `${texts.audit.noneForYou}\n${await whyEmpty(context, {})}`, shown: 0, next: undefined }
        : entryPage(
            context,
            entries,
            () => texts.audit.mineTitle,
            (entry) => shownActor(context, entry),
          )
    return viewed(context, { mine: true }, page)
  },
})

/** Other people's numbers and names are not the caller's data. */
function ownDataOnly(entry: AuditLog, own: string): AuditLog {
  const mask = (text: string) => text.replace(/\+[0-9]{7,15}/g, (phone) => (phone === own ? phone : maskPhone(phone)))
  if (entry.phoneNumber === own) return { ...entry, description: mask(entry.description) }
  // Ids of platforms (a LID) are masked like numbers; SYSTEM and GLOBAL are too short to be any.
  const phoneNumber = maskPhone(entry.phoneNumber)
  return {
    ...entry,
    phoneNumber,
    actorName: null,
    description: mask(entry.description),
    metadata: withoutNames(entry.metadata),
  }
}

/** That somebody else typed it is shown; who that was is their own affair. */
function withoutNames(metadata: string): string {
  const isTyped = (JSON.parse(metadata) as { operator?: unknown }).operator !== undefined
  return isTyped ? JSON.stringify({ operator: "somebody at the bot's machine" }) : '{}'
}
