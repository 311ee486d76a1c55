import { auditEvent } from '../../../audit/entry/entry.ts'
import { ALL_HELD, removeHold as release } from '../../../audit/remove/hold.repository.ts'
import { findPerson } from '../../../roles/person.ts'
import { actedBy } from '../../acted-by.ts'
import { holdSubject } from '../../arguments/hold-subject.ts'
import { defineCommand } from '../../command.ts'
import { askConfirmation } from '../../confirmation.ts'
import { notesToOwners } from '../../owners.ts'
import { holdOn } from './hold-on.ts'

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
      const hold = await holdOn(tx.db, subject)
      if (hold === undefined) return { kind: 'not-found', text: texts.trail.notHeld(subject) }
      if (requestedBy === undefined) {
        const asked = { command: 'audit hold remove', values: { subject }, subject }
        return askConfirmation(context, tx, caller, { ...asked, what: texts.trail.release(subject) })
      }
      const { userId } = subject === ALL_HELD ? { userId: undefined } : await findPerson(tx.db, subject)
      await release(tx.db, hold.subject)
      const metadata = { subject: hold.subject, requestedBy: requestedBy.account }
      await tx.append(auditEvent('AUDIT_HOLD_REMOVE', actor, place, metadata, userId))
      const text = texts.trail.released(subject, actedBy(actor, texts, requestedBy))
      return { kind: 'answered', text, notes: await notesToOwners(tx.db, text, [actor.userId], clock.now()) }
    }
  },
})
