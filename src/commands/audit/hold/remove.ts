import { auditEvent } from '../../../audit/entry/entry.ts'
import { findHold, removeHold as release } from '../../../audit/remove/hold.repository.ts'
import { actedBy } from '../../acted-by.ts'
import { holdSubject } from '../../arguments/hold-subject.ts'
import { defineCommand } from '../../command.ts'
import { askConfirmation } from '../../confirmation.ts'
import { notesToOwners } from '../../owners.ts'

export const removeHold = defineCommand({
  words: ['audit', 'hold', 'remove'],
  role: 'OWNER',
  summary: 'End a legal hold. Another owner confirms it, or you where there is none.',
  examples: ['audit hold remove +1234567890', 'audit hold remove all'],
  sensitive: true,
  arguments: { subject: holdSubject },
  attemptedAction: () => 'REMOVE_LEGAL_HOLD',
  denial: (texts) => texts.denied.holds,
  judge: async ({ texts }) => ({ allowed: true, note: texts.why.confirmedErasure }),
  run: async (context, { subject }) => {
    const { texts, clock, requestedBy } = context
    return async (tx, caller) => {
      const { actor, place } = caller
      if ((await findHold(tx.db, subject)) === undefined)
        return { kind: 'not-found', text: texts.trail.notHeld(subject) }
      if (requestedBy === undefined) {
        const asked = { command: 'audit hold remove', values: { subject }, subject }
        return askConfirmation(context, tx, caller, { ...asked, what: texts.trail.release(subject) })
      }
      await release(tx.db, subject)
      await tx.append(auditEvent('AUDIT_HOLD_REMOVE', actor, place, { subject, requestedBy }))
      const text = texts.trail.released(subject, actedBy(actor, texts))
      return { kind: 'answered', text, notes: await notesToOwners(tx.db, text, [actor.phoneNumber], clock.now()) }
    }
  },
})
