import { DAY } from '../kernel/clock.ts'
import type { Reader, WriteTransaction } from '../storage/contract.ts'

/**
 * For how long who was made OWNER in a chat confirms nothing, in milliseconds of running time: long enough that the other
 * owners hear of it first. A second number of one's own is no second owner.
 */
const PROBATION = DAY

/** Call it only together with the entry that makes them OWNER. */
export async function beginProbation(tx: WriteTransaction, userId: string, now: Date): Promise<void> {
  const row = { remaining: PROBATION, countedAt: now }
  await tx.newOwner.upsert({ where: { userId }, create: { userId, ...row }, update: row })
}

export async function endProbation(tx: WriteTransaction, userId: string): Promise<void> {
  await tx.newOwner.deleteMany({ where: { userId } })
}

export const hasNewOwners = async (db: Pick<Reader, 'newOwner'>): Promise<boolean> => (await db.newOwner.count()) > 0

/**
 * Who is a new owner still, by their ids, once this process has run for so many more milliseconds. Several processes side by side
 * count once, and a clock that is set forward counts for nothing.
 */
export async function newOwnersAfter(tx: WriteTransaction, ran: number, now: number): Promise<Set<string>> {
  for (const { userId, remaining, countedAt } of await tx.newOwner.findMany()) {
    const left = remaining - Math.round(Math.max(0, Math.min(ran, now - countedAt.getTime())))
    if (left <= 0) await endProbation(tx, userId)
    else await tx.newOwner.update({ where: { userId }, data: { remaining: left, countedAt: new Date(now) } })
  }
  return new Set((await tx.newOwner.findMany()).map(({ userId }) => userId))
}
