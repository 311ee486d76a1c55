import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { type Clock, DAY } from '../kernel/clock.ts'
import { ChatwardenError } from '../kernel/errors.ts'
import { type AuditLogs, deleteExpired } from './audit-log.repository.ts'
import type { AuditWriter } from './audit-writer.ts'
import { auditEvent, SYSTEM, SYSTEM_PLACE } from './entry.ts'

/** How many rows one transaction deletes at most: more would keep writers waiting. */
const BATCH = 500

/**
 * Removes entries older than `days` days (1 to 3650): first the entry that says so, then the rows it covers. A run
 * that was interrupted is finished by the next one.
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
  const deletedCount = throughSeq < 0 ? 0 : await logs.count({ endDate: new Date(cutoff.getTime() - 1) })
  await writer.append(
    auditEvent('AUDIT_RETENTION', SYSTEM, SYSTEM_PLACE, {
      retentionDays: days,
      cutoff: cutoff.toISOString(),
      throughSeq,
      deletedCount,
    }),
  )
  for (let left = deletedCount; left > 0; ) {
    const removed = await writer.transaction(({ db }) => deleteExpired(db, throughSeq, BATCH))
    if (removed === 0) break
    left -= removed
    await yieldToOthers()
  }
  return deletedCount
}
