import type { WriteTransaction } from '../storage/database.ts'
import type { Draft } from './draft.ts'
import type { AuditLog } from './entry.ts'

/**
 * Appends entries to the trail inside a write transaction, and moves its head. `seq` goes on from the head
 * without a gap; `created_at` is when the event was observed, but never before the entry ahead of it.
 */
export async function appendEntries(db: WriteTransaction, drafts: readonly Draft[]): Promise<readonly AuditLog[]> {
  const [head] = await db.$queryRaw<{ size: number; last: Date }[]>`
    SELECT size, last_created_at AS last FROM audit_head WHERE id = 1`
  if (head === undefined) throw new Error('The row of audit_head is missing.')
  let { last } = head
  for (const [index, draft] of drafts.entries()) {
    if (draft.createdAt > last) last = draft.createdAt
    draft.createdAt = last
    draft.seq = head.size + index
  }
  const rows = drafts.map((entry) => [
    entry.createdAt.getTime(),
    entry.id,
    entry.source,
    entry.category,
    entry.action,
    entry.description,
    entry.userId,
    entry.phoneNumber,
    entry.actorName,
    entry.userRole,
    entry.resourceType,
    entry.resourceId,
    entry.channelId,
    entry.requestId,
    entry.ipAddress,
    entry.userAgent,
    entry.metadata,
  ])
  // One statement with one parameter for the whole batch: bindings, not rows, are what costs.
  await db.$executeRaw`
    INSERT INTO audit_logs (seq, created_at, id, source, category, action, description, user_id, phone_number,
      actor_name, user_role, resource_type, resource_id, channel_id, request_id, ip_address, user_agent, metadata)
    SELECT ${BigInt(head.size)} + key, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6,
      value->>7, value->>8, value->>9, value->>10, value->>11, value->>12, value->>13, value->>14, value->>15, value->>16
    FROM jsonb_each(${JSON.stringify(rows)})`
  await db.$executeRaw`
    UPDATE audit_head SET size = ${BigInt(head.size + drafts.length)}, last_created_at = ${last} WHERE id = 1`
  return drafts
}
