import type { Reader } from '../../storage/contract.ts'
import type { AuditEntry } from '../entry/entry.ts'

/** An entry with what its leaf needs besides. */
export type ProvableEntry = AuditEntry & { readonly nonce: Uint8Array }

/** The entry of that id, or of that `seq`. */
export async function provableEntry(
  db: Pick<Reader, '$queryRaw'>,
  key: { readonly id: string } | { readonly seq: number },
): Promise<ProvableEntry | undefined> {
  const [id, seq] = 'id' in key ? [key.id, null] : [null, BigInt(key.seq)]
  const [row] = await db.$queryRaw<ProvableEntry[]>`
    SELECT seq, id, created_at AS "createdAt", source, category, action, description, user_id AS "userId",
      account, actor_name AS "actorName", user_role AS "userRole", resource_type AS "resourceType",
      resource_id AS "resourceId", subject_id AS "subjectId", channel_id AS "channelId", request_id AS "requestId", ip_address AS "ipAddress",
      user_agent AS "userAgent", metadata, nonce
    FROM audit_logs WHERE seq = coalesce((SELECT seq FROM audit_logs WHERE id = ${id}), ${seq})`
  return row && { ...row, seq: Number(row.seq) }
}
