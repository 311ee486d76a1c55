import { hash } from 'node:crypto'
import { dirname } from 'node:path'
import { makeDirectory } from '../../kernel/durable-file.ts'
import { ChatwardenError } from '../../kernel/errors.ts'
import { covers, type Run, runsOf } from '../entry/coverage.ts'
import { auditEvent } from '../entry/entry.ts'
import { toExportEntry } from '../export/export-entry.ts'
import type { Prepared } from '../export/exporter.ts'
import { leafHash } from '../tree/leaf.ts'
import type { ProvableEntry } from '../verify/proof.repository.ts'
import type { AuditTransaction } from '../write/change.ts'
import { readHead } from '../write/trail.repository.ts'
import { type Archive, entriesToArchive, findArchive, rowDigest, saveArchive } from './archive.repository.ts'
import { type ArchiveActor, type ArchiveParts, archivePath } from './archive-parts.ts'
import { keptFrom } from './erased-since.ts'
import { inArchives } from './in-archives.ts'
import { checkArchive, checkFile } from './read-archive.ts'

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
    const { size: erasedThrough } = await readHead(parts.reader)
    const entries = await nextEntries(parts, expired, before, afterSeq)
    const last = entries.at(-1)
    if (last === undefined) return
    // A hold that has ended since may have kept some of them from an erasure, which is still to be carried out then.
    await storeOne(parts, entries, (await keptFrom(parts, entries)) ?? erasedThrough, by)
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

async function storeOne(
  parts: ArchiveParts,
  entries: readonly ProvableEntry[],
  erasedThrough: number,
  by: ArchiveActor,
): Promise<void> {
  const [first, last] = [entries[0], entries.at(-1)] as [ProvableEntry, ProvableEntry]
  const name = await nameFor(parts, entries)
  const file = await writeArchiveFile(parts, name, pagesOf(entries), erasedThrough)
  const archive: Archive = {
    name,
    firstSeq: first.seq,
    lastSeq: last.seq,
    entries: entries.length,
    ranges: runsOf(entries.map(({ seq }) => seq)),
    newestAt: last.createdAt,
    sha256: file.exported.sha256,
    erasedThrough,
    lookedThrough: erasedThrough,
    createdAt: new Date(parts.clock.now()),
    uploadedAt: null,
    removingAt: null,
  }
  try {
    await record(parts, archive, file, by)
  } finally {
    await file.discard()
  }
}

/**
 * Other entries have another name, as those of a trail that was restored from a backup, and so has what was in an archive
 * before, came back and is archived again: nothing is overwritten by them but what is damaged.
 */
async function nameFor(parts: ArchiveParts, entries: readonly ProvableEntry[]): Promise<string> {
  const [first, last] = [entries[0], entries.at(-1)] as [ProvableEntry, ProvableEntry]
  const leaves = Buffer.concat(entries.map(leafHash))
  for (let again = 0; ; again++) {
    const content = hash('sha256', again === 0 ? leaves : Buffer.concat([leaves, Buffer.from([again])])).slice(0, 8)
    const name = `${first.createdAt.getUTCFullYear()}/audit-${first.seq}-${last.seq}-${content}.jsonl.gz`
    const before = await findArchive(parts.reader, name)
    if (before === undefined || (await checkArchive(parts, before)).length > 0) return name
  }
}

/** Writes the file, and reads it back. @throws {ChatwardenError} `ARCHIVE_DAMAGED` if it is not what was written. */
export async function writeArchiveFile(
  parts: ArchiveParts,
  name: string,
  pages: AsyncIterable<readonly ProvableEntry[]>,
  erasedThrough: number,
): Promise<Prepared> {
  const path = archivePath(parts, name)
  await makeDirectory(dirname(path))
  const { checkpoint } = await readHead(parts.reader)
  const request = { path, filter: {}, format: 'jsonl', gzip: true, by: 'SYSTEM (archive)', timeZone: 'UTC' } as const
  const fields = { 'erased-through': erasedThrough }
  const file = await parts.exporter.prepare(request, { pages: exportable(pages), checkpoint, fields })
  const problems = await checkFile(parts, { name }, file.partial)
  if (problems.length === 0) return file
  await file.discard()
  throw new ChatwardenError('ARCHIVE_DAMAGED', `${name}: ${problems.join(' ')}`)
}

/**
 * Gives a file its name in the commit that says so: of several processes one does it, and what it replaces is what the
 * entry says. A crash between the two leaves the newer file, which the next run finds.
 */
export function publishWith(tx: AuditTransaction, file: Prepared): void {
  tx.lastly(async () => {
    await file.publish()
    return async () => {}
  })
}

async function record(parts: ArchiveParts, archive: Archive, file: Prepared, { actor, place }: ArchiveActor) {
  const { name, sha256, firstSeq, lastSeq, entries, erasedThrough } = archive
  await parts.writer.transaction(async (tx) => {
    const row = rowDigest(archive)
    const metadata = { archive: name, sha256, row, firstSeq, lastSeq, entryCount: entries, erasedThrough }
    await tx.append(auditEvent('AUDIT_ARCHIVED', actor, place, metadata))
    await saveArchive(tx.db, archive)
    publishWith(tx, file)
  })
}

async function* exportable(pages: AsyncIterable<readonly ProvableEntry[]>) {
  for await (const page of pages) yield page.map(toExportEntry)
}

async function* pagesOf(entries: readonly ProvableEntry[]) {
  for (let from = 0; from < entries.length; from += PAGE) yield entries.slice(from, from + PAGE)
}
