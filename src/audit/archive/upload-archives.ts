import { ChatwardenError } from '../../kernel/errors.ts'
import { type Archive, archives, markUploaded } from './archive.repository.ts'
import { type ArchiveParts, archiveFiles } from './archive-parts.ts'
import { requireSound } from './read-archive.ts'

/**
 * Uploads archives that are not in the object store yet; each counts when it was read back. Does nothing without a
 * store.
 * @returns what went wrong: one that is damaged does not keep the others here.
 */
export async function uploadArchives(parts: ArchiveParts, stopping?: AbortSignal): Promise<readonly unknown[]> {
  const { objects, reader, writer, clock } = parts
  if (objects === undefined) return []
  const problems: unknown[] = []
  for (const archive of await archives(reader)) {
    if (archive.uploadedAt !== null || archive.removingAt !== null) continue
    stopping?.throwIfAborted()
    try {
      await upload(parts, archive, objects)
      await writer.transaction(({ db }) => markUploaded(db, archive, new Date(clock.now())))
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
