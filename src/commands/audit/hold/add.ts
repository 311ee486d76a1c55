import { auditEvent } from '../../../audit/entry/entry.ts'
import { ALL_HELD, saveHold } from '../../../audit/remove/hold.repository.ts'
import { ownTime } from '../../../kernel/own-time.ts'
import { plainLine } from '../../../kernel/plain-text.ts'
import { findPerson } from '../../../roles/person.ts'
import { actedBy } from '../../acted-by.ts'
import { holdSubject } from '../../arguments/hold-subject.ts'
import { MAX_REASON, reason } from '../../arguments/reason.ts'
import { defineCommand } from '../../command.ts'
import { notesToOwners } from '../../owners.ts'
import { holdOn } from './hold-on.ts'

export const addHold = defineCommand({
  words: ['audit', 'hold', 'add'],
  role: 'OWNER',
  summary: 'Put a legal hold on the audit logs by and about somebody, or on all: nothing removes them until it ends.',
  examples: ['audit hold add +1234567890', 'audit hold add all the case of the lost parcel'],
  sensitive: true,
  arguments: { subject: holdSubject, reason },
  attemptedAction: () => 'ADD_LEGAL_HOLD',
  denial: (texts) => texts.denied.holds,
  run: async ({ texts, clock }, { subject, reason: typed }) => {
    const reason = plainLine(typed, MAX_REASON)
    return async (tx, { actor, place }) => {
      const { userId } = subject === ALL_HELD ? { userId: undefined } : await findPerson(tx.db, subject)
      if ((await holdOn(tx.db, subject)) !== undefined)
        return { kind: 'answered', text: texts.trail.heldAlready(subject) }
      const stated = reason === '' ? {} : { reason }
      const event = auditEvent('AUDIT_HOLD_ADD', actor, place, { subject, ...stated }, userId)
      const entry = await tx.append(event)
      const [heldBy, heldAt] = [entry.account, ownTime(entry)]
      await saveHold(tx.db, { subject, reason: null, ...stated, heldBy, heldAt })
      const text = texts.trail.held(subject, actedBy(actor, texts))
      return { kind: 'answered', text, notes: await notesToOwners(tx.db, text, [actor.userId], clock.now()) }
    }
  },
})
