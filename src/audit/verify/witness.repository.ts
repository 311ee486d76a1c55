import type { Json } from '../../kernel/json.ts'
import type { Reader, Snapshot, WriteTransaction } from '../../storage/contract.ts'
import type { Who } from '../entry/audit-filter.ts'

type Witnesses = Pick<Reader, 'auditWitness'>

/** The ids of the users who asked to receive the checkpoint each day. */
export async function witnesses(db: Witnesses): Promise<string[]> {
  const rows = await db.auditWitness.findMany({ orderBy: { since: 'asc' } })
  return rows.map(({ userId }) => userId)
}

export async function isWitness(db: Witnesses, userId: string): Promise<boolean> {
  return (await db.auditWitness.findUnique({ where: { userId } })) !== null
}

/** Call it only together with the entry that says so. */
export async function addWitness(tx: WriteTransaction, userId: string, since: Date): Promise<void> {
  await tx.auditWitness.create({ data: { userId, since } })
}

/** Call it only together with the entry that says so. */
export async function removeWitness(tx: WriteTransaction, userId: string): Promise<void> {
  await tx.auditWitness.deleteMany({ where: { userId } })
}

/** The same for the person whom it is about. */
export async function witnessRecord(
  snapshot: Snapshot,
  { userId = '' }: Who,
): Promise<{ receivesCheckpointsSince: Json }> {
  const [row] = await snapshot.rows<{ since: number }>('SELECT since FROM audit_witnesses WHERE user_id = ?', [userId])
  return { receivesCheckpointsSince: row === undefined ? null : new Date(row.since).toISOString() }
}
