import { archives } from '../../audit/archive/archive.repository.ts'
import { type ErasureRequest, isUnderHold } from '../../audit/remove/erasure.ts'
import { maskPhone } from '../../kernel/phone.ts'
import { findUser } from '../../roles/stored-user.repository.ts'
import { actedBy } from '../acted-by.ts'
import { phone } from '../arguments/phone.ts'
import { rest } from '../arguments/rest.ts'
import { type Caller, type CommandContext, defineCommand, type Outcome } from '../command.ts'
import { askConfirmation } from '../confirmation.ts'
import { notesToOwners } from '../owners.ts'

const reason = rest({
  placeholder: '[reason…]',
  limit: 200,
  absent: '',
  problem: (texts) => texts.arguments.reason,
})

export const erase = defineCommand({
  words: ['audit', 'erase'],
  role: 'OWNER',
  summary:
    'Erase the audit logs by and about one person, for good. Another owner confirms it, or you where there is none. What says who may do what stays until its retention.',
  examples: ['audit erase +1234567890', 'audit erase +1234567890 asked for it by letter'],
  sensitive: true,
  arguments: { phone, reason },
  attemptedAction: () => 'ERASE_AUDIT_LOGS',
  denial: (texts) => texts.denied.erase,
  judge: async ({ texts }, { phone }, asker) =>
    phone === asker
      ? { allowed: false, text: texts.trail.eraseSelf }
      : { allowed: true, note: texts.why.confirmedErasure },
  run: async (context, { phone, reason }) => {
    const { texts, requestedBy, erasure } = context
    return async (tx, caller) => {
      const attempt = { attemptedAction: 'ERASE_AUDIT_LOGS', reason: 'SELF' }
      if (phone === caller.phone || phone === requestedBy)
        return { kind: 'denied', text: texts.trail.eraseSelf, ...attempt }
      if (await isUnderHold(tx.db, phone)) return { kind: 'not-found', text: texts.trail.underHold(phone) }
      if (requestedBy !== undefined) return eraseNow(context, tx, caller, { phone, reason })
      // The entry must not name whom it is about to forget.
      const asked = { command: 'audit erase', values: { phone, reason }, subject: erasure.hashOf(phone) }
      return askConfirmation(context, tx, caller, { ...asked, what: texts.trail.erase(phone), notBy: phone })
    }
  },
})

async function eraseNow(
  context: CommandContext,
  tx: Parameters<typeof askConfirmation>[1],
  { actor, place }: Caller,
  { phone, reason }: { readonly phone: string; readonly reason: string },
): Promise<Outcome> {
  const { texts, requestedBy, erasure, settings, own, clock } = context
  const user = await findUser(tx.db, phone)
  const request: ErasureRequest = {
    subject: { userId: user?.id, phoneNumber: phone },
    actor,
    place,
    reason: reason === '' ? undefined : reason,
    requestedBy,
  }
  const counts = await erasure.erase(tx, request)
  // No longer the whole number: this answer waits in the database until it has arrived.
  const text = texts.trail.erased({
    ...counts,
    phone: maskPhone(phone),
    retentionDays: settings.get(own.retentionDays),
    isKnown: user !== undefined,
    archives: (await archives(context.reader)).length,
    by: actedBy(actor, texts),
  })
  return { kind: 'answered', text, notes: await notesToOwners(tx.db, text, [actor.phoneNumber, phone], clock.now()) }
}
