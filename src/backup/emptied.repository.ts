import type { WriteTransaction } from '../storage/contract.ts'
import { EMPTIED_ON_RESTORE } from '../storage/covers.ts'
import { Prisma } from '../storage/prisma.ts'

/**
 * Takes out of a restored database what must not come back to life: codes, answers on their way, leases, and what counts for a
 * time. Whose entries say that they wait for somebody's code have ended by the entry of the restoration.
 * @returns how many of those there were.
 */
export async function emptyRestored(tx: WriteTransaction, now: number): Promise<number> {
  const [row] = await tx.$queryRaw<{ n: number | bigint }[]>`
    SELECT count(DISTINCT request_seq) AS n FROM confirmations WHERE expires_at > ${new Date(now)}`
  for (const table of EMPTIED_ON_RESTORE) await tx.$executeRaw`DELETE FROM ${Prisma.raw(table)}`
  return Number(row?.n ?? 0)
}
