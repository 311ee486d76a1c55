import type { Phone } from '../kernel/phone.ts'
import type { Reader, WriteTransaction } from '../storage/contract.ts'

/** Somebody who may not use the bot. */
export interface Block {
  readonly phoneNumber: Phone
  /** `null`: until they are unblocked. */
  readonly until: Date | null
  readonly reason: string | null
  readonly blockedBy: string
  readonly blockedAt: Date
}

/** Every command asks this, so it goes past the query builder. Blocks that have ended count for nothing. */
export async function findBlock(db: Pick<Reader, '$queryRaw'>, phone: string): Promise<Block | undefined> {
  const [row] = await db.$queryRaw<Block[]>`
    SELECT phone_number AS "phoneNumber", until, reason, blocked_by AS "blockedBy", blocked_at AS "blockedAt"
    FROM blocks WHERE phone_number = ${phone}`
  return row
}

/** What keeps somebody out at this moment, if anything does. */
export async function activeBlock(
  db: Pick<Reader, '$queryRaw'>,
  phone: string,
  now: number,
): Promise<Block | undefined> {
  const block = await findBlock(db, phone)
  return isActive(block, now) ? block : undefined
}

export const isActive = (block: Block | undefined, now: number): block is Block =>
  block !== undefined && !hasEnded(block, now)

export const hasEnded = ({ until }: Block, now: number): boolean => until !== null && until.getTime() <= now

/** Those of the numbers that are blocked at this moment. */
export async function blockedAmong(
  db: Pick<Reader, 'block'>,
  phones: readonly string[],
  now: number,
): Promise<Set<string>> {
  const rows = await db.block.findMany({
    where: { phoneNumber: { in: [...phones] }, OR: [{ until: null }, { until: { gt: new Date(now) } }] },
    select: { phoneNumber: true },
  })
  return new Set(rows.map(({ phoneNumber }) => phoneNumber))
}

/** Call it only together with the entry that says so. */
export async function saveBlock(tx: WriteTransaction, block: Block): Promise<void> {
  const { phoneNumber, ...row } = block
  await tx.block.upsert({ where: { phoneNumber }, create: { phoneNumber, ...row }, update: row })
}

export async function removeBlock(tx: WriteTransaction, phoneNumber: string): Promise<void> {
  await tx.block.deleteMany({ where: { phoneNumber } })
}

/** Blocks that ended long ago. */
export async function forgetBlocks(tx: WriteTransaction, endedBefore: Date): Promise<void> {
  await tx.block.deleteMany({ where: { until: { lt: endedBefore } } })
}
