import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { type Clock, DAY } from '../kernel/clock.ts'
import { ChatwardenError } from '../kernel/errors.ts'
import type { AuditLogs } from './audit-log.repository.ts'
import type { AuditTransaction, AuditWriter } from './audit-writer.ts'
import { MAX_RUNS, mergeRuns, type Run, runsOf } from './coverage.ts'
import { auditEvent, SYSTEM, SYSTEM_PLACE } from './entry.ts'
import { coveredBy, deleteEntries, expired } from './removal.repository.ts'

/** How many rows one transaction deletes at most: more would keep writers waiting. */
const BATCH = 500

interface Span {
  readonly days: number
  readonly cutoff: Date
  /** The last entry that is old enough. */
  readonly throughSeq: number
}

/**
 * Removes entries older than `days` days (1 to 3650), each batch in one commit with the entry that says which; a run
 * that finds nothing is an entry too. A run that was interrupted is finished by the next one. Entries under a legal
 * hold stay, and those that say how something is now.
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
  const span = { days, cutoff, throughSeq: await logs.lastSeqBefore(cutoff) }
  for (let removed = 0, afterSeq = -1; ; ) {
    const batch = await writer.transaction((tx) =>
      removeBatch(tx, span, afterSeq, new Date(clock.now()), removed === 0),
    )
    removed += batch.length
    if (batch.length < BATCH) return removed
    afterSeq = batch.at(-1) ?? afterSeq
    await yieldToOthers()
  }
}

async function removeBatch(
  tx: AuditTransaction,
  { throughSeq, ...span }: Span,
  afterSeq: number,
  now: Date,
  isFirst: boolean,
): Promise<readonly number[]> {
  const seqs = await expired(tx.db, { afterSeq, throughSeq }, now, BATCH)
  if (seqs.length === 0 && !isFirst) return seqs
  const removed = runsOf(seqs)
  // Retentions of long ago are among what goes. What they covered is still missing, so it is said again.
  const inherited = await coveredBy(tx.db, seqs)
  const ranges = mergeRuns([...removed, ...inherited])
  const say = (ranges: readonly Run[], deletedCount: number) =>
    tx.append(
      auditEvent('AUDIT_RETENTION', SYSTEM, SYSTEM_PLACE, {
        retentionDays: span.days,
        cutoff: span.cutoff.toISOString(),
        ranges: ranges.map(([first, last]) => [first, last]),
        deletedCount,
      }),
    )
  if (ranges.length > MAX_RUNS) {
    for (let from = 0; from < inherited.length; from += MAX_RUNS) await say(inherited.slice(from, from + MAX_RUNS), 0)
    await say(removed, seqs.length)
  } else await say(ranges, seqs.length)
  await deleteEntries(tx.db, seqs)
  return seqs
}
