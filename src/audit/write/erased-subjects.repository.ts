import { objectIn } from '../../kernel/json.ts'
import { ownTime } from '../../kernel/own-time.ts'
import type { Reader } from '../../storage/contract.ts'
import type { ErasedSubject } from './erased-subjects.ts'

interface StoredErasure extends ErasedSubject {
  readonly seq: number
  readonly erasedAt: Date
  /** Whether a hold kept something of the person in the database. */
  readonly hasHeld: boolean
}

/** The erasures after an entry, the oldest first. */
export async function erasuresAfter(db: Pick<Reader, '$queryRaw'>, seq: number): Promise<StoredErasure[]> {
  const rows = await db.$queryRaw<{ seq: number; createdAt: Date; metadata: string }[]>`
    SELECT seq, created_at AS "createdAt", metadata FROM audit_logs
    WHERE action = 'AUDIT_ERASURE' AND seq > ${BigInt(seq)} ORDER BY seq`
  return rows.map(({ seq, createdAt, metadata }) => {
    // One that somebody changed so that it cannot be read names nobody; `verify` says so.
    const { subjectHash, accountHashes, heldCount } = objectIn(metadata) ?? {}
    return {
      seq: Number(seq),
      erasedAt: ownTime({ createdAt, metadata }),
      subjectHash: String(subjectHash),
      accountHashes: Array.isArray(accountHashes) ? accountHashes : [],
      hasHeld: Number(heldCount) > 0,
    }
  })
}
