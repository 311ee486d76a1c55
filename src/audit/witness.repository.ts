import type { Reader, WriteTransaction } from '../storage/database.ts'

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
