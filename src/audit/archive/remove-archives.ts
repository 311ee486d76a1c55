import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { auditEvent } from '../entry.ts'
import { ALL_HELD, holds } from '../hold.repository.ts'
import { type Archive, archives, forgetArchive, restored } from './archive.repository.ts'
import { type ArchiveActor, type ArchiveParts, archiveFiles } from './archive-parts.ts'
import { archivePages, fetchArchive } from './read-archive.ts'

/** Removes archives whose newest entry is older than the years that archives are kept, but for what a hold covers. */
export async function removeOldArchives(parts: ArchiveParts, { actor, place }: ArchiveActor): Promise<void> {
  const limit = new Date(parts.clock.now())
  limit.setUTCFullYear(limit.getUTCFullYear() - parts.years)
  const inUse = new Set((await restored(parts.reader)).map(({ archive }) => archive))
  for (const archive of await archives(parts.reader)) {
    const { name, newestAt, entries } = archive
    if (newestAt >= limit || inUse.has(name) || (await isHeld(parts, archive))) continue
    for (const { path, key } of archiveFiles(parts, name)) {
      await parts.objects?.remove(key)
      await rm(path, { force: true })
    }
    await parts.writer.transaction(async (tx) => {
      const metadata = { archive: name, entryCount: entries, years: parts.years }
      await tx.append(auditEvent('AUDIT_ARCHIVE_REMOVED', actor, place, metadata))
      await forgetArchive(tx.db, name)
    })
  }
}

async function isHeld(parts: ArchiveParts, { name }: Archive): Promise<boolean> {
  const held = new Set((await holds(parts.reader)).map(({ subject }) => subject))
  if (held.size === 0) return false
  if (held.has(ALL_HELD)) return true
  // A crash between the files and the row: they are gone, and were not held then.
  if (!(await isThere(parts, name))) return false
  await fetchArchive(parts, name)
  for await (const page of archivePages(parts, name))
    for (const { phoneNumber, resourceType, resourceId } of page)
      if (held.has(phoneNumber) || (resourceType === 'user' && held.has(resourceId ?? ''))) return true
  return false
}

async function isThere(parts: ArchiveParts, name: string): Promise<boolean> {
  const [file] = archiveFiles(parts, name)
  if (file === undefined) return false
  return existsSync(file.path) || (await parts.objects?.sha256(file.key)) !== undefined
}
