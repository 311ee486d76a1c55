import { ChatwardenError } from '../../kernel/errors.ts'
import type { WriteTransaction } from '../../storage/contract.ts'
import { auditEvent } from '../entry/entry.ts'
import type { Prepared } from '../export/exporter.ts'
import { type Held, heldNow, holdsEntry } from '../remove/hold.repository.ts'
import { digestOfHeld, sayWhatIsObeyed } from '../remove/obeyed.ts'
import type { ProvableEntry } from '../verify/proof.repository.ts'
import { type Archive, findArchive, saveArchive, toLookThrough } from './archive.repository.ts'
import { type ArchiveActor, type ArchiveParts, removeLeftovers } from './archive-parts.ts'
import { erasedSince } from './erased-since.ts'
import { archiveManifest, archivePages, checkArchive, isKnownFile } from './read-archive.ts'
import { publishWith, writeArchiveFile } from './store-archives.ts'

/**
 * Carries out in the archives what was erased since they were written: those that hold something of it are written
 * anew, with a new manifest. What a hold keeps goes when the hold has ended; what a crash interrupts the next call does.
 * @returns the archives in which it could not be done, and why.
 */
export async function eraseFromArchives(
  parts: ArchiveParts,
  by: ArchiveActor,
  { stopping, again }: { readonly stopping?: AbortSignal | undefined; readonly again?: boolean } = {},
): Promise<readonly { readonly name: string; readonly error: unknown }[]> {
  await removeLeftovers(parts)
  const { size, names } = await toLookThrough(parts.reader, { again })
  const pending: { name: string; error: unknown }[] = []
  for (const name of names) {
    stopping?.throwIfAborted()
    try {
      const archive = await findArchive(parts.reader, name)
      if (archive !== undefined) await eraseFrom(parts, archive, size, by)
    } catch (error) {
      pending.push({ name, error })
    }
  }
  return pending
}

async function eraseFrom(parts: ArchiveParts, archive: Archive, size: number, by: ArchiveActor): Promise<void> {
  const { name } = archive
  const found = await findSound(parts, archive)
  const isErased = await erasedSince(parts, archive.erasedThrough)
  const held = await heldNow(parts.reader)
  const going = new Map<number, ProvableEntry>()
  let isKept = false
  for await (const page of archivePages(parts, name))
    for (const entry of page.filter(isErased))
      if (holdsEntry(held, entry)) isKept = true
      else going.set(entry.seq, entry)
  const looked = { erasedThrough: isKept ? archive.erasedThrough : size, lookedThrough: size }
  const { sha256, entries } = found
  if (found.isWhole && going.size === 0)
    return record(parts, { ...archive, ...looked, sha256, entries }, { archive, going }, by)
  const remaining = async function* () {
    for await (const page of archivePages(parts, name)) yield page.filter(({ seq }) => !going.has(seq))
  }
  const file = await writeArchiveFile(parts, name, remaining(), size)
  const written = { sha256: file.exported.sha256, entries: file.exported.count }
  try {
    await record(parts, { ...archive, ...looked, ...written }, { archive, going, file }, by)
  } finally {
    await file.discard()
  }
}

interface Found {
  readonly sha256: string
  readonly entries: number
  /** Whether what lies beside the file belongs to it. */
  readonly isWhole: boolean
}

/** What is there of an archive. @throws {ChatwardenError} `ARCHIVE_DAMAGED`: nothing of that is signed anew. */
async function findSound(parts: ArchiveParts, archive: Archive): Promise<Found> {
  const { name, sha256, entries, lookedThrough } = archive
  const problems = await checkArchive(parts, { name })
  if (problems.length > 0) {
    if (await isKnownFile(parts, archive)) return { sha256, entries, isWhole: false }
    throw new ChatwardenError('ARCHIVE_DAMAGED', `${name}: ${problems.join(' ')}`)
  }
  const manifest = await archiveManifest(parts, name)
  // A crash between the file and its row leaves a file that was looked through later than its row says.
  if (manifest.sha256 !== sha256 && (manifest['erased-through'] ?? 0) <= lookedThrough)
    throw new ChatwardenError('ARCHIVE_DAMAGED', `${name}: another file is in its place.`)
  return { sha256: manifest.sha256, entries: manifest.entries, isWhole: true }
}

interface Before {
  /** As it was when it was looked through. */
  readonly archive: Archive
  /** What leaves it. */
  readonly going: ReadonlyMap<number, ProvableEntry>
  /** `undefined`: it stays as it is. */
  readonly file?: Prepared
}

async function record({ writer }: ArchiveParts, archive: Archive, before: Before, by: ArchiveActor) {
  const { name, sha256, entries, lookedThrough } = archive
  await writer.transaction(async (tx) => {
    const held = await heldNow(tx.db)
    if (await isOverhauled(tx.db, before, held)) return
    const isSame = sha256 === before.archive.sha256
    const removedCount = before.archive.entries - entries
    const metadata = { archive: name, sha256, removedCount, erasedThrough: lookedThrough }
    if (!isSame) {
      await sayWhatIsObeyed(tx, by, digestOfHeld(held))
      await tx.append(auditEvent('AUDIT_ARCHIVE_REWRITTEN', by.actor, by.place, metadata))
    }
    await saveArchive(tx.db, isSame ? archive : { ...archive, uploadedAt: null })
    if (before.file !== undefined) publishWith(tx, before.file)
  })
}

/** Whether another process was or is at it, or a hold has come: it is looked through again the next time, if it is there. */
async function isOverhauled(db: WriteTransaction, { archive, going }: Before, held: Held): Promise<boolean> {
  const now = await findArchive(db, archive.name)
  if (now?.sha256 !== archive.sha256 || now.lookedThrough !== archive.lookedThrough || now.removingAt !== null)
    return true
  return [...going.values()].some((entry) => holdsEntry(held, entry))
}
