import { auditEvent } from '../../audit/entry/entry.ts'
import { addWitness, isWitness, removeWitness } from '../../audit/verify/witness.repository.ts'
import { word } from '../arguments/word.ts'
import { type CommandContext, type Commit, defineCommand } from '../command.ts'
import { checkpointNotes } from '../witness.ts'

const choice = word({
  placeholder: '[daily|off]',
  pattern: /^(?:daily|off)$/i,
  absent: '',
  problem: (texts) => texts.arguments.witness,
})

export const checkpoint = defineCommand({
  words: ['audit', 'checkpoint'],
  role: 'OWNER',
  summary:
    'The signed checkpoint of the audit log, for you and every owner who asked for it. With daily you get it each day, with off no longer.',
  examples: ['audit checkpoint', 'audit checkpoint daily', 'audit checkpoint off'],
  sensitive: true,
  arguments: { choice },
  attemptedAction: () => 'AUDIT_CHECKPOINT',
  denial: (texts) => texts.denied.checkpoint,
  run: async (context, { choice }) =>
    choice === '' ? send(context) : subscribe(context, choice.toLowerCase() === 'daily'),
})

async function send({ evidence, texts, clock }: CommandContext): Promise<Commit> {
  const head = await evidence.checkpoint()
  if (head === undefined) return async () => ({ kind: 'not-found', text: texts.trail.noCheckpoint })
  const text = texts.trail.checkpoint(head)
  return async (tx, { actor, place }) => {
    const notes = await checkpointNotes(tx.db, text, actor.userId, clock.now())
    const recipients = notes.length + 1
    await tx.append(auditEvent('AUDIT_CHECKPOINT_SENT', actor, place, { size: head.size, recipients }))
    return { kind: 'answered', text, notes }
  }
}

function subscribe({ texts }: CommandContext, wanted: boolean): Commit {
  return async (tx, { actor, place }) => {
    // Only owners come here, and those are users.
    const { account: targetUser, userId = '' } = actor
    if ((await isWitness(tx.db, userId)) === wanted)
      return { kind: 'answered', text: texts.trail.witnessUnchanged(wanted) }
    const action = wanted ? 'AUDIT_WITNESS_ADD' : 'AUDIT_WITNESS_REMOVE'
    const { createdAt } = await tx.append(auditEvent(action, actor, place, { targetUser }, userId))
    if (wanted) await addWitness(tx.db, userId, createdAt)
    else await removeWitness(tx.db, userId)
    return { kind: 'answered', text: wanted ? texts.trail.witnessAdded : texts.trail.witnessRemoved }
  }
}
