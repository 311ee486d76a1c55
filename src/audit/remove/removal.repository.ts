import type { WriteTransaction } from '../../storage/contract.ts'
import { Prisma } from '../../storage/prisma.ts'
import type { Run } from '../entry/coverage.ts'
import { ALL_HELD } from './hold.repository.ts'

/** Whose entries: a user's id, Chatwarden's or the host's, and the number that belongs to it if one is known. */
export interface Subject {
  readonly userId: string | undefined
  readonly phoneNumber: string | undefined
  /** The platform's ids of accounts known to be theirs: entries of before their number was known name these. */
  readonly accounts?: readonly string[]
}

const HELD = Prisma.sql`(SELECT subject FROM audit_holds)`
// Most entries have no resource, and neither holds nor fails then what is compared with nothing.
/** Whether a legal hold keeps a row, by the alias of its table. */
export const isHeld = (row: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`((${row}.phone_number IN ${HELD} OR (${row}.resource_type = 'user' AND ${row}.resource_id IN ${HELD})
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

const involves = ({ userId, phoneNumber, accounts = [] }: Subject): Prisma.Sql => {
  const walks = [Prisma.sql`resource_id = ${phoneNumber ?? null} AND resource_type = 'user'`]
  if (userId !== undefined) walks.push(Prisma.sql`user_id = ${userId}`)
  for (const actor of [...(phoneNumber === undefined ? [] : [phoneNumber]), ...accounts])
    walks.push(Prisma.sql`phone_number = ${actor}`)
  // The ids of an account's devices: `123:21@lid` is one of `123@lid`.
  for (const start of accounts
    .filter((account) => account.includes('@'))
    .map((account) => account.replace(/@.*$/s, '')))
    walks.push(Prisma.sql`phone_number >= ${`${start}:`} AND phone_number < ${`${start};`}`)
  const seqs = walks.map((where) => Prisma.sql`SELECT seq FROM audit_logs WHERE ${where}`)
  return Prisma.sql`e.seq IN (${Prisma.join(seqs, ' UNION ')})`
}
const MAY_GO = Prisma.sql`e.category NOT IN ('AUTH', 'CONFIG')`

/** The entries that a person made or that are about them, of categories that erasure may remove, and not held for another. */
export async function erasable(db: WriteTransaction, subject: Subject): Promise<number[]> {
  const rows = await db.$queryRaw<{ seq: number }[]>`
    SELECT e.seq FROM audit_logs e WHERE ${involves(subject)} AND ${MAY_GO} AND NOT ${isHeld(e)} ORDER BY e.seq`
  return rows.map(({ seq }) => Number(seq))
}

/** How many entries by or about a person are left, and how many of those a hold on somebody else keeps. */
export async function countLeft(db: WriteTransaction, subject: Subject): Promise<{ left: number; held: number }> {
  const [row] = await db.$queryRaw<{ left: number; held: number }[]>`
    SELECT count(*) AS "left", count(*) FILTER (WHERE ${MAY_GO}) AS "held"
    FROM audit_logs e WHERE ${involves(subject)}`
  return { left: Number(row?.left ?? 0), held: Number(row?.held ?? 0) }
}

/** What those of the entries cover that are retentions, which are about to go themselves. */
export async function coveredBy(db: WriteTransaction, seqs: readonly number[]): Promise<Run[]> {
  const rows = await db.$queryRaw<{ metadata: string }[]>`
    SELECT metadata FROM audit_logs WHERE action = 'AUDIT_RETENTION' AND ${db.dialect.isAmong(SEQ, seqs)}`
  return rows.flatMap(({ metadata }) => (JSON.parse(metadata) as { ranges: Run[] }).ranges)
}

/** Removes entries by `seq`. The last entry of the trail must be the retention or erasure that covers them. */
export async function deleteEntries(db: WriteTransaction, seqs: readonly number[]): Promise<void> {
  await db.$executeRaw(db.dialect.removeEntries(seqs))
}
