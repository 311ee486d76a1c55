import { rm } from 'node:fs/promises'
import { auditEvent } from '../entry/entry.ts'
import { type Held, heldNow, holdsEntry } from '../remove/hold.repository.ts'
import { digestOfHeld, sayWhatIsObeyed } from '../remove/obeyed.ts'
import { latestOf, readHead } from '../write/trail.repository.ts'
import {
  type Archive,
  archives,
  findArchive,
  forgetArchive,
  isBeingRemoved,
  markRemoving,
  restored,
} from './archive.repository.ts'
import { type ArchiveActor, type ArchiveParts, archiveFiles } from './archive-parts.ts'
import { archivePages, requireSound } from './read-archive.ts'

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
      const isOnItsWay =
        archive.removingAt !== null && (await parts.writer.transaction((tx) => isBeingRemoved(tx, archive)))
      if (isOnItsWay || (await isClaimed(parts, archive, inUse, by))) await removeFiles(parts, archive.name)
    } catch (error) {
      problems.push(error)
    }
  }
  return problems
}

async function isClaimed(
  parts: ArchiveParts,
  archive: Archive,
  inUse: ReadonlySet<string>,
  by: ArchiveActor,
): Promise<boolean> {
  if (!isOver(parts, archive.newestAt) || inUse.has(archive.name)) return false
  const { size } = await readHead(parts.reader)
  const held = await heldNow(parts.reader)
  return (await mayGo(parts, archive, held)) && claim(parts, archive, { size, held }, by)
}

/** Whether what is of that moment was kept for so many years; what is of a leap day, to the day after in other years. */
function isOver({ clock, years }: ArchiveParts, moment: Date): boolean {
  const end = new Date(moment)
  end.setUTCFullYear(end.getUTCFullYear() + years)
  return end.getTime() < clock.now()
}

/** Its files, and then its row: a crash between leaves what the next run goes on with. */
async function removeFiles(parts: ArchiveParts, name: string): Promise<void> {
  for (const { path, key } of archiveFiles(parts, name)) {
    await parts.objects?.remove(key)
    await rm(path, { force: true })
  }
  await parts.writer.transaction(({ db }) => forgetArchive(db, name))
}

/** As it was when an archive was looked at. */
interface Moment {
  /** How many entries the trail had. */
  readonly size: number
  readonly held: Held
}

/**
 * Removes it as far as the trail is concerned: nothing is brought back from it from then on, and a hold comes too late.
 * @returns whether it did: not where something was brought back, a hold has come or gone since it was looked at, or the clock
 * that says that it is old is in doubt.
 */
function claim(
  { writer, years }: ArchiveParts,
  { name, entries }: Archive,
  { size, held }: Moment,
  by: ArchiveActor,
): Promise<boolean> {
  return writer.transaction(async (tx) => {
    if (!(await tx.isClockTrusted())) return false
    const isInUse = (await restored(tx.db)).some(({ archive }) => archive === name)
    const now = await findArchive(tx.db, name)
    if (isInUse || now === undefined || (await latestOf(tx.db, 'AUDIT_HOLD_ADD')) >= size) return false
    if (await isBeingRemoved(tx, now)) return true
    const digest = digestOfHeld(held)
    if (digestOfHeld(await heldNow(tx.db)) !== digest) return false
    await sayWhatIsObeyed(tx, by, digest)
    const event = auditEvent('AUDIT_ARCHIVE_REMOVED', by.actor, by.place, { archive: name, entryCount: entries, years })
    await markRemoving(tx.db, name, (await tx.append(event)).createdAt)
    return true
  })
}

/** By what is in the file: whoever can write to the table could say there that an archive is old, or name another file. */
async function mayGo(parts: ArchiveParts, archive: Archive, held: Held): Promise<boolean> {
  if (held.all) return false
  await requireSound(parts, archive)
  for await (const page of archivePages(parts, archive.name))
    for (const entry of page) if (!isOver(parts, entry.createdAt) || holdsEntry(held, entry)) return false
  return true
}
