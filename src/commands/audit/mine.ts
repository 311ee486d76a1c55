import { OthersMask } from '../../audit/data-request/mask-others.ts'
import { shownEntry } from '../../audit/data-request/shown-entry.ts'
import type { AuditLog } from '../../audit/entry/entry.ts'
import { accountsOfUser } from '../../roles/link.repository.ts'
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
    const { logs, texts, caller, reader } = context
    const { account, userId } = caller.actor
    const accounts = userId === undefined ? [account] : await accountsOfUser(reader, userId)
    const found = await logs.involving({ userId, accounts }, asked(context), beforeSeq(context))
    const mask = new OthersMask(accounts)
    const entries = found.map((entry) => ownDataOnly(entry, accounts, userId, mask))
    const page =
      entries.length === 0
        ? { text: `${texts.audit.noneForYou}\n${await whyEmpty(context, {})}`, shown: 0, next: undefined }
        : entryPage(
            context,
            entries,
            () => texts.audit.mineTitle,
            (entry) => shownActor(context, entry),
          )
    return viewed(context, { mine: true }, page, userId)
  },
})

/** Other people's accounts and names are not the caller's data. */
function ownDataOnly(entry: AuditLog, own: readonly string[], userId: string | undefined, mask: OthersMask): AuditLog {
  const { description } = shownEntry(entry, { userId, accounts: own }, mask)
  if (own.includes(entry.account) || (userId !== undefined && entry.userId === userId)) return { ...entry, description }
  const account = mask.account(entry.account)
  return {
    ...entry,
    account,
    phoneNumber: account,
    actorName: null,
    description,
    metadata: withoutNames(entry.metadata),
  }
}

/** That somebody else typed it is shown; who that was is their own affair. */
function withoutNames(metadata: string): string {
  const isTyped = (JSON.parse(metadata) as { operator?: unknown }).operator !== undefined
  return isTyped ? JSON.stringify({ operator: "somebody at the bot's machine" }) : '{}'
}
