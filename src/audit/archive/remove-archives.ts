import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { ChatwardenError } from '../../kernel/errors.ts'
import { auditEvent } from '../entry/entry.ts'
import { heldNow, holdsEntry } from '../remove/hold.repository.ts'
import { readHead } from '../write/trail.repository.ts'
import {
  type Archive,
  archives,
  findArchive,
  forgetArchive,
  latest,
  markRemoving,
  markStaying,
  restored,
} from './archive.repository.ts'
import { type ArchiveActor, type ArchiveParts, archiveFiles } from './archive-parts.ts'
import { archivePages, checkArchive } from './read-archive.ts'

/**
 * Removes archives whose newest entry is older than the years that archives are kept, but for what a hold covers.
 * @returns what went wrong: one that cannot be removed does not keep the others.
 */
export async function removeOldArchives(
  parts: ArchiveParts,
  by: ArchiveActor,
  stopping?: AbortSignal,
): Promise<readonly unknown[]> {
  const inUse = new Set((await restored(parts.reader)).map(({ archive }) => archive))
  const problems: unknown[] = []
  for (const archive of await archives(parts.reader)) {
    stopping?.throwIfAborted()
    try {
      if (!isOver(parts, archive.newestAt) || inUse.has(archive.name)) continue
      const { size } = await readHead(parts.reader)
      if (!(await mayGo(parts, archive))) await keep(parts, archive)
      else if (await claim(parts, archive, size)) await remove(parts, archive, by)
    } catch (error) {
      problems.push(error)
    }
  }
  return problems
}

/** Whether what is of that moment was kept for so many years; what is of a leap day, to the day after in other years. */
function isOver({ clock, years }: ArchiveParts, moment: Date): boolean {
  const end = new Date(moment)
  end.setUTCFullYear(end.getUTCFullYear() + years)
  return end.getTime() < clock.now()
}

async function remove(parts: ArchiveParts, { name, entries }: Archive, { actor, place }: ArchiveActor): Promise<void> {
  for (const { path, key } of archiveFiles(parts, name)) {
    await parts.objects?.remove(key)
    await rm(path, { force: true })
  }
  await parts.writer.transaction(async (tx) => {
    const metadata = { archive: name, entryCount: entries, years: parts.years }
    // Another process may have been at it, and have said so.
    if (await forgetArchive(tx.db, name)) await tx.append(auditEvent('AUDIT_ARCHIVE_REMOVED', actor, place, metadata))
  })
}

/**
 * Keeps everybody from bringing something back from it.
 * @returns whether it may go: nobody has, and no hold has come since the trail had `size` entries.
 */
function claim({ writer, clock }: ArchiveParts, { name }: Archive, size: number): Promise<boolean> {
  return writer.transaction(async ({ db }) => {
    const isInUse = (await restored(db)).some(({ archive }) => archive === name)
    const isKnown = (await findArchive(db, name)) !== undefined
    if (isInUse || !isKnown || (await latest(db, 'AUDIT_HOLD_ADD')) >= size) return false
    await markRemoving(db, name, new Date(clock.now()))
    return true
  })
}

/** A hold has come after a removal that a crash interrupted, before the file itself was gone. */
async function keep({ writer }: ArchiveParts, { name, removingAt }: Archive): Promise<void> {
  if (removingAt !== null) await writer.transaction(({ db }) => markStaying(db, name))
}

/** By what is in the file: whoever can write to the table could say there that an archive is old, or name another file. */
async function mayGo(parts: ArchiveParts, archive: Archive): Promise<boolean> {
  const held = await heldNow(parts.reader)
  if (held.all) return false
  // A crash between the files and the row: they are gone, and were not held then. Else they are only away.
  if (archive.removingAt !== null && !(await isThere(parts, archive.name))) return true
  const problems = await checkArchive(parts, archive)
  if (problems.length > 0) throw new ChatwardenError('ARCHIVE_DAMAGED', `${archive.name}: ${problems.join(' ')}`)
  for await (const page of archivePages(parts, archive.name))
    for (const entry of page) if (!isOver(parts, entry.createdAt) || holdsEntry(held, entry)) return false
  return true
}

async function isThere(parts: ArchiveParts, name: string): Promise<boolean> {
  const [file] = archiveFiles(parts, name)
  if (file === undefined) return false
  return existsSync(file.path) || (await parts.objects?.sha256(file.key)) !== undefined
}
