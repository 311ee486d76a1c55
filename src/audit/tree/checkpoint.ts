import { fromBase64 } from './base64.ts'
import { HASH_BYTES, type Hash } from './hash.ts'
import { NoteError, openNote, readNote, type Verifier } from './note.ts'

/** What a log says of itself: how large it is and what its root is then (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** The name of the log, which its key has too. */
  readonly origin: string
  readonly size: number
  readonly root: Hash
  /** Of a log that another one may go on beside; `undefined`: there is no other that we made. */
  readonly branch?: Branch
}

/**
 * Where a log left another one that it shares its beginning, name and key with. Every checkpoint since says so in a line of
 * its own (C2SP tlog-checkpoint, "extension lines"), and whoever has it can find the entry in the tree.
 */
export interface Branch {
  /** The first entry that the other one does not have. */
  readonly index: number
  readonly leaf: Hash
}

/** The text to sign. */
export function formatCheckpoint({ origin, size, root, branch }: Checkpoint): string {
  const line = branch === undefined ? '' : `branch ${branch.index} ${branch.leaf.toString('base64')}\n`
  return `${origin}\n${size}\n${root.toString('base64')}\n${line}`
}

export const isSameBranch = (a: Branch | undefined, b: Branch | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.index === b.index && a.leaf.equals(b.leaf)

/** Reads the text of a note as a checkpoint; other lines after the third are passed over. @throws {NoteError} */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n')
  const [origin = '', decimal = '', encoded = '', ...more] = lines
  const isWhole = lines.pop() === '' && !lines.includes('')
  const root = fromBase64(encoded, HASH_BYTES)
  const size = natural(decimal)
  if (!isWhole || size === undefined || root === undefined) throw new NoteError('The note is no checkpoint.')
  const branch = more.flatMap((line) => branchIn(line, size))[0]
  return branch === undefined ? { origin, size, root } : { origin, size, root, branch }
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

/** What a note says as a checkpoint, whoever signed it; `undefined` if it is none. */
export function claimIn(note: string): Checkpoint | undefined {
  try {
    return parseCheckpoint(readNote(note).text)
  } catch (error) {
    if (error instanceof NoteError) return undefined
    throw error
  }
}

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

const NOTE = /(?<=^|\n)\S[^\n]*\n[0-9]+\n[A-Za-z0-9+/]{43}=\n(?:[^\n]+\n)*\n(?:— \S+ \S+\n?)+/u

/** The checkpoint note within a text, such as a chat message that was forwarded; `undefined` if there is none. */
export function findCheckpoint(text: string): string | undefined {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/^[\s>]+|\s+$/gu, ''))
  const found = NOTE.exec(lines.join('\n'))?.[0]
  return found === undefined ? undefined : `${found.trimEnd()}\n`
}
