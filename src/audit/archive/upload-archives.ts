import { archives, markUploaded } from './archive.repository.ts'
import { type ArchiveParts, archiveFiles } from './archive-parts.ts'

/** Uploads archives that are not in the object store yet; each counts when it was read back. Does nothing without a store. */
export async function uploadArchives({ objects, ...parts }: ArchiveParts): Promise<void> {
  if (objects === undefined) return
  for (const { name, uploadedAt } of await archives(parts.reader)) {
    if (uploadedAt !== null) continue
    for (const { path, key } of archiveFiles(parts, name))
      await objects.put(key, path, { storageClass: parts.storageClass })
    await parts.writer.transaction(({ db }) => markUploaded(db, name, new Date(parts.clock.now())))
  }
}
