import { openCheckpoint } from '../tree/checkpoint.ts'
import { NoteError, openNote, readNote, Verifier } from '../tree/note.ts'
import type { Finding } from './finding.ts'
import type { ReplayedEntry } from './replay.ts'

interface Rotation {
  readonly seq: number
  readonly oldKey: Verifier
  readonly newKey: Verifier
  readonly isSigned: boolean
}

interface Trusted {
  readonly keys: readonly Verifier[]
  readonly current: readonly Verifier[]
  readonly findings: readonly Finding[]
}

const isSame = (a: Verifier, b: Verifier): boolean => a.toString() === b.toString()

/** The text by which a key hands over to the next one; the old key signs it. */
export const handOverText = (oldKey: Verifier, newKey: Verifier): string =>
  `chatwarden key rotation\n${oldKey.name}\n${oldKey}\n${newKey}\n`

/** Follows the keys of the trail from those that are trusted. */
export class Keys {
  readonly actions = ['AUDIT_KEY_ROTATED']
  readonly #anchors: readonly Verifier[]
  readonly #rotations: Rotation[] = []

  constructor(anchors: readonly Verifier[]) {
    this.#anchors = anchors
  }

  take({ seq, metadata }: Pick<ReplayedEntry, 'seq' | 'metadata'>): void {
    const { oldKey: oldText, newKey: newText, statement } = metadata
    try {
      const [oldKey, newKey] = [Verifier.parse(String(oldText)), Verifier.parse(String(newText))]
      this.#rotations.push({ seq, oldKey, newKey, isSigned: isSignedHandOver(oldKey, newKey, statement) })
    } catch (error) {
      if (!(error instanceof NoteError)) throw error
    }
  }

  /**
   * `keys`: those that are trusted or that a trusted key led to; `current`: those of them that no other one has replaced,
   * whose signature of the head counts.
   */
  trusted(): Trusted {
    const keys = [...this.#anchors]
    let current: readonly Verifier[] = this.#anchors
    const findings: Finding[] = []
    for (const { seq, oldKey, newKey, isSigned } of this.#rotations) {
      if (!keys.some((key) => isSame(key, oldKey))) continue
      keys.push(newKey)
      current = [...current.filter((key) => !isSame(key, oldKey)), newKey]
      const about = `the key of the trail changed without a signature of the old one, to ${newKey}`
      if (!isSigned) findings.push({ kind: 'bad signature', entries: [seq, seq], about })
    }
    return { keys, current, findings }
  }

  /** Those and the ones before them, which a trusted trail names: for checkpoints of long ago. */
  known(): readonly Verifier[] {
    const { keys } = this.trusted()
    return [...keys, ...this.#rotations.map(({ oldKey }) => oldKey)]
  }
}

function isSignedHandOver(oldKey: Verifier, newKey: Verifier, statement: unknown): boolean {
  try {
    return openNote(String(statement), [oldKey]).text === handOverText(oldKey, newKey)
  } catch (error) {
    if (error instanceof NoteError) return false
    throw error
  }
}

/** Why a head does not count as signed by these; `undefined` if it does. */
export function signatureProblem(checkpoint: string, keys: readonly Verifier[]): string | undefined {
  try {
    openCheckpoint(checkpoint, keys)
    // The last to sign is who may go on.
    const last = readNote(checkpoint).signatures.at(-1)
    return keys.some(({ keyId, name }) => keyId === last?.keyId && name === last.name)
      ? undefined
      : 'The last key that signed is not trusted.'
  } catch (error) {
    if (error instanceof NoteError) return error.message
    throw error
  }
}
