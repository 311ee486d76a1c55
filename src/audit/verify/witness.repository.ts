import type { Json } from '../../kernel/json.ts'
import type { Reader, Snapshot, WriteTransaction } from '../../storage/contract.ts'
import type { Subject } from '../remove/removal.repository.ts'

type Witnesses = Pick<Reader, 'auditWitness'>

/** Who asked to receive the checkpoint each day. */
export async function witnesses(db: Witnesses): Promise<string[]> {
  const rows = await db.auditWitness.findMany({ orderBy: { since: 'asc' } })
  return rows.map(({ phoneNumber }) => phoneNumber)
}

export async function isWitness(db: Witnesses, phoneNumber: string): Promise<boolean> {
  return (await db.auditWitness.findUnique({ where: { phoneNumber } })) !== null
}

/** Call it only together with the entry that says so. */
export async function addWitness(tx: WriteTransaction, phoneNumber: string, since: Date): Promise<void> {
  await tx.auditWitness.create({ data: { phoneNumber, since } })
}

/** Call it only together with the entry that says so. */
export async function removeWitness(tx: WriteTransaction, phoneNumber: string): Promise<void> {
  await tx.auditWitness.deleteMany({ where: { phoneNumber } })
}

/** The same for the person whom it is about. */
export async function witnessRecord(
  snapshot: Snapshot,
  { phoneNumber = '' }: Subject,
): Promise<{ receivesCheckpointsSince: Json }> {
  const [row] = await snapshot.rows<{ since: number }>('SELECT since FROM audit_witnesses WHERE phone_number = ?', [
    phoneNumber,
  ])
  return { receivesCheckpointsSince: row === undefined ? null : new Date(row.since).toISOString() }
}
