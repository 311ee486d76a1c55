import { ChatwardenError } from '../../kernel/errors.ts'
import { auditEvent } from '../entry/entry.ts'
import { type Archive, archives, findArchive, markUploaded } from './archive.repository.ts'
import { type ArchiveActor, type ArchiveParts, archiveFiles } from './archive-parts.ts'
import { requireSound } from './read-archive.ts'

/**
 * Uploads archives that are not in the object store yet; each counts when it was read back. Does nothing without a
 * store.
 * @returns what went wrong: one that is damaged does not keep the others here.
 */
export async function uploadArchives(
  parts: ArchiveParts,
  by: ArchiveActor,
  stopping?: AbortSignal,
): Promise<readonly unknown[]> {
  const { objects, reader } = parts
  if (objects === undefined) return []
  const problems: unknown[] = []
  for (const archive of await archives(reader)) {
    if (archive.uploadedAt !== null || archive.removingAt !== null) continue
    stopping?.throwIfAborted()
    try {
      await upload(parts, archive, objects)
      await record(parts, archive, by)
    } catch (error) {
      problems.push(error)
      // A store that takes nothing takes nothing of the next one either.
      if (error instanceof ChatwardenError && error.code === 'OBJECT_STORE_UNAVAILABLE') break
    }
  }
  return problems
}

/** @throws {ChatwardenError} `ARCHIVE_DAMAGED`: what was changed here meanwhile must not replace what is there. */
async function upload(
  parts: ArchiveParts,
  archive: Archive,
  objects: NonNullable<ArchiveParts['objects']>,
): Promise<void> {
  await requireSound(parts, archive)
  for (const { path, key } of archiveFiles(parts, archive.name))
    await objects.put(key, path, { storageClass: parts.storageClass })
}

/** Where the file is still the one that was sent: another may have taken its place meanwhile. */
async function record({ writer }: ArchiveParts, { name, sha256 }: Archive, { actor, place }: ArchiveActor) {
  await writer.transaction(async (tx) => {
    if ((await findArchive(tx.db, name))?.sha256 !== sha256) return
    const event = auditEvent('AUDIT_ARCHIVE_UPLOADED', actor, place, { archive: name, sha256 })
    await markUploaded(tx.db, name, (await tx.append(event)).createdAt)
  })
}
