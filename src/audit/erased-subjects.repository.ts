import type { Reader } from '../storage/database.ts'
import type { ErasedSubject } from './erased-subjects.ts'

/** The erasures after an entry, the oldest first. */
export async function erasuresAfter(
  db: Pick<Reader, '$queryRaw'>,
  seq: number,
): Promise<(ErasedSubject & { readonly seq: number })[]> {
  const rows = await db.$queryRaw<{ seq: number; time: number; subject: string; accounts: string | null }[]>`
    SELECT seq, CAST(created_at AS INTEGER) AS time, json_extract(metadata, '$.subjectHash') AS subject,
      json_extract(metadata, '$.accountHashes') AS accounts
    FROM audit_logs WHERE action = 'AUDIT_ERASURE' AND seq > ${BigInt(seq)} ORDER BY seq`
  return rows.map(({ seq, time, subject, accounts }) => ({
    seq: Number(seq),
    erasedAt: new Date(Number(time)),
    subjectHash: subject,
    accountHashes: accounts === null ? [] : (JSON.parse(accounts) as string[]),
  }))
}
