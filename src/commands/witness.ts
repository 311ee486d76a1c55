import { auditEvent, SYSTEM, SYSTEM_PLACE } from '../audit/entry/entry.ts'
import { witnesses } from '../audit/verify/witness.repository.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import type { Source } from '../kernel/message.ts'
import type { WriteTransaction } from '../storage/contract.ts'
import type { Note, Services } from './command.ts'
import { keepNotes } from './keep-notes.ts'
import { reachableOwners } from './owners.ts'

/** The checkpoint for every owner who asked for it but the one, by their id, who gets it as an answer. */
export async function checkpointNotes(
  db: WriteTransaction,
  text: string,
  but: string | undefined,
  now: number,
): Promise<Note[]> {
  const asked = new Set(await witnesses(db))
  const owners = await reachableOwners(db, now)
  return owners
    .filter(({ id }) => asked.has(id) && id !== but)
    .map(({ account }) => ({ account, text, role: 'OWNER' as const }))
}

/** Sends the checkpoint to those who asked for it each day, by the chat named. */
export async function sendDailyCheckpoint(
  tx: AuditTransaction,
  source: Source,
  { evidence, texts, clock }: Pick<Services, 'evidence' | 'texts' | 'clock'>,
): Promise<void> {
  const head = await evidence.checkpoint()
  if (head === undefined) return
  const now = clock.now()
  const notes = await checkpointNotes(tx.db, texts.trail.checkpoint(head), undefined, now)
  if (notes.length === 0) return
  await tx.append(
    auditEvent('AUDIT_CHECKPOINT_SENT', SYSTEM, SYSTEM_PLACE, { size: head.size, recipients: notes.length }),
  )
  await keepNotes(tx, source, notes, now)
}
