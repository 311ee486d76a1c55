import type { Reader } from '../storage/database.ts'
import type { RecordedErasure } from './erased-subjects.ts'
import { IMPORTED } from './standing.ts'

/** What erasures the trail tells of, from one on. What was imported was erased elsewhere. */
export async function recordedErasures(db: Pick<Reader, '$queryRaw'>, fromSeq = 0): Promise<RecordedErasure[]> {
  const rows = await db.$queryRaw<{ seq: number | bigint; createdAt: Date; metadata: string }[]>`
    SELECT seq, created_at AS "createdAt", metadata FROM audit_logs
    WHERE action = 'AUDIT_ERASURE' AND seq >= ${BigInt(fromSeq)} AND source <> ${IMPORTED} ORDER BY seq`
  return rows.map(({ seq, createdAt, metadata }) => {
    const { subjectHash, accountHashes } = JSON.parse(metadata)
    return { seq: Number(seq), createdAt, subjectHash, accountHashes }
  })
}
