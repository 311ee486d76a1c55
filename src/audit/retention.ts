import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { type Clock, DAY } from '../kernel/clock.ts'
import { ChatwardenError } from '../kernel/errors.ts'
import { type AuditLogs, deleteEntries, expired } from './audit-log.repository.ts'
import type { AuditTransaction, AuditWriter } from './audit-writer.ts'
import { auditEvent, SYSTEM, SYSTEM_PLACE } from './entry.ts'

/** How many rows one transaction deletes at most: more would keep writers waiting. */
const BATCH = 500

/**
 * Removes entries older than `days` days (1 to 3650), each batch in one commit with the entry that says so; a run
 * that finds nothing is an entry too. A run that was interrupted is finished by the next one.
 * @returns how many entries were removed.
 * @throws {ChatwardenError} `INVALID_ARGUMENT` for anything but a whole number in range: nothing is removed then.
 */
export async function removeExpired(writer: AuditWriter, logs: AuditLogs, clock: Clock, days: number): Promise<number> {
  if (!Number.isInteger(days) || days < 1 || days > 3650)
    throw new ChatwardenError(
      'INVALID_ARGUMENT',
      `Retention must be a whole number of days from 1 to 3650, not ${String(days)}.`,
    )
  const cutoff = new Date(clock.now() - days * DAY)
  const throughSeq = await logs.lastSeqBefore(cutoff)
  for (let removed = 0; ; ) {
    const count = await writer.transaction((tx) => removeBatch(tx, days, cutoff, throughSeq, removed === 0))
    removed += count
    if (count < BATCH) return removed
    await yieldToOthers()
  }
}

async function removeBatch(tx: AuditTransaction, days: number, cutoff: Date, throughSeq: number, isFirst: boolean) {
  const seqs = await expired(tx.db, throughSeq, BATCH)
  if (seqs.length === 0 && !isFirst) return 0
  await tx.append(
    auditEvent('AUDIT_RETENTION', SYSTEM, SYSTEM_PLACE, {
      retentionDays: days,
      cutoff: cutoff.toISOString(),
      throughSeq: seqs.at(-1) ?? -1,
      deletedCount: seqs.length,
    }),
  )
  await deleteEntries(tx.db, seqs)
  return seqs.length
}
