import { fromBase64 } from './base64.ts'
import { HASH_BYTES, type Hash } from './hash.ts'
import { NoteError, openNote, type Verifier } from './note.ts'

/** What a log says of itself: how large it is and what its root is then (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** The name of the log, which its key has too. */
  readonly origin: string
  readonly size: number
  readonly root: Hash
}

/** The text to sign. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`
}

/** Reads the text of a note as a checkpoint; lines after the third are passed over. @throws {NoteError} */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n')
  const [origin = '', decimal = '', encoded = ''] = lines
  const isWhole = lines.pop() === '' && !lines.includes('')
  const root = fromBase64(encoded, HASH_BYTES)
  const size = Number(decimal)
  if (!isWhole || !/^(0|[1-9][0-9]*)$/.test(decimal) || !Number.isSafeInteger(size) || root === undefined)
    throw new NoteError('The note is no checkpoint.')
  return { origin, size, root }
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
