import type { Reader } from '../../storage/contract.ts'
import type { ErasedSubject } from './erased-subjects.ts'

/** The erasures after an entry, the oldest first. */
export async function erasuresAfter(
  db: Pick<Reader, '$queryRaw'>,
  seq: number,
): Promise<(ErasedSubject & { readonly seq: number })[]> {
  const rows = await db.$queryRaw<{ seq: number; createdAt: Date; metadata: string }[]>`
    SELECT seq, created_at AS "createdAt", metadata FROM audit_logs
    WHERE action = 'AUDIT_ERASURE' AND seq > ${BigInt(seq)} ORDER BY seq`
  return rows.map(({ seq, createdAt, metadata }) => {
    const { subjectHash, accountHashes = [] } = JSON.parse(metadata) as Pick<ErasedSubject, 'subjectHash'> & {
      accountHashes?: string[]
    }
    return { seq: Number(seq), erasedAt: createdAt, subjectHash, accountHashes }
  })
}
