import { ChatwardenError } from '../../kernel/errors.ts'
import { auditEvent } from '../entry/entry.ts'
import type { ManifestFields } from '../export/manifest.ts'
import { heldNow, holdsEntry } from '../remove/hold.repository.ts'
import type { ProvableEntry } from '../verify/proof.repository.ts'
import { type Archive, findArchive, saveArchive, toLookThrough } from './archive.repository.ts'
import type { ArchiveActor, ArchiveParts } from './archive-parts.ts'
import { erasedSince } from './erased-since.ts'
import { archiveManifest, archivePages, checkArchive } from './read-archive.ts'
import { writeArchiveFile } from './store-archives.ts'

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
  const { through, names } = await toLookThrough(parts.reader, { again })
  const pending: { name: string; error: unknown }[] = []
  for (const name of names) {
    stopping?.throwIfAborted()
    try {
      const archive = await findArchive(parts.reader, name)
      if (archive !== undefined) await eraseFrom(parts, archive, through, by)
    } catch (error) {
      pending.push({ name, error })
    }
  }
  return pending
}

async function eraseFrom(parts: ArchiveParts, archive: Archive, through: number, by: ArchiveActor): Promise<void> {
  const { name } = archive
  const before = await soundManifest(parts, archive)
  const isErased = await erasedSince(parts, archive.erasedThrough)
  const held = await heldNow(parts.reader)
  const mustGo = (entry: ProvableEntry) => isErased(entry) && !holdsEntry(held, entry)
  let mayStay = true
  let isKept = false
  for await (const page of archivePages(parts, name))
    for (const entry of page.filter(isErased))
      if (holdsEntry(held, entry)) isKept = true
      else mayStay = false
  const remaining = async function* () {
    for await (const page of archivePages(parts, name)) yield page.filter((entry) => !mustGo(entry))
  }
  const { sha256, count } = mayStay
    ? { sha256: before.sha256, count: before.entries }
    : await writeArchiveFile(parts, name, remaining(), through)
  const erasedThrough = isKept ? archive.erasedThrough : through
  await record(parts, { ...archive, sha256, entries: count, erasedThrough, lookedThrough: through }, archive, by)
}

/** What the manifest says of an archive that is whole. @throws {ChatwardenError} `ARCHIVE_DAMAGED`: nothing is signed anew then. */
async function soundManifest(parts: ArchiveParts, { name, sha256, lookedThrough }: Archive): Promise<ManifestFields> {
  const problems = await checkArchive(parts, { name })
  if (problems.length > 0) throw new ChatwardenError('ARCHIVE_DAMAGED', `${name}: ${problems.join(' ')}`)
  const manifest = await archiveManifest(parts, name)
  // A crash between the file and its row leaves a file in which more was erased than its row says, never less.
  if (manifest.sha256 !== sha256 && (manifest['erased-through'] ?? 0) <= lookedThrough)
    throw new ChatwardenError('ARCHIVE_DAMAGED', `${name}: another file is in its place.`)
  return manifest
}

async function record({ writer }: ArchiveParts, archive: Archive, before: Archive, { actor, place }: ArchiveActor) {
  const { name, sha256, entries, lookedThrough } = archive
  const isSame = sha256 === before.sha256
  await writer.transaction(async (tx) => {
    const metadata = { archive: name, sha256, removedCount: before.entries - entries, erasedThrough: lookedThrough }
    if (!isSame) await tx.append(auditEvent('AUDIT_ARCHIVE_REWRITTEN', actor, place, metadata))
    await saveArchive(tx.db, isSame ? archive : { ...archive, uploadedAt: null })
  })
}
