import { ChatwardenError } from '../kernel/errors.ts'
import { deleteEntries, erasable, type Subject } from './audit-log.repository.ts'
import type { AuditTransaction, AuditWriter } from './audit-writer.ts'
import { type Actor, auditEvent, type Place } from './entry.ts'

/** How many rows one transaction erases at most; each has its own entry, so the ranges always fit into it. */
const BATCH = 500

/**
 * Erases the entries of one person, as actor or as the person acted upon, found by user id and by number. AUTH
 * and CONFIG entries stay until their retention: they establish who may do what.
 * @returns how many entries were erased.
 */
export async function eraseSubject(writer: AuditWriter, subject: Subject, actor: Actor, place: Place): Promise<number> {
  // Their own erasure would be an entry about them, and so without end; the design forbids it anyway.
  if (actor.phoneNumber === subject.phoneNumber) throw new ChatwardenError('NOT_PERMITTED', 'Nobody erases themself.')
  for (let erased = 0; ; ) {
    const count = await writer.transaction((tx) => eraseBatch(tx, subject, actor, place))
    if (count === 0) return erased
    erased += count
  }
}

async function eraseBatch(tx: AuditTransaction, subject: Subject, actor: Actor, place: Place): Promise<number> {
  const seqs = await erasable(tx.db, subject, BATCH)
  if (seqs.length === 0) return 0
  await tx.append(auditEvent('AUDIT_ERASURE', actor, place, { ranges: ranges(seqs), erasedCount: seqs.length }))
  await deleteEntries(tx.db, seqs)
  return seqs.length
}

/** Ascending numbers as runs: 1, 2, 3, 7 become [1, 3], [7, 7]. */
function ranges(seqs: readonly number[]): [number, number][] {
  const runs: [number, number][] = []
  for (const seq of seqs) {
    const last = runs.at(-1)
    if (last !== undefined && last[1] === seq - 1) last[1] = seq
    else runs.push([seq, seq])
  }
  return runs
}
