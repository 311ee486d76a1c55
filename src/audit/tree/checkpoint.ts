import { fromBase64 } from './base64.ts'
import { EMPTY_ROOT, HASH_BYTES, type Hash } from './hash.ts'
import { NoteError, openNote, readNote, type Verifier } from './note.ts'

/** What a log says of itself: how large it is and what its root is then (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** The name of the log, which its key has too. */
  readonly origin: string
  readonly size: number
  readonly root: Hash
  /** Where it left other logs, in order; of a log that never did, `undefined`. */
  readonly branches?: readonly Branch[] | undefined
}

/**
 * Where a log left another one that it shares its beginning, name and key with. Every checkpoint since says so in a line of
 * its own for each (C2SP tlog-checkpoint, "extension lines"), and the entry can be found in the tree.
 */
export interface Branch {
  /** The first entry that the other one does not have. */
  readonly index: number
  readonly leaf: Hash
}

/** The text to sign. */
export function formatCheckpoint({ origin, size, root, branches = [] }: Checkpoint): string {
  const lines = branches.map(({ index, leaf }) => `branch ${index} ${leaf.toString('base64')}\n`)
  return `${origin}\n${size}\n${root.toString('base64')}\n${lines.join('')}`
}

/** The first branchings that are not the same, each `undefined` where there are no more. */
export function firstDifference<A extends Branch, B extends Branch>(ours: readonly A[], theirs: readonly B[] = []) {
  const isSame = (a: A, b: B | undefined) => b !== undefined && a.index === b.index && a.leaf.equals(b.leaf)
  const at = ours.findIndex((each, place) => !isSame(each, theirs[place]))
  const place = at === -1 ? ours.length : at
  return { ours: ours[place], theirs: theirs[place] }
}

/** Reads the text of a note as a checkpoint; other lines after the third are passed over. @throws {NoteError} */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n')
  const [origin = '', decimal = '', encoded = '', ...more] = lines
  const isWhole = lines.pop() === '' && !lines.includes('')
  const root = fromBase64(encoded, HASH_BYTES)
  const size = natural(decimal)
  if (!isWhole || size === undefined || root === undefined) throw new NoteError('The note is no checkpoint.')
  const branches = more.flatMap((line) => branchIn(line, size))
  return { origin, size, root, branches: branches.length === 0 ? undefined : branches }
}

function branchIn(line: string, size: number): Branch[] {
  const [word, decimal = '', encoded = '', ...more] = line.split(' ')
  const index = natural(decimal)
  const leaf = fromBase64(encoded, HASH_BYTES)
  if (word !== 'branch' || more.length > 0 || index === undefined || index >= size || leaf === undefined) return []
  return [{ index, leaf }]
}

function natural(decimal: string): number | undefined {
  const number = Number(decimal)
  return /^(0|[1-9][0-9]*)$/.test(decimal) && Number.isSafeInteger(number) ? number : undefined
}

/** The checkpoint in a note, whoever signed it; `undefined` if it is none. */
export function unverifiedCheckpoint(note: string): Checkpoint | undefined {
  try {
    return parseCheckpoint(readNote(note).text)
  } catch (error) {
    if (error instanceof NoteError) return undefined
    throw error
  }
}

/** What the head of a trail says, whoever signed it; without a checkpoint it has no entry. */
export function unverifiedHead(note: string): Pick<Checkpoint, 'size' | 'root' | 'branches'> {
  return unverifiedCheckpoint(note) ?? { size: 0, root: EMPTY_ROOT }
}

/** Size and root as entries name them. */
export const treeHead = ({ size, root }: Pick<Checkpoint, 'size' | 'root'>) => ({ size, root: root.toString('base64') })

/**
 * The checkpoint in a note that at least one of these keys signed for the log that it is of: a key signs for the log of its
 * own name alone (C2SP tlog-checkpoint, "Signatures", where that is only recommended).
 * @throws {NoteError}
 */
export function openCheckpoint(
  note: string,
  trusted: readonly Verifier[],
): Checkpoint & { readonly by: readonly Verifier[] } {
  const { text, by } = openNote(note, trusted)
  const checkpoint = parseCheckpoint(text)
  const own = by.filter(({ name }) => name === checkpoint.origin)
  if (own.length === 0)
    throw new NoteError(
      `The checkpoint is of ${JSON.stringify(checkpoint.origin)}, and the key that signed it of ${JSON.stringify(by[0]?.name)}.`,
    )
  return { ...checkpoint, by: own }
}

const SIZE_LINE = /^[0-9]+$/
const HASH_LINE = /^[A-Za-z0-9+/]{43}=$/
const SIGNATURE = /^— \S+ \S+/u

/** The checkpoint note within a text, such as a chat message that was forwarded; `undefined` if there is none. */
export function findCheckpoint(text: string): string | undefined {
  const lines = text.split(/\r?\n/).map((line) => line.trimEnd().replace(/^[\s>]+/u, ''))
  let start = noteFrom(lines, 0)
  while (start !== -1) {
    const blank = lines.indexOf('', start)
    const signatures = blank === -1 ? [] : signaturesFrom(lines, blank + 1)
    if (signatures.length > 0) return [...lines.slice(start, blank + 1), ...signatures, ''].join('\n')
    // Whatever else begins before this empty line would end there, too.
    start = blank === -1 ? -1 : noteFrom(lines, blank)
  }
  return undefined
}

/** Where the first three lines of a checkpoint stand, at or after a line; -1 if nowhere. */
function noteFrom(lines: readonly string[], from: number): number {
  for (let at = from; at < lines.length; at++)
    if (lines[at] !== '' && SIZE_LINE.test(lines[at + 1] ?? '') && HASH_LINE.test(lines[at + 2] ?? '')) return at
  return -1
}

/** The signatures that lines begin with. After one there may be more on its line, and then it is the last. */
function signaturesFrom(lines: readonly string[], from: number): readonly string[] {
  const signatures: string[] = []
  for (let at = from; at < lines.length; at++) {
    const [signature = ''] = SIGNATURE.exec(lines[at] ?? '') ?? []
    if (signature !== '') signatures.push(signature)
    if (signature === '' || signature !== lines[at]) break
  }
  return signatures
}
