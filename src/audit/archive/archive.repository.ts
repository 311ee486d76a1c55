import { objectIn, valueIn } from '../../kernel/json.ts'
import type { Reader, WriteTransaction } from '../../storage/contract.ts'
import { Prisma } from '../../storage/prisma.ts'
import { mergeRuns, type Run, runsIn, subtractRuns } from '../entry/coverage.ts'
import { ENTRY_COLUMNS } from '../read/stored-entries.repository.ts'
import { isHeld, isRestored } from '../remove/removal.repository.ts'
import { runRows } from '../remove/runs.repository.ts'
import { digestOfArchive } from '../verify/archive-replay.repository.ts'
import type { ProvableEntry } from '../verify/proof.repository.ts'
import type { AuditTransaction } from '../write/change.ts'
import { latestOf, readHead } from '../write/trail.repository.ts'

/** A file of entries that retention took out of the database. */
export interface Archive {
  /** Where it lies within the directory of archives, and in the object store. */
  readonly name: string
  readonly firstSeq: number
  readonly lastSeq: number
  /** How many entries it holds. */
  readonly entries: number
  /** What it was made of, whatever was erased from it since. */
  readonly ranges: readonly Run[]
  readonly newestAt: Date
  readonly sha256: string
  /** Erasures before this `seq` have been carried out in it, all that they erased. */
  readonly erasedThrough: number
  /** How many entries the trail had when it was last looked through. What was erased before and is still in it, a hold kept. */
  readonly lookedThrough: number
  readonly createdAt: Date
  readonly uploadedAt: Date | null
  /** Since when its files are being removed. */
  readonly removingAt: Date | null
}

/** By which its row is known in the entries about it. */
export const rowDigest = (archive: Archive): string =>
  digestOfArchive({ ...archive, ranges: JSON.stringify(archive.ranges) })

type Archives = Pick<Reader, 'auditArchive'>
type Raw = Pick<Reader, '$queryRaw' | 'dialect'>

export async function archives(db: Archives): Promise<Archive[]> {
  const rows = await db.auditArchive.findMany({ orderBy: { firstSeq: 'asc' } })
  return rows.filter(({ name }) => isArchiveName(name)).map((row) => ({ ...row, ranges: rangesIn(row.ranges) }))
}

/** Files are read, written and removed by their names: whoever can write to the table could name any file there. */
const isArchiveName = (name: string): boolean => /^\d{4}\/audit-\d+-\d+-[0-9a-f]{8}\.jsonl\.gz$/.test(name)

/** None of what cannot be read: one row that somebody changed keeps the others from nothing. */
const rangesIn = (json: string): Run[] => runsIn(valueIn(json))

export async function findArchive(db: Archives, name: string): Promise<Archive | undefined> {
  if (!isArchiveName(name)) return undefined
  const row = await db.auditArchive.findUnique({ where: { name } })
  return row === null ? undefined : { ...row, ranges: rangesIn(row.ranges) }
}

/** What the trail last said of an archive, by the entry of that number. */
export async function recorded(
  db: Pick<Reader, '$queryRaw'>,
  name: string,
): Promise<{ seq: number; isRemoved: boolean; sha256?: string } | undefined> {
  const [row] = await db.$queryRaw<{ seq: number | bigint; action: string; metadata: string }[]>`
    SELECT seq, action, metadata FROM audit_logs WHERE resource_id = ${name}
      AND action IN ('AUDIT_ARCHIVED', 'AUDIT_ARCHIVE_REWRITTEN', 'AUDIT_ARCHIVE_REMOVED')
    ORDER BY seq DESC LIMIT 1`
  if (row === undefined) return undefined
  return { ...objectIn(row.metadata), seq: Number(row.seq), isRemoved: row.action === 'AUDIT_ARCHIVE_REMOVED' }
}

/** Call it only together with the entry that says so. From then on nothing is brought back from it, nor written to it. */
export async function markRemoving(db: WriteTransaction, name: string, removingAt: Date): Promise<void> {
  await db.auditArchive.updateMany({ where: { name }, data: { removingAt } })
}

/**
 * Whether it is removed as far as the trail is concerned, and only files are left to be.
 * @throws {ChatwardenError} `TRAIL_DAMAGED` where that is not what was signed.
 */
export async function isBeingRemoved(
  tx: Pick<AuditTransaction, 'db' | 'requireProved'>,
  { name, removingAt }: Archive,
): Promise<boolean> {
  const said = removingAt === null ? undefined : await recorded(tx.db, name)
  if (said?.isRemoved !== true) return false
  await tx.requireProved([said.seq])
  return true
}

/** Call it only together with the entry that says so. */
export async function saveArchive(db: WriteTransaction, { ranges, ...archive }: Archive): Promise<void> {
  const row = { ...archive, ranges: JSON.stringify(ranges) }
  await db.auditArchive.upsert({ where: { name: archive.name }, create: row, update: row })
}

/** Call it only together with the entry that says so. */
export async function markUploaded(db: WriteTransaction, name: string, uploadedAt: Date): Promise<void> {
  await db.auditArchive.updateMany({ where: { name }, data: { uploadedAt } })
}

/** How far it was looked through. Call it only together with the entry that says so. */
export async function markLooked(
  db: WriteTransaction,
  { name, erasedThrough, lookedThrough }: Pick<Archive, 'name' | 'erasedThrough' | 'lookedThrough'>,
): Promise<void> {
  await db.auditArchive.updateMany({ where: { name }, data: { erasedThrough, lookedThrough } })
}

/** Whether one is not in the object store, or not as it is now. */
export async function isSomeToUpload(db: Archives): Promise<boolean> {
  return (await db.auditArchive.findFirst({ where: { uploadedAt: null, removingAt: null } })) !== null
}

/** When nothing is left of it. */
export async function forgetArchive(db: WriteTransaction, name: string): Promise<void> {
  await db.auditArchive.deleteMany({ where: { name } })
}

/** Up to `limit` entries after `afterSeq` and up to `throughSeq` that neither a hold nor a restoration keeps, the oldest first. */
export function entriesToArchive(
  db: Pick<Reader, '$queryRaw'>,
  { afterSeq, throughSeq }: { readonly afterSeq: number; readonly throughSeq: number },
  limit: number,
): Promise<ProvableEntry[]> {
  return db.$queryRaw<ProvableEntry[]>`
    SELECT ${ENTRY_COLUMNS}, nonce FROM audit_logs e
    WHERE seq > ${BigInt(afterSeq)} AND seq <= ${BigInt(throughSeq)}
      AND NOT ${isHeld(Prisma.sql`e`)} AND NOT ${isRestored(Prisma.sql`e`)}
    ORDER BY seq LIMIT ${BigInt(limit)}`
}

/** The archives of entries up to `throughSeq` that are still in the database, and that neither a hold nor a restoration keeps. */
export async function archivesOfRemovable(db: Archives & Raw, throughSeq: number): Promise<Archive[]> {
  const e = Prisma.sql`e`
  const removable: Archive[] = []
  for (const archive of await archives(db)) {
    const { from, first, last } = runRows(db, archive.ranges)
    const rows = await db.$queryRaw<unknown[]>`
      SELECT 1 AS found FROM ${from} JOIN audit_logs e ON e.seq BETWEEN ${first} AND ${last}
      WHERE e.seq <= ${BigInt(throughSeq)} AND NOT ${isHeld(e)} AND NOT ${isRestored(e)} LIMIT 1`
    if (rows.length > 0) removable.push(archive)
  }
  return removable
}

/** Entries that were brought back, by the archive that they are from. */
export interface Restored {
  readonly archive: string
  readonly runs: readonly Run[]
}

export async function restored(db: Pick<Reader, 'auditRestored'>): Promise<Restored[]> {
  const rows = await db.auditRestored.findMany({ orderBy: { firstSeq: 'asc' } })
  return [...new Set(rows.map(({ archive }) => archive))].map((archive) => ({
    archive,
    runs: mergeRuns(
      rows.filter((row) => row.archive === archive).map(({ firstSeq, lastSeq }): Run => [firstSeq, lastSeq]),
    ),
  }))
}

/** Call it only together with the entry that says so. What came back before, and went since, may come back again. */
export async function saveRestored(db: WriteTransaction, archive: string, runs: readonly Run[]): Promise<void> {
  const before = (await restored(db)).find((each) => each.archive === archive)?.runs ?? []
  const data = subtractRuns(runs, before).map(([firstSeq, lastSeq]) => ({ firstSeq, lastSeq, archive }))
  await db.auditRestored.createMany({ data })
}

/** Call it only together with the entry that says so. @returns whether there was anything. */
export async function removeRestored(db: WriteTransaction, archive: string): Promise<boolean> {
  const { count } = await db.auditRestored.deleteMany({ where: { archive } })
  return count > 0
}

/** The `seq` of the latest erasure, -1 if there is none. */
export const latestErasure = (db: Pick<Reader, '$queryRaw'>): Promise<number> => latestOf(db, 'AUDIT_ERASURE')

/** Whether something that was erased was still in it when it was last looked through, as a hold kept it. */
export const keepsErased = ({ erasedThrough, lookedThrough }: Archive): boolean => erasedThrough < lookedThrough

/**
 * In which archives an erasure may find something that it did not find before, how many entries the trail has, and which of
 * them was the last that erased or freed something. `again`: also where a hold kept something, as it may keep less though
 * nobody removed it, when accounts become somebody else's.
 */
export async function toLookThrough(
  db: Raw,
  { again = false } = {},
): Promise<{ readonly size: number; readonly latest: number; readonly names: readonly string[] }> {
  const { size } = await readHead(db)
  const erasure = await latestOf(db, 'AUDIT_ERASURE')
  const freeing = await latestOf(db, 'AUDIT_HOLD_REMOVE')
  const since = again ? size : freeing
  const rows = await db.$queryRaw<{ name: string }[]>`
    SELECT name FROM audit_archives
    WHERE removing_at IS NULL AND (looked_through <= ${BigInt(erasure)}
      OR (erased_through < looked_through AND looked_through <= ${BigInt(since)}))
    ORDER BY first_seq, name`
  return { size, latest: Math.max(erasure, freeing), names: rows.map(({ name }) => name) }
}
