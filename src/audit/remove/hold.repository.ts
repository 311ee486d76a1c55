import type { Reader, WriteTransaction } from '../../storage/contract.ts'

/** The subject of a hold on everything. */
export const ALL_HELD = 'ALL'

/** A legal hold: neither retention nor erasure removes what it covers. */
export interface Hold {
  /** A phone number, whose entries by and about them stay, or `ALL`. */
  readonly subject: string
  readonly reason: string | null
  readonly heldBy: string
  readonly heldAt: Date
}

type Holds = Pick<Reader, 'auditHold'>

export function holds(db: Holds): Promise<Hold[]> {
  return db.auditHold.findMany({ orderBy: { heldAt: 'asc' } })
}

export async function findHold(db: Holds, subject: string): Promise<Hold | undefined> {
  return (await db.auditHold.findUnique({ where: { subject } })) ?? undefined
}

/** Call it only together with the entry that says so. */
export async function saveHold(tx: WriteTransaction, hold: Hold): Promise<void> {
  await tx.auditHold.create({ data: hold })
}

/** Call it only together with the entry that says so. */
export async function removeHold(tx: WriteTransaction, subject: string): Promise<void> {
  await tx.auditHold.deleteMany({ where: { subject } })
}
