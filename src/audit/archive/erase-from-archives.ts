import { ChatwardenError } from '../../kernel/errors.ts'
import { auditEvent } from '../entry/entry.ts'
import type { ManifestFields } from '../export/manifest.ts'
import { heldNow, holdsEntry } from '../remove/hold.repository.ts'
import { userIds } from '../remove/person-entries.repository.ts'
import type { ProvableEntry } from '../verify/proof.repository.ts'
import { erasuresAfter } from '../write/erased-subjects.repository.ts'
import { ErasedSubjects } from '../write/erased-subjects.ts'
import { type Archive, archives, latestErasure, saveArchive } from './archive.repository.ts'
import type { ArchiveActor, ArchiveParts } from './archive-parts.ts'
import { archiveManifest, archivePages, checkArchive } from './read-archive.ts'
import { writeArchiveFile } from './store-archives.ts'

/**
 * Carries out in the archives what was erased since they were written: those that hold something of it are written
 * anew, with a new manifest. What a crash interrupts the next call does.
 * @returns the archives in which it could not be done, and why.
 */
export async function eraseFromArchives(
  parts: ArchiveParts,
  by: ArchiveActor,
  stopping?: AbortSignal,
): Promise<readonly { readonly name: string; readonly error: unknown }[]> {
  const through = (await latestErasure(parts.reader)) + 1
  const behind = (await archives(parts.reader)).filter(({ erasedThrough }) => erasedThrough < through)
  const pending: { name: string; error: unknown }[] = []
  for (const archive of behind) {
    stopping?.throwIfAborted()
    try {
      await eraseFrom(parts, archive, through, by)
    } catch (error) {
      pending.push({ name: archive.name, error })
    }
  }
  return pending
}

async function eraseFrom(parts: ArchiveParts, archive: Archive, through: number, by: ArchiveActor): Promise<void> {
  const { name } = archive
  const before = await soundManifest(parts, archive)
  const mustGo = await selector(parts, archive.erasedThrough)
  let mayStay = true
  for await (const page of archivePages(parts, name)) mayStay &&= !page.some(mustGo)
  const remaining = async function* () {
    for await (const page of archivePages(parts, name)) yield page.filter((entry) => !mustGo(entry))
  }
  const { sha256, count } = mayStay
    ? { sha256: before.sha256, count: before.entries }
    : await writeArchiveFile(parts, name, remaining(), through)
  await record(parts, { ...archive, sha256, entries: count, erasedThrough: through }, archive, by)
}

/** What the manifest says of an archive that is whole. @throws {ChatwardenError} `ARCHIVE_DAMAGED`: nothing is signed anew then. */
async function soundManifest(parts: ArchiveParts, { name, sha256, erasedThrough }: Archive): Promise<ManifestFields> {
  const problems = await checkArchive(parts, { name })
  if (problems.length > 0) throw new ChatwardenError('ARCHIVE_DAMAGED', `${name}: ${problems.join(' ')}`)
  const manifest = await archiveManifest(parts, name)
  // A crash between the file and its row leaves a file in which more was erased than its row says, never less.
  if (manifest.sha256 !== sha256 && (manifest['erased-through'] ?? 0) <= erasedThrough)
    throw new ChatwardenError('ARCHIVE_DAMAGED', `${name}: another file is in its place.`)
  return manifest
}

async function record({ writer }: ArchiveParts, archive: Archive, before: Archive, { actor, place }: ArchiveActor) {
  const { name, sha256, entries, erasedThrough } = archive
  const isSame = sha256 === before.sha256
  await writer.transaction(async (tx) => {
    const metadata = { archive: name, sha256, removedCount: before.entries - entries, erasedThrough }
    if (!isSame) await tx.append(auditEvent('AUDIT_ARCHIVE_REWRITTEN', actor, place, metadata))
    await saveArchive(tx.db, isSame ? archive : { ...archive, uploadedAt: null })
  })
}

/** Which entries erasures have erased that the archive has not heard of. What also concerns somebody held stays. */
async function selector({ reader, hashOf }: ArchiveParts, erasedThrough: number) {
  const users = await userIds(reader)
  const subjects = new ErasedSubjects(hashOf, (id) => users.has(id))
  for (const erasure of await erasuresAfter(reader, erasedThrough - 1)) subjects.add(erasure)
  const held = await heldNow(reader)
  return (entry: ProvableEntry): boolean => subjects.isErased(entry, entry.createdAt) && !holdsEntry(held, entry)
}
