import { objectIn } from '../../kernel/json.ts'
import type { WriteTransaction } from '../../storage/contract.ts'
import { Prisma } from '../../storage/prisma.ts'
import type { Who } from '../entry/audit-filter.ts'
import { type Run, runsIn } from '../entry/coverage.ts'
import { ALL_HELD, HELD_ACCOUNTS, HELD_USERS } from './hold.repository.ts'
import { seqsOf } from './person-entries.repository.ts'

// Most entries have no resource, and neither holds nor fails then what is compared with nothing.
/** Whether a legal hold keeps a row, by the alias of its table. */
export const isHeld = (row: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`((${row}.account IN ${HELD_ACCOUNTS} OR ${row}.user_id IN ${HELD_USERS} OR ${row}.subject_id IN ${HELD_USERS}
    OR (${row}.resource_type = 'user' AND ${row}.resource_id IN ${HELD_ACCOUNTS})
    OR EXISTS (SELECT 1 FROM audit_holds WHERE subject = ${ALL_HELD})) IS TRUE)`

/** Whether a row was brought back from an archive that is not released, by the alias of its table. */
export const isRestored = (row: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`EXISTS (SELECT 1 FROM audit_restored r WHERE ${row}.seq BETWEEN r.first_seq AND r.last_seq)`

const e = Prisma.sql`e`
const SEQ = Prisma.sql`seq`

/** Up to `limit` entries after `afterSeq` and up to `throughSeq` that neither a hold nor a restoration keeps, the oldest first. */
export async function removable(
  db: WriteTransaction,
  { afterSeq, throughSeq }: { readonly afterSeq: number; readonly throughSeq: number },
  limit: number,
): Promise<number[]> {
  const rows = await db.$queryRaw<{ seq: number }[]>`
    SELECT e.seq FROM audit_logs e
    WHERE e.seq > ${BigInt(afterSeq)} AND e.seq <= ${BigInt(throughSeq)} AND NOT ${isHeld(e)}
      AND NOT ${isRestored(e)}
    ORDER BY e.seq LIMIT ${BigInt(limit)}`
  return rows.map(({ seq }) => Number(seq))
}

const MAY_GO = Prisma.sql`e.category NOT IN ('AUTH', 'CONFIG')`

/** The entries that a person made or that are about them, of categories that erasure may remove, and not held for another. */
export async function erasable(db: WriteTransaction, who: Who): Promise<number[]> {
  const rows = await db.$queryRaw<{ seq: number }[]>`
    SELECT e.seq FROM audit_logs e WHERE e.seq IN (${seqsOf(who)}) AND ${MAY_GO} AND NOT ${isHeld(e)} ORDER BY e.seq`
  return rows.map(({ seq }) => Number(seq))
}

/** How many entries by or about a person erasure leaves for their category, and how many for a hold on somebody else. */
export async function countKept(db: WriteTransaction, who: Who): Promise<{ left: number; held: number }> {
  const [row] = await db.$queryRaw<{ left: number; held: number }[]>`
    SELECT count(*) FILTER (WHERE NOT (${MAY_GO})) AS "left", count(*) FILTER (WHERE ${MAY_GO} AND ${isHeld(e)}) AS "held"
    FROM audit_logs e WHERE e.seq IN (${seqsOf(who)})`
  return { left: Number(row?.left ?? 0), held: Number(row?.held ?? 0) }
}

/** What those of the entries cover that are retentions, which are about to go themselves. */
export async function coveredBy(db: WriteTransaction, seqs: readonly number[]): Promise<Run[]> {
  const rows = await db.$queryRaw<{ metadata: string }[]>`
    SELECT metadata FROM audit_logs WHERE action = 'AUDIT_RETENTION' AND ${db.dialect.isAmong(SEQ, seqs)}`
  return rows.flatMap(({ metadata }) => runsIn(objectIn(metadata)?.ranges))
}

/** Removes entries by `seq`. The last entry of the trail must be the retention or erasure that covers them. */
export async function deleteEntries(db: WriteTransaction, seqs: readonly number[]): Promise<void> {
  await db.$executeRaw(db.dialect.removeEntries(seqs))
}
