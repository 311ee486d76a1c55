import { missing } from '../../kernel/durable-file.ts'
import { sha256Of } from '../../kernel/sha256.ts'
import { readSmall } from '../../kernel/small-text.ts'
import { openCheckpoint } from '../tree/checkpoint.ts'
import type { Hash } from '../tree/hash.ts'
import { leafHash } from '../tree/leaf.ts'
import { NoteError, type Verifier } from '../tree/note.ts'
import { TreeEdge } from '../tree/tiles.ts'
import { FileError } from './file-error.ts'
import { entryOfLine } from './jsonl-entry.ts'
import { type Manifest, type ManifestFields, openManifest } from './manifest.ts'
import { readJoined, readLines } from './read-lines.ts'
import { recordsOf } from './records.ts'
import { sidecarOf, sidecarText } from './sidecar.ts'

export interface ExportVerification {
  /** What is wrong, in words; nothing of it if the list is empty. */
  readonly findings: readonly string[]
  /** `undefined` if nobody who is trusted signed the manifest. */
  readonly manifest: Manifest | undefined
  /**
   * What says that nothing was left out: `tree`, as the file holds every entry of the signed tree; else `signer`, who
   * says that these are all that matched.
   */
  readonly completeness: 'tree' | 'signer'
}

export interface VerifyExport {
  readonly path: string
  /** The text of its manifest. */
  readonly manifest: string
  readonly keys: readonly Verifier[]
  onProgress?(done: number, total: number): void
}

/** Checks a file against its manifest, its sidecar and, where it has what that takes, against the tree: no database is needed. */
export async function verifyExport({
  path,
  manifest: note,
  keys,
  onProgress,
}: VerifyExport): Promise<ExportVerification> {
  const findings: string[] = []
  const { sha256, bytes } = await sha256Of(readJoined(path))
  const manifest = openedOr(findings, () => openManifest(note, keys))
  if (manifest === undefined) return { findings, manifest, completeness: 'signer' }
  const { fields } = manifest
  const sidecar = await readSmall(sidecarOf(path)).catch(missing(undefined))
  if (sidecar !== undefined && sidecar !== sidecarText(fields.sha256, fields.file))
    findings.push('The .sha256 beside the file does not say what was signed.')
  if (fields.sha256 !== sha256 || fields.bytes !== bytes) {
    findings.push('The file is not the one that was signed: its content was changed, or it is not whole.')
    return { findings, manifest, completeness: 'signer' }
  }
  const checkpoint = manifest.checkpoint === '' ? undefined : openedOr(findings, () => checkpointOf(manifest, keys))
  const content = await contentOf(path, fields, onProgress).catch((error) => {
    if (!(error instanceof FileError)) throw error
    findings.push(error.message)
    return undefined
  })
  if (content === undefined) return { findings, manifest, completeness: 'signer' }
  if (content.entries !== fields.entries)
    findings.push(`The manifest says ${fields.entries} entries, and there are ${content.entries}.`)
  const isWhole = content.tree !== undefined && content.tree.size === checkpoint?.size
  if (isWhole && !content.tree.root().equals(checkpoint.root))
    findings.push('The entries are not those of the tree that was signed.')
  return { findings, manifest, completeness: isWhole ? 'tree' : 'signer' }
}

function openedOr<T>(findings: string[], open: () => T): T | undefined {
  try {
    return open()
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
    findings.push(error.message)
    return undefined
  }
}

function checkpointOf({ checkpoint, by }: Manifest, keys: readonly Verifier[]) {
  return openCheckpoint(checkpoint, [...by, ...keys])
}

interface Content {
  readonly entries: number
  /** The tree of the entries, where they are all from the first on without a gap and their leaves are known. */
  readonly tree: TreeEdge | undefined
}

async function contentOf(
  path: string,
  fields: ManifestFields,
  onProgress: VerifyExport['onProgress'] = () => {},
): Promise<Content> {
  const tree = TreeEdge.load(0, [])
  let leaves: Hash[] = []
  let isContiguous = fields.format === 'jsonl'
  let entries = 0
  let last = -1
  const lines = readLines(path, { isGzip: fields.compression === 'gzip', isSigned: true })
  for await (const record of recordsOf(fields.format, lines)) {
    if (fields.format === 'jsonl') {
      const entry = entryOfLine(record)
      if (entry.seq <= last) throw new FileError(`Entry ${entry.seq} stands after entry ${last}.`)
      isContiguous &&= entry.seq === last + 1
      last = entry.seq
      if (isContiguous) leaves.push(leafHash(entry))
    }
    entries++
    if (entries % 1000 === 0) {
      tree.append(leaves)
      leaves = []
      onProgress(entries, fields.entries)
    }
  }
  tree.append(leaves)
  return { entries, tree: isContiguous ? tree : undefined }
}
