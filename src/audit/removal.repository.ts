import type { WriteTransaction } from '../storage/database.ts'
import { Prisma } from '../storage/generated/client.ts'
import type { Run } from './coverage.ts'
import { ALL_HELD } from './hold.repository.ts'
import { REPORTED, STANDING } from './standing.ts'

/** Whose entries: a user's id, Chatwarden's or the host's, and the number that belongs to it if one is known. */
export interface Subject {
  readonly userId: string | undefined
  readonly phoneNumber: string | undefined
}

const HELD = Prisma.sql`(SELECT subject FROM audit_holds)`
// An entry about nothing would be neither held nor not held, and stay for good: hence IS TRUE.
const isHeld = (row: Prisma.Sql) =>
  Prisma.sql`(${row}.phone_number IN ${HELD} OR (${row}.resource_type = 'user' AND ${row}.resource_id IN ${HELD}) IS TRUE
    OR EXISTS (SELECT 1 FROM audit_holds WHERE subject = ${ALL_HELD}))`

const e = Prisma.sql`e`
const reported = (row: Prisma.Sql) => Prisma.sql`(${row}.source = ${REPORTED.source} AND ${row}.request_id IS NULL)`

/**
 * Whether entry `e` says how something is now: nothing later does, and it did not end by itself. One that takes
 * something back, or has ended, stays only as long as a hold keeps what it takes back or replaced.
 */
function isLatest(set: readonly string[], clear: readonly string[], now: Date): Prisma.Sql {
  const actions = Prisma.join([...set, ...clear])
  const same = (
    row: Prisma.Sql,
  ) => Prisma.sql`${row}.resource_id = e.resource_id AND ${row}.resource_type = e.resource_type
    AND ${row}.action IN (${actions}) AND json_extract(${row}.metadata, '$.account') IS json_extract(e.metadata, '$.account')
    AND NOT ${reported(row)}`
  const endsAlone = Prisma.sql`(e.action = 'USER_BLOCK' AND coalesce(json_extract(e.metadata, '$.until'), '9') <= ${now.toISOString()})`
  const takesBack = clear.length === 0 ? Prisma.sql`false` : Prisma.sql`e.action IN (${Prisma.join([...clear])})`
  // Held by what it says of who acted: a hold on whom it is about keeps all of these entries alike.
  const hasHeldBefore = Prisma.sql`EXISTS (
    SELECT 1 FROM audit_logs held WHERE held.seq < e.seq AND ${same(Prisma.sql`held`)} AND held.phone_number IN ${HELD})`
  return Prisma.sql`(e.action IN (${actions}) AND NOT ${reported(e)}
    AND NOT EXISTS (SELECT 1 FROM audit_logs later WHERE later.seq > e.seq AND ${same(Prisma.sql`later`)})
    AND NOT ((${takesBack} OR ${endsAlone}) AND NOT ${hasHeldBefore}))`
}

/**
 * The oldest entries after `afterSeq` and up to `throughSeq` that nothing keeps, at most `limit`. Kept are entries under a
 * legal hold, those that say how something is now, and erasures: an archive that is restored must obey them.
 */
export async function expired(
  db: WriteTransaction,
  { afterSeq, throughSeq }: { readonly afterSeq: number; readonly throughSeq: number },
  now: Date,
  limit: number,
): Promise<number[]> {
  const latest = Object.values(STANDING).map(({ set, clear }) => isLatest(set, clear, now))
  const rows = await db.$queryRaw<{ seq: number }[]>`
    SELECT e.seq FROM audit_logs e
    WHERE e.seq > ${BigInt(afterSeq)} AND e.seq <= ${BigInt(throughSeq)} AND e.action <> 'AUDIT_ERASURE'
      AND NOT (${Prisma.join(latest, ' OR ')}) AND NOT ${isHeld(e)}
    ORDER BY e.seq LIMIT ${BigInt(limit)}`
  return rows.map(({ seq }) => Number(seq))
}

const involves = ({ userId, phoneNumber }: Subject): Prisma.Sql =>
  Prisma.sql`e.seq IN (
      SELECT seq FROM audit_logs WHERE user_id = ${userId ?? null}
      UNION SELECT seq FROM audit_logs WHERE phone_number = ${phoneNumber ?? null}
      UNION SELECT seq FROM audit_logs WHERE resource_id = ${phoneNumber ?? null} AND resource_type = 'user')`
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
  const rows = await db.$queryRaw<{ ranges: string }[]>`
    SELECT json_extract(metadata, '$.ranges') AS ranges FROM audit_logs
    WHERE action = 'AUDIT_RETENTION' AND seq IN (SELECT value FROM json_each(${JSON.stringify(seqs)}))`
  return rows.flatMap(({ ranges }) => JSON.parse(ranges) as Run[])
}

/** Removes entries by `seq`. The last entry of the trail must be the retention or erasure that covers them. */
export async function deleteEntries(db: WriteTransaction, seqs: readonly number[]): Promise<void> {
  await db.$executeRaw`DELETE FROM audit_logs WHERE seq IN (SELECT value FROM json_each(${JSON.stringify(seqs)}))`
}

/** Whether there is an entry of this action and moment. */
export async function hasEntryAt(db: WriteTransaction, action: string, moment: Date): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    SELECT seq FROM audit_logs WHERE action = ${action} AND created_at = ${moment} LIMIT 1`
  return rows.length > 0
}

/** Which of these ids are those of entries. */
export async function idsInTrail(db: WriteTransaction, ids: readonly string[]): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM audit_logs WHERE id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`
  return new Set(rows.map(({ id }) => id))
}
