import { auditEvent } from '../../audit/entry/entry.ts'
import { findCheckpoint } from '../../audit/tree/checkpoint.ts'
import { CheckpointError, type Verification } from '../../audit/verify/verify.ts'
import { rest } from '../arguments/rest.ts'
import { type CommandContext, defineCommand } from '../command.ts'

/** Above this it takes long enough to say so first. */
const LONG = 20_000

const checkpoint = rest({
  placeholder: '[checkpoint]',
  limit: 4000,
  absent: '',
  problem: (texts) => texts.arguments.checkpoint,
})

export const verifyTrail = defineCommand({
  words: ['audit', 'verify'],
  role: 'ADMIN',
  summary:
    'Check that nothing in the audit log was changed from outside. Paste a checkpoint that you kept, and it is compared too.',
  examples: ['audit verify'],
  sensitive: true,
  arguments: { checkpoint },
  attemptedAction: () => 'VERIFY_AUDIT_LOGS',
  denial: (texts) => texts.denied.viewAudit,
  run: async (context, { checkpoint: pasted }) => {
    const { texts, prefix, caller } = context
    const kept = pasted === '' ? undefined : findCheckpoint(pasted)
    if (pasted !== '' && kept === undefined) return async () => ({ kind: 'usage', text: texts.arguments.checkpoint })
    const verification = await verified(context, kept)
    if (verification instanceof CheckpointError)
      return async () => ({ kind: 'usage', text: texts.trail.badCheckpoint(verification.message) })
    const { size, findings, extends: checkpointSize } = verification
    return async (tx, { actor, place }) => {
      await tx.append(auditEvent('AUDIT_VERIFIED', actor, place, { size, findings: findings.length, checkpointSize }))
      return { kind: 'answered', text: texts.trail.verified(verification, prefix, caller.role === 'OWNER') }
    }
  },
})

async function verified(
  { evidence, texts, progress }: CommandContext,
  kept: string | undefined,
): Promise<Verification | CheckpointError> {
  const head = await evidence.checkpoint()
  if (head !== undefined && head.size > LONG) progress(texts.trail.verifying(head.size))
  try {
    return await evidence.verify(kept)
  } catch (error) {
    if (error instanceof CheckpointError) return error
    throw error
  }
}
