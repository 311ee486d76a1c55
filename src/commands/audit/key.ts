import { auditEvent } from '../../audit/entry/entry.ts'
import { defineCommand } from '../command.ts'

export const trailKey = defineCommand({
  words: ['audit', 'key'],
  role: 'ADMIN',
  summary: 'The public key by which anybody can check the audit log, its checkpoints and proofs.',
  examples: ['audit key'],
  sensitive: true,
  arguments: {},
  attemptedAction: () => 'VIEW_AUDIT_KEY',
  denial: (texts) => texts.denied.viewAudit,
  run: async ({ evidence, texts }) => {
    const key = evidence.key()
    return async (tx, { actor, place }) => {
      await tx.append(auditEvent('AUDIT_KEY_VIEWED', actor, place, {}))
      return { kind: 'answered', text: texts.trail.key(key.toString(), key.name) }
    }
  },
})
