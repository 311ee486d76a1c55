import type { Reader } from '../../storage/contract.ts'
import type { Verifier } from '../tree/note.ts'
import type { SigningKey } from './signing-key.ts'
import { trailKeys } from './trail-keys.repository.ts'

/** A row that no entry speaks of, and that the bot goes by all the same: its table, and what it says. Times in milliseconds. */
export type SealedRow = readonly [table: string, ...values: (string | number)[]]

/**
 * Signs rows by the key of the trail, so that nobody else's count. Who verifies needs the public key alone. A row of before may be
 * put back; what counts only for a time says when it was written.
 */
export class RowSeals {
  readonly #key: SigningKey

  constructor(key: SigningKey) {
    this.#key = key
  }

  seal(row: SealedRow): string {
    return this.#key.current().signRow(textOf(row)).toString('base64')
  }

  /** Whether a key of the trail signed it, one of before too. */
  async isSealed(db: Pick<Reader, '$queryRaw'>, row: SealedRow, seal: string): Promise<boolean> {
    const { verifier } = this.#key.current()
    return isSealedBy([verifier], row, seal) || isSealedBy(await trailKeys(db, verifier), row, seal)
  }
}

export function isSealedBy(keys: readonly Verifier[], row: SealedRow, seal: string): boolean {
  const [text, signature] = [textOf(row), Buffer.from(seal, 'base64')]
  return keys.some((key) => key.verify(text, signature))
}

/** No note: those end with a newline. So a seal signs no checkpoint, and the other way round. */
const textOf = (row: SealedRow): string => JSON.stringify(row)
