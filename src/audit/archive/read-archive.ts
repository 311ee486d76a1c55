import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { ChatwardenError } from '../../kernel/errors.ts'
import { entryOfLine } from '../export/jsonl-entry.ts'
import { openManifest } from '../export/manifest.ts'
import { readLines } from '../export/read-lines.ts'
import { manifestOf } from '../export/sidecar.ts'
import { verifyExport } from '../export/verify-export.ts'
import { HASH_BYTES } from '../tree/hash.ts'
import { leafHash } from '../tree/leaf.ts'
import { TILE_WIDTH } from '../tree/tiles.ts'
import type { ProvableEntry } from '../verify/proof.repository.ts'
import { readTiles } from '../write/trail.repository.ts'
import type { Archive } from './archive.repository.ts'
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

/** The entries of an archive, page by page. @throws {FileError} */
export async function* archivePages(parts: ArchiveParts, name: string): AsyncGenerator<ProvableEntry[]> {
  let page: ProvableEntry[] = []
  for await (const line of readLines(archivePath(parts, name))) {
    page.push(entryOfLine(line))
    if (page.length < PAGE) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}

/**
 * Reads an archive from its first byte to its last: is it what was signed, the one that is known by that `sha256` if
 * given, and is every entry in it that of the tree?
 * @returns what is wrong, in words.
 */
export async function checkArchive(
  parts: ArchiveParts,
  { name, sha256 }: Pick<Archive, 'name'> & Partial<Pick<Archive, 'sha256'>>,
): Promise<string[]> {
  const path = archivePath(parts, name)
  try {
    await fetchArchive(parts, name)
    const manifest = await readFile(manifestOf(path), 'utf8')
    const keys = await parts.keys()
    const { findings, manifest: opened } = await verifyExport({ path, manifest, keys })
    if (findings.length > 0) return [...findings]
    const isOther = opened?.fields.file !== basename(path) || opened.fields.sha256 !== (sha256 ?? opened.fields.sha256)
    if (isOther) return ['Another file is in its place.']
    return await checkLeaves(parts, name)
  } catch (error) {
    if (error instanceof ChatwardenError || (error as NodeJS.ErrnoException).syscall !== undefined)
      return [(error as Error).message]
    throw error
  }
}

/** The hash of the archive as its own manifest has it, and how far erasures have been carried out in it. */
export async function archiveManifest(parts: ArchiveParts, name: string) {
  const note = await readFile(manifestOf(archivePath(parts, name)), 'utf8')
  return openManifest(note, await parts.keys()).fields
}

async function checkLeaves(parts: ArchiveParts, name: string): Promise<string[]> {
  for await (const page of archivePages(parts, name)) {
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
  const indexes = [...new Set(entries.map(({ seq }) => Math.floor(seq / TILE_WIDTH)))]
  const tiles = await readTiles(
    reader,
    indexes.map((index) => ({ level: 0, index })),
  )
  const byIndex = new Map(tiles.map(({ index, hashes }) => [index, hashes]))
  return entries.find((entry) => {
    const at = (entry.seq % TILE_WIDTH) * HASH_BYTES
    const leaf = byIndex.get(Math.floor(entry.seq / TILE_WIDTH))?.subarray(at, at + HASH_BYTES)
    return leaf === undefined || !leafHash(entry).equals(leaf)
  })?.seq
}
