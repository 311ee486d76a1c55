import type { Draft } from '../entry/draft.ts'
import { type AuditEvent, auditEvent, SYSTEM, SYSTEM_PLACE } from '../entry/entry.ts'
import type { Appending } from './appender.ts'
import { lastLag, TOLD_FOR } from './clock-doubt.repository.ts'

/**
 * Says that the clock was set back, where entries of this transaction have the time of one before: once for all processes. Until
 * the clock has caught up, all entries have that time, and by this one those are found that have another of their own.
 * @returns the last entry that it has written.
 */
export async function noticeLags(
  appending: Appending,
  draft: (event: AuditEvent) => Draft,
): Promise<Draft | undefined> {
  let last: Draft | undefined
  // What it appends may stand still too, and comes then.
  for (const [time, behindMs] of appending.lags) {
    const told = await lastLag(appending.db)
    if (told !== undefined && time >= told && time <= told + TOLD_FOR) continue
    last = draft(auditEvent('CLOCK_JUMP', SYSTEM, SYSTEM_PLACE, { behindMs, at: new Date(time).toISOString() }))
    await appending.append([last])
  }
  return last
}
