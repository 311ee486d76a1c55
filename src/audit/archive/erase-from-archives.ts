import { ChatwardenError } from '../../kernel/errors.ts'
import type { WriteTransaction } from '../../storage/contract.ts'
import { auditEvent } from '../entry/entry.ts'
import type { Prepared } from '../export/exporter.ts'
import { type Held, heldNow, holdsEntry } from '../remove/hold.repository.ts'
import { digestOfHeld, sayWhatIsObeyed } from '../remove/obeyed.ts'
import type { ProvableEntry } from '../verify/proof.repository.ts'
import { type Archive, findArchive, markLooked, rowDigest, saveArchive, toLookThrough } from './archive.repository.ts'
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
  const { size, latest, names } = await toLookThrough(parts.reader, { again })
  const pending: { name: string; error: unknown }[] = []
  let searched: Searched[] = []
  const settle = async (all: readonly Searched[]) => {
    try {
      await recordSearched(parts, all, size, by)
    } catch (error) {
      for (const { archive } of all) pending.push({ name: archive.name, error })
    }
  }
  for (const name of names) {
    stopping?.throwIfAborted()
    try {
      const archive = await findArchive(parts.reader, name)
      const unchanged = archive && (await eraseFrom(parts, archive, size, by))
      // Where it had been looked through since, there is nothing new to say.
      if (unchanged !== undefined && unchanged.archive.lookedThrough <= latest) searched.push(unchanged)
    } catch (error) {
      pending.push({ name, error })
    }
    if (searched.length < IN_ONE_ENTRY) continue
    await settle(searched)
    searched = []
  }
  await settle(searched)
  return pending
}

/** So many archives are named in one entry at most. */
const IN_ONE_ENTRY = 100

/** An archive in which an erasure changed nothing. */
interface Searched {
  /** As it was when it was looked through. */
  readonly archive: Archive
  /** Whether a hold keeps something in it that was erased. */
  readonly isKept: boolean
}

/** @returns the archive if it stays as it is. */
async function eraseFrom(
  parts: ArchiveParts,
  archive: Archive,
  size: number,
  by: ArchiveActor,
): Promise<Searched | undefined> {
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
  const looked = lookedThrough({ archive, isKept }, size)
  const { sha256, entries } = found
  if (found.isWhole && going.size === 0) {
    if (sha256 === archive.sha256) return { archive, isKept }
    await record(parts, { ...looked, sha256, entries }, { archive, going }, by)
    return undefined
  }
  const remaining = async function* () {
    for await (const page of archivePages(parts, name)) yield page.filter(({ seq }) => !going.has(seq))
  }
  const file = await writeArchiveFile(parts, name, remaining(), size)
  const written = { sha256: file.exported.sha256, entries: file.exported.count }
  try {
    await record(parts, { ...looked, ...written }, { archive, going, file }, by)
  } finally {
    await file.discard()
  }
  return undefined
}

/** An archive that was looked through when the trail had so many entries. */
const lookedThrough = ({ archive, isKept }: Searched, size: number): Archive => ({
  ...archive,
  erasedThrough: isKept ? archive.erasedThrough : size,
  lookedThrough: size,
})

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
  const { name, sha256, entries, erasedThrough, lookedThrough } = archive
  await writer.transaction(async (tx) => {
    const held = await heldNow(tx.db)
    if (await isOverhauled(tx.db, before, held)) return
    const removedCount = before.archive.entries - entries
    const row = rowDigest(archive)
    const metadata = { archive: name, sha256, row, removedCount, erasedThrough, lookedThrough }
    await sayWhatIsObeyed(tx, by, digestOfHeld(held))
    await tx.append(auditEvent('AUDIT_ARCHIVE_REWRITTEN', by.actor, by.place, metadata))
    await saveArchive(tx.db, { ...archive, uploadedAt: null })
    if (before.file !== undefined) publishWith(tx, before.file)
  })
}

/** What was looked for and not found is said too: else nobody could tell how far that is true. Nothing is removed by it. */
async function recordSearched(
  { writer }: ArchiveParts,
  searched: readonly Searched[],
  size: number,
  { actor, place }: ArchiveActor,
): Promise<void> {
  if (searched.length === 0) return
  await writer.transaction(async (tx) => {
    const held = await heldNow(tx.db)
    const names = { archives: [] as string[], keeping: [] as string[] }
    for (const each of searched) {
      const { archive, isKept } = each
      if (await isOverhauled(tx.db, { archive, going: new Map() }, held)) continue
      await markLooked(tx.db, lookedThrough(each, size))
      names[isKept ? 'keeping' : 'archives'].push(archive.name)
    }
    const { archives, keeping } = names
    if (archives.length + keeping.length === 0) return
    const metadata = { archives, ...(keeping.length > 0 && { keeping }), through: size }
    await tx.append(auditEvent('AUDIT_ARCHIVES_SEARCHED', actor, place, metadata))
  })
}

/** Whether another process was or is at it, or a hold has come: it is looked through again the next time, if it is there. */
async function isOverhauled(db: WriteTransaction, { archive, going }: Before, held: Held): Promise<boolean> {
  const now = await findArchive(db, archive.name)
  if (now?.sha256 !== archive.sha256 || now.lookedThrough !== archive.lookedThrough || now.removingAt !== null)
    return true
  return [...going.values()].some((entry) => holdsEntry(held, entry))
}
