import { fromBase64 } from './base64.ts'
import { HASH_BYTES, type Hash } from './hash.ts'
import { NoteError } from './note.ts'

const HEADER = 'c2sp.org/tlog-proof@v1'

/** That an entry is in the log, to be checked without it (C2SP tlog-proof). The file is named `*.tlog-proof`. */
export interface TlogProof {
  readonly index: number
  /** The hashes beside the path from the leaf to the root, the leaf's sibling first. */
  readonly hashes: readonly Hash[]
  /** The checkpoint whose tree it is in: a signed note. */
  readonly checkpoint: string
}

export function formatTlogProof({ index, hashes, checkpoint }: TlogProof): string {
  return [HEADER, `index ${index}`, ...hashes.map((hash) => hash.toString('base64')), '', checkpoint].join('\n')
}

/** @throws {NoteError} */
export function parseTlogProof(text: string): TlogProof {
  const end = text.indexOf('\n\n')
  const [header, ...lines] = text.slice(0, Math.max(end, 0)).split('\n')
  if (header !== HEADER) throw new NoteError(`The file does not begin with ${HEADER}.`)
  // Data that is not vouched for: nothing of ours is in it.
  if (lines[0]?.startsWith('extra ')) lines.shift()
  const [, decimal] = /^index (0|[1-9][0-9]*)$/.exec(lines.shift() ?? '') ?? []
  const index = Number(decimal)
  if (decimal === undefined || !Number.isSafeInteger(index)) throw new NoteError('The proof does not say which entry.')
  const hashes = lines.map((line) => fromBase64(line, HASH_BYTES))
  if (hashes.includes(undefined)) throw new NoteError('A line of the proof is no hash.')
  return { index, hashes: hashes as Hash[], checkpoint: text.slice(end + 2) }
}
