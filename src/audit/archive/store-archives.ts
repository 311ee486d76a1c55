import { hash } from 'node:crypto'
import { dirname } from 'node:path'
import { makeDirectory } from '../../kernel/durable-file.ts'
import { ChatwardenError } from '../../kernel/errors.ts'
import { covers, type Run, runsOf } from '../entry/coverage.ts'
import { auditEvent } from '../entry/entry.ts'
import { toExportEntry } from '../export/export-entry.ts'
import type { Exported } from '../export/exporter.ts'
import { leafHash } from '../tree/leaf.ts'
import type { ProvableEntry } from '../verify/proof.repository.ts'
import { readHead } from '../write/trail.repository.ts'
import { type Archive, entriesToArchive, latestErasure, saveArchive } from './archive.repository.ts'
import { type ArchiveActor, type ArchiveParts, archivePath } from './archive-parts.ts'
import { keptFrom } from './erased-since.ts'
import { inArchives } from './in-archives.ts'
import { checkArchive } from './read-archive.ts'

/** How many entries one archive has at most: few enough to hold, and to be rewritten. */
const MAX_ENTRIES = 20_000
const PAGE = 1000

/** Which entries are past their retention. */
export interface Expired {
  readonly throughSeq: number
  /** Entries that stay, however old. */
  readonly kept: ReadonlySet<number>
}

/**
 * Writes what is past its retention to archives: gzip JSON Lines in a folder for each year, with manifest and sidecar.
 * Each is read back and checked before it counts.
 */
export async function storeArchives(
  parts: ArchiveParts,
  expired: Expired,
  by: ArchiveActor,
  stopping?: AbortSignal,
): Promise<void> {
  const before = await inArchives(parts, expired.throughSeq)
  for (let afterSeq = -1; ; ) {
    stopping?.throwIfAborted()
    // Before the entries are read: a later erasure is carried out in the archive.
    const erasedThrough = (await latestErasure(parts.reader)) + 1
    const entries = await nextEntries(parts, expired, before, afterSeq)
    const last = entries.at(-1)
    if (last === undefined) return
    // A hold that has ended since may have kept some of them from an erasure, which is still to be carried out then.
    const archive = await writeArchive(parts, entries, (await keptFrom(parts, entries)) ?? erasedThrough)
    await record(parts, archive, by)
    afterSeq = last.seq
  }
}

/** The entries of the next archive: of one year, as many as belong in one, none that is in another. */
async function nextEntries(
  { reader }: ArchiveParts,
  { throughSeq, kept }: Expired,
  before: readonly Run[],
  afterSeq: number,
): Promise<ProvableEntry[]> {
  const entries: ProvableEntry[] = []
  for (let after = afterSeq; ; ) {
    const page = await entriesToArchive(reader, { afterSeq: after, throughSeq }, PAGE)
    for (const entry of page) {
      if (kept.has(entry.seq) || covers(before, entry.seq)) continue
      if (entry.createdAt.getUTCFullYear() !== (entries[0] ?? entry).createdAt.getUTCFullYear()) return entries
      if (entries.push(entry) === MAX_ENTRIES) return entries
    }
    if (page.length < PAGE) return entries
    after = page.at(-1)?.seq ?? after
  }
}

async function writeArchive(
  parts: ArchiveParts,
  entries: readonly ProvableEntry[],
  erasedThrough: number,
): Promise<Archive> {
  const seqs = entries.map(({ seq }) => seq)
  const [first, last] = [entries[0], entries.at(-1)] as [ProvableEntry, ProvableEntry]
  // Other entries have another name, as those of a trail that was restored from a backup: nothing is overwritten by them.
  const content = hash('sha256', Buffer.concat(entries.map(leafHash))).slice(0, 8)
  const name = `${first.createdAt.getUTCFullYear()}/audit-${first.seq}-${last.seq}-${content}.jsonl.gz`
  const { sha256 } = await writeArchiveFile(parts, name, pagesOf(entries), erasedThrough)
  return {
    name,
    firstSeq: first.seq,
    lastSeq: last.seq,
    entries: entries.length,
    ranges: runsOf(seqs),
    newestAt: last.createdAt,
    sha256,
    erasedThrough,
    lookedThrough: erasedThrough,
    createdAt: new Date(parts.clock.now()),
    uploadedAt: null,
  }
}

/** Writes the file, and reads it back. @throws {ChatwardenError} `ARCHIVE_DAMAGED` if it is not what was written. */
export async function writeArchiveFile(
  parts: ArchiveParts,
  name: string,
  pages: AsyncIterable<readonly ProvableEntry[]>,
  erasedThrough: number,
): Promise<Exported> {
  const path = archivePath(parts, name)
  await makeDirectory(dirname(path))
  const { checkpoint } = await readHead(parts.reader)
  const request = { path, filter: {}, format: 'jsonl', gzip: true, by: 'SYSTEM (archive)', timeZone: 'UTC' } as const
  const fields = { 'erased-through': erasedThrough }
  const exported = await parts.exporter.writeContent(request, { pages: exportable(pages), checkpoint, fields })
  const problems = await checkArchive(parts, { name })
  if (problems.length > 0) throw new ChatwardenError('ARCHIVE_DAMAGED', `${name}: ${problems.join(' ')}`)
  return exported
}

async function record(parts: ArchiveParts, archive: Archive, { actor, place }: ArchiveActor): Promise<void> {
  const { name, sha256, firstSeq, lastSeq, entries } = archive
  await parts.writer.transaction(async (tx) => {
    const metadata = { archive: name, sha256, firstSeq, lastSeq, entryCount: entries }
    await tx.append(auditEvent('AUDIT_ARCHIVED', actor, place, metadata))
    await saveArchive(tx.db, archive)
  })
}

async function* exportable(pages: AsyncIterable<readonly ProvableEntry[]>) {
  for await (const page of pages) yield page.map(toExportEntry)
}

async function* pagesOf(entries: readonly ProvableEntry[]) {
  for (let from = 0; from < entries.length; from += PAGE) yield entries.slice(from, from + PAGE)
}
