import { auditEvent } from '../entry.ts'
import { ErasedSubjects } from '../erased-subjects.ts'
import { ALL_HELD, holds } from '../hold.repository.ts'
import type { ProvableEntry } from '../proof.repository.ts'
import { recordedErasures } from '../recorded-erasures.repository.ts'
import { type Archive, archives, latestErasure, saveArchive } from './archive.repository.ts'
import type { ArchiveActor, ArchiveParts } from './archive-parts.ts'
import { archiveManifest, archivePages, checkArchive, fetchArchive } from './read-archive.ts'
import { writeArchiveFile } from './store-archives.ts'

/**
 * Carries out in the archives what was erased since they were written: those that hold something of it are written
 * anew, with a new manifest. What a crash interrupts the next call does.
 * @returns the archives in which it could not be done, and why.
 */
export async function eraseFromArchives(
  parts: ArchiveParts,
  by: ArchiveActor,
): Promise<readonly { readonly name: string; readonly problem: string }[]> {
  const through = (await latestErasure(parts.reader)) + 1
  const behind = (await archives(parts.reader)).filter(({ erasedThrough }) => erasedThrough < through)
  const pending: { name: string; problem: string }[] = []
  for (const archive of behind)
    try {
      await eraseFrom(parts, archive, through, by)
    } catch (err) {
      parts.log.error({ err, archive: archive.name }, 'What was erased could not be taken out of an archive')
      pending.push({ name: archive.name, problem: (err as Error).message })
    }
  return pending
}

async function eraseFrom(parts: ArchiveParts, archive: Archive, through: number, { actor, place }: ArchiveActor) {
  const { name, erasedThrough } = archive
  await fetchArchive(parts, name)
  const mustGo = await selector(parts, erasedThrough)
  let removedCount = 0
  for await (const page of archivePages(parts, name)) removedCount += page.filter(mustGo).length
  const remaining = async function* () {
    for await (const page of archivePages(parts, name)) yield page.filter((entry) => !mustGo(entry))
  }
  const before = await archiveManifest(parts, name)
  // A crash between the file and its row leaves a file that is further than its row says.
  const isWritten = removedCount === 0 && before.sha256 !== archive.sha256
  const written =
    removedCount === 0
      ? { sha256: before.sha256, count: before.entries }
      : await writeArchiveFile(parts, name, remaining(), through)
  const { sha256, count: entries } = written
  await parts.writer.transaction(async (tx) => {
    const metadata = { archive: name, sha256, removedCount: archive.entries - entries, erasedThrough: through }
    if (removedCount > 0 || isWritten) await tx.append(auditEvent('AUDIT_ARCHIVE_REWRITTEN', actor, place, metadata))
    const isSame = sha256 === archive.sha256
    await saveArchive(tx.db, {
      ...archive,
      sha256,
      entries,
      erasedThrough: through,
      uploadedAt: isSame ? archive.uploadedAt : null,
    })
  })
  if (isWritten && (await checkArchive(parts, archive)).length > 0) throw new Error(`${name} is damaged.`)
}

/** Which entries erasures have erased that the archive has not heard of. What also concerns somebody held stays. */
async function selector({ reader, hashOf }: ArchiveParts, erasedThrough: number) {
  const erasures = await recordedErasures(reader, erasedThrough)
  const subjects = new ErasedSubjects(erasures, hashOf)
  const held = new Set((await holds(reader)).map(({ subject }) => subject))
  const isHeld = ({ phoneNumber, resourceType, resourceId }: ProvableEntry) =>
    held.has(ALL_HELD) || held.has(phoneNumber) || (resourceType === 'user' && held.has(resourceId ?? ''))
  return (entry: ProvableEntry): boolean => subjects.isErased(entry, ({ seq }) => seq > entry.seq) && !isHeld(entry)
}
