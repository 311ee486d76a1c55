import { ChatwardenError } from '../../kernel/errors.ts'
import { MAX_RUNS, mergeRuns, type Run, runsOf } from '../entry/coverage.ts'
import { auditEvent } from '../entry/entry.ts'
import { absentOf } from '../remove/runs.repository.ts'
import { leafHash } from '../tree/leaf.ts'
import type { ProvableEntry } from '../verify/proof.repository.ts'
import type { AuditTransaction } from '../write/change.ts'
import { insertEntries, prepareMonths } from '../write/trail.repository.ts'
import { type Archive, findArchive, latestErasure, removeRestored, saveRestored } from './archive.repository.ts'
import type { ArchiveActor, ArchiveParts } from './archive-parts.ts'
import { eraseFromArchives } from './erase-from-archives.ts'
import { erasedSince } from './erased-since.ts'
import { archivePages, requireSound } from './read-archive.ts'

export interface RestoredCounts {
  /** How many came back. */
  readonly count: number
  /** How many stay where they are: they were erased, and a hold keeps them from leaving the archive. */
  readonly erased: number
}

/**
 * Brings the entries of an archive back into the database, with their numbers, so that their proofs hold. There they
 * stay until they are released. What was erased stays erased.
 * @throws {ChatwardenError} `ARCHIVE_DAMAGED`; nothing is brought back then.
 */
export async function restoreArchive(parts: ArchiveParts, name: string, by: ArchiveActor): Promise<RestoredCounts> {
  const [pending] = (await eraseFromArchives(parts, by)).filter((each) => each.name === name)
  if (pending !== undefined) throw pending.error
  const archive = await known(parts, name)
  await requireSound(parts, archive)
  const isErased = await erasedSince(parts, archive.erasedThrough)
  let count = 0
  let erased = 0
  for await (const page of archivePages(parts, name)) {
    const left = page.filter((entry) => !isErased(entry))
    erased += page.length - left.length
    count += await parts.writer.transaction((tx) => restorePage(tx, archive, left, by))
  }
  return { count, erased }
}

/** Lets retention remove again what was brought back. @returns whether there was anything. */
export async function releaseArchive({ writer }: ArchiveParts, name: string, { actor, place }: ArchiveActor) {
  return writer.transaction(async (tx) => {
    if (!(await removeRestored(tx.db, name))) return false
    await tx.append(auditEvent('AUDIT_RELEASED', actor, place, { archive: name }))
    return true
  })
}

async function known({ reader }: ArchiveParts, name: string): Promise<Archive> {
  const archive = await findArchive(reader, name)
  if (archive === undefined) throw new ChatwardenError('INVALID_ARGUMENT', `There is no archive ${name}.`)
  if (archive.removingAt !== null) throw new ChatwardenError('ARCHIVE_CHANGED', name)
  return archive
}

async function restorePage(
  tx: AuditTransaction,
  { name, sha256, lookedThrough }: Archive,
  page: readonly ProvableEntry[],
  { actor, place }: ArchiveActor,
): Promise<number> {
  // Somebody may have been erased since the archive was looked through, or it is about to go.
  const now = await findArchive(tx.db, name)
  const isChanged = now?.sha256 !== sha256 || now.removingAt !== null || (await latestErasure(tx.db)) >= lookedThrough
  if (isChanged) throw new ChatwardenError('ARCHIVE_CHANGED', name)
  const absent = await absentOf(tx.db, runsOf(page.map(({ seq }) => seq)))
  let count = 0
  for (let from = 0; from < absent.length; from += MAX_RUNS) {
    const ranges = absent.slice(from, from + MAX_RUNS)
    const entries = page.filter(({ seq }) => ranges.some(([first, last]) => first <= seq && seq <= last))
    count += entries.length
    const metadata = {
      archive: name,
      ranges: ranges.map(([first, last]): [number, number] => [first, last]),
      entryCount: entries.length,
    }
    await tx.append(auditEvent('AUDIT_RESTORED', actor, place, metadata))
    for (const run of ranges) await insertRun(tx, entries, run)
    await saveRestored(tx.db, name, mergeRuns(ranges))
  }
  return count
}

async function insertRun({ db }: AuditTransaction, entries: readonly ProvableEntry[], [first, last]: Run) {
  const part = entries.filter(({ seq }) => first <= seq && seq <= last)
  const nonces = Buffer.concat(part.map(({ nonce }) => nonce))
  await prepareMonths(
    db,
    part.map(({ createdAt }) => createdAt),
  )
  await insertEntries(db, part, nonces, part.map(leafHash))
}
