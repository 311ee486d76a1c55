import { createReadStream, existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { missing } from '../../kernel/durable-file.ts'
import { ChatwardenError } from '../../kernel/errors.ts'
import { isSystemError } from '../../kernel/problem.ts'
import { sha256Of } from '../../kernel/sha256.ts'
import { readSmall } from '../../kernel/small-text.ts'
import { FileError } from '../export/file-error.ts'
import { entryOfLine } from '../export/jsonl-entry.ts'
import { openManifest } from '../export/manifest.ts'
import { readLines } from '../export/read-lines.ts'
import { manifestOf } from '../export/sidecar.ts'
import { verifyExport } from '../export/verify-export.ts'
import { leafHash } from '../tree/leaf.ts'
import { leafIn, tileOfLeaf } from '../tree/tiles.ts'
import type { ProvableEntry } from '../verify/proof.repository.ts'
import { readTiles } from '../write/trail.repository.ts'
import { type Archive, recorded } from './archive.repository.ts'
import { type ArchiveParts, archiveFiles, archivePath } from './archive-parts.ts'

const PAGE = 1000

/** Fetches what is not here from the object store. @throws {ChatwardenError} `ARCHIVE_DAMAGED` if it is nowhere. */
async function fetchArchive(parts: ArchiveParts, name: string): Promise<void> {
  for (const { path, key } of archiveFiles(parts, name)) {
    if (existsSync(path)) continue
    if (parts.objects === undefined) throw new ChatwardenError('ARCHIVE_DAMAGED', `${path} is missing.`)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await parts.objects.download(key, path)
  }
}

/** The entries of an archive, page by page. @throws {ChatwardenError} `ARCHIVE_DAMAGED` */
export async function* archivePages(parts: ArchiveParts, name: string): AsyncGenerator<ProvableEntry[]> {
  try {
    yield* pagesOf(archivePath(parts, name))
  } catch (error) {
    throw new ChatwardenError('ARCHIVE_DAMAGED', `${name}: ${problemOf(error)}`, { cause: error })
  }
}

async function* pagesOf(path: string): AsyncGenerator<ProvableEntry[]> {
  let page: ProvableEntry[] = []
  for await (const line of readLines(path, { isGzip: true, isSigned: true })) {
    page.push(entryOfLine(line))
    if (page.length < PAGE) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}

/** What is wrong with a file, in words. @throws what is wrong with the program. */
function problemOf(error: unknown): string {
  if (error instanceof ChatwardenError || error instanceof FileError || isSystemError(error)) return error.message
  throw error
}

type Known = Pick<Archive, 'name'> & Partial<Pick<Archive, 'sha256'>>

/**
 * Reads an archive from its first byte to its last: is it what was signed, the one that is known by that `sha256` if
 * given, and is every entry in it that of the tree?
 * @returns what is wrong, in words.
 */
export async function checkArchive(parts: ArchiveParts, known: Known): Promise<string[]> {
  try {
    await fetchArchive(parts, known.name)
  } catch (error) {
    return [problemOf(error)]
  }
  return checkFile(parts, known, archivePath(parts, known.name))
}

/** The same of a file that is to become that archive. */
export async function checkFile(parts: ArchiveParts, { name, sha256 }: Known, path: string): Promise<string[]> {
  try {
    const manifest = await readSmall(manifestOf(path))
    const keys = await parts.keys()
    const { findings, manifest: opened } = await verifyExport({ path, manifest, keys })
    if (findings.length > 0) return [...findings]
    const isOther = opened?.fields.file !== basename(name) || opened.fields.sha256 !== (sha256 ?? opened.fields.sha256)
    if (isOther) return ['Another file is in its place.']
    return await checkLeaves(parts, path)
  } catch (error) {
    return [problemOf(error)]
  }
}

/** The hash of the archive as its own manifest has it, and how far erasures have been carried out in it. */
export async function archiveManifest(parts: ArchiveParts, name: string) {
  const note = await readSmall(manifestOf(archivePath(parts, name)))
  return openManifest(note, await parts.keys()).fields
}

/** @throws {ChatwardenError} `ARCHIVE_DAMAGED` with what `checkArchive` says. */
export async function requireSound(parts: ArchiveParts, archive: Archive): Promise<void> {
  const problems = await checkArchive(parts, archive)
  if (problems.length > 0) throw new ChatwardenError('ARCHIVE_DAMAGED', `${archive.name}: ${problems.join(' ')}`)
}

/**
 * Whether the file itself is the one that the trail knows, whatever lies beside it: a process that was killed while the
 * three got their names leaves those of another.
 */
export async function isKnownFile(parts: ArchiveParts, { name, sha256 }: Archive): Promise<boolean> {
  const path = archivePath(parts, name)
  if ((await recorded(parts.reader, name))?.sha256 !== sha256) return false
  const found = await sha256Of(createReadStream(path)).catch(missing(undefined))
  return found?.sha256 === sha256 && (await checkLeaves(parts, path)).length === 0
}

async function checkLeaves(parts: ArchiveParts, path: string): Promise<string[]> {
  for await (const page of pagesOf(path)) {
    const wrong = await notInTree(parts, page)
    if (wrong !== undefined) return [`Entry ${wrong} is not the one that the tree has.`]
  }
  return []
}

/** The first entry whose leaf the tree does not have in its place. */
async function notInTree(
  { reader }: Pick<ArchiveParts, 'reader'>,
  entries: readonly ProvableEntry[],
): Promise<number | undefined> {
  const tiles = await readTiles(reader, [
    ...new Map(entries.map(({ seq }) => [tileOfLeaf(seq).index, tileOfLeaf(seq)])).values(),
  ])
  const byIndex = new Map(tiles.map(({ index, hashes }) => [index, hashes]))
  return entries.find((entry) => {
    const tile = byIndex.get(tileOfLeaf(entry.seq).index)
    return tile === undefined || !leafHash(entry).equals(leafIn(tile, entry.seq))
  })?.seq
}
