import { writeFile } from 'node:fs/promises'
import { auditEvent } from '../../audit/entry/entry.ts'
import { word } from '../arguments/word.ts'
import { defineCommand } from '../command.ts'

const entry = word({
  placeholder: '<id>',
  pattern: /^(?:[0-9]{1,15}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i,
  problem: (texts) => texts.arguments.entry,
})

export const proof = defineCommand({
  words: ['audit', 'proof'],
  role: 'ADMIN',
  summary: 'Proof that an entry is in the audit log, for somebody who need not trust us: by its id, or its number.',
  examples: ['audit proof 01938e2b-7c1d-7a3e-9f00-5d2c4b1a0e9f', 'audit proof 42'],
  sensitive: true,
  arguments: { entry },
  attemptedAction: () => 'PROVE_AUDIT_LOG',
  denial: (texts) => texts.denied.viewAudit,
  run: async ({ evidence, logs, texts, outgoingFile }, { entry }) => {
    const found = await evidence.proofOf(entry.includes('-') ? { id: entry.toLowerCase() } : { seq: Number(entry) })
    if (found === undefined || logs.hides(found.action))
      return async () => ({ kind: 'not-found', text: texts.trail.noSuchEntry })
    const { seq, id, proof, record } = found
    const files = [
      { name: `entry-${id}.tlog-proof`, mimeType: 'text/plain', text: proof },
      { name: `entry-${id}.json`, mimeType: 'application/json', text: record },
    ]
    const attachments = await Promise.all(
      files.map(async ({ name, mimeType, text }) => {
        const path = await outgoingFile(name)
        await writeFile(path, text, { mode: 0o600 })
        return { kind: 'document' as const, name, mimeType, path }
      }),
    )
    return async (tx, { actor, place }) => {
      await tx.append(auditEvent('AUDIT_PROOF_GIVEN', actor, place, { entryId: id, entrySeq: seq }))
      return { kind: 'answered', text: texts.trail.proof(seq), attachments }
    }
  },
})
