import { archives } from '../../audit/archive/archive.repository.ts'
import type { ErasureRequest } from '../../audit/remove/erasure.ts'
import { heldNow, holdsPerson } from '../../audit/remove/hold.repository.ts'
import { type Account, maskAccount } from '../../kernel/account.ts'
import { findPerson, isSame } from '../../roles/person.ts'
import { actedBy } from '../acted-by.ts'
import { person } from '../arguments/person.ts'
import { reason } from '../arguments/reason.ts'
import { type Caller, type CommandContext, defineCommand, type Outcome } from '../command.ts'
import { askConfirmation } from '../confirmation.ts'
import { notesToOwners } from '../owners.ts'

export const erase = defineCommand({
  words: ['audit', 'erase'],
  role: 'OWNER',
  summary:
    'Erase the audit logs by and about one person, for good. Another owner confirms it, or you where there is none. What says who may do what stays until its retention.',
  examples: ['audit erase +1234567890', 'audit erase +1234567890 asked for it by letter'],
  sensitive: true,
  arguments: { target: person, reason },
  attemptedAction: () => 'ERASE_AUDIT_LOGS',
  denial: (texts) => texts.denied.erase,
  judge: async ({ texts, reader }, { target }, asker) =>
    isSame(await findPerson(reader, target), await findPerson(reader, asker))
      ? { allowed: false, text: texts.trail.eraseSelf }
      : { allowed: true, note: texts.why.confirmedErasure },
  run: async (context, { target, reason }) => {
    const { texts, requestedBy, erasure } = context
    return async (tx, caller) => {
      const attempt = { attemptedAction: 'ERASE_AUDIT_LOGS', reason: 'SELF' }
      const person = await findPerson(tx.db, target)
      const isOwn = [caller.actor.userId, requestedBy?.id].includes(person.userId ?? '')
      if (isOwn || person.accounts.includes(caller.actor.account as Account))
        return { kind: 'denied', text: texts.trail.eraseSelf, ...attempt }
      if (holdsPerson(await heldNow(tx.db), person)) return { kind: 'not-found', text: texts.trail.underHold(target) }
      if (requestedBy !== undefined) return eraseNow(context, tx, caller, { target, reason })
      // The entry must not name whom it is about to forget.
      const asked = { command: 'audit erase', values: { target, reason }, subject: erasure.hashOf(target) }
      return askConfirmation(context, tx, caller, {
        ...asked,
        what: texts.trail.erase(target, reason),
        notBy: [person.userId],
      })
    }
  },
})

async function eraseNow(
  context: CommandContext,
  tx: Parameters<typeof askConfirmation>[1],
  { actor, place }: Caller,
  { target, reason }: { readonly target: Account; readonly reason: string },
): Promise<Outcome> {
  const { texts, requestedBy, erasure, settings, own, clock } = context
  const { user, userId, accounts } = await findPerson(tx.db, target)
  const request: ErasureRequest = {
    subject: { userId, accounts },
    actor,
    place,
    reason: reason === '' ? undefined : reason,
    requestedBy: requestedBy?.account,
  }
  const counts = await erasure.erase(tx, request)
  // No longer the whole number: this answer waits in the database until it has arrived.
  const text = texts.trail.erased({
    ...counts,
    account: maskAccount(target),
    retentionDays: settings.get(own.retentionDays),
    isKnown: user !== undefined,
    archives: (await archives(context.reader)).length,
    by: actedBy(actor, texts, requestedBy),
  })
  return { kind: 'answered', text, notes: await notesToOwners(tx.db, text, [actor.userId, userId], clock.now()) }
}
