import type { Signer, Verifier } from '../tree/note.ts'
import type { SigningKey } from './signing-key.ts'

/** A row that no entry speaks of, and that the bot goes by all the same: its table, and what it says. Times in milliseconds. */
export type SealedRow = readonly [table: string, ...values: (string | number)[]]

/**
 * Rows are signed by the key of the trail, so that nobody else's count. Who verifies needs the public key alone. A row of before may be
 * put back; what counts only for a time says when it was written.
 */
export class RowSeals {
  readonly #key: SigningKey

  constructor(key: SigningKey) {
    this.#key = key
  }

  /** Whether the key that signs now has signed it: one that was replaced may have been stolen. */
  isSealed(row: SealedRow, seal: string): boolean {
    if (isSealedBy([this.#key.latest().verifier], row, seal)) return true
    // A crash may have kept the next key from its place.
    const next = this.#key.prepared()
    return next !== undefined && isSealedBy([next.verifier], row, seal)
  }
}

export const sealBy = (signer: Signer, row: SealedRow): string => signer.signRow(textOf(row)).toString('base64')

export function isSealedBy(keys: readonly Verifier[], row: SealedRow, seal: string): boolean {
  const [text, signature] = [textOf(row), Buffer.from(seal, 'base64')]
  return keys.some((key) => key.verify(text, signature))
}

/** No note: those end with a newline. So a seal signs no checkpoint, and the other way round. */
const textOf = (row: SealedRow): string => JSON.stringify(row)
