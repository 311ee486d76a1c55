import { SEALED_TABLES } from '../../storage/covers.ts'
import type { Signer, Verifier } from '../tree/note.ts'
import type { SigningKey } from './signing-key.ts'

/** The fields of a row with its signature, by the names of its columns in camelCase. */
export type Sealed = object & { readonly seal: string }

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

  /** Whether the key that signs now has signed a row: one that was replaced may have been stolen. */
  isSealed(table: string, fields: Sealed): boolean {
    const [row, { seal }] = [sealedRow(table, fields), fields]
    if (isSealedBy([this.#key.latest().verifier], row, seal)) return true
    // A crash may have kept the next key from its place.
    const next = this.#key.prepared()
    return next !== undefined && isSealedBy([next.verifier], row, seal)
  }
}

/** What of a row is signed, by its fields in camelCase. */
export function sealedRow(table: string, fields: object): SealedRow {
  const columns = SEALED_TABLES.get(table)
  if (columns === undefined) throw new TypeError(`Rows of ${table} are not signed.`)
  const byName = fields as Readonly<Record<string, string | number | Date>>
  return [table, ...columns.map((column) => plain(byName[inCamelCase(column)]))]
}

/** @throws where there is no such value: what is signed has to be whole. */
export function plain(value: string | number | Date | undefined): string | number {
  if (value === undefined) throw new TypeError('A row that is to be signed lacks a value.')
  return value instanceof Date ? value.getTime() : value
}

const inCamelCase = (column: string): string => column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

export const sealBy = (signer: Signer, row: SealedRow): string => signer.signRow(textOf(row)).toString('base64')

export function isSealedBy(keys: readonly Verifier[], row: SealedRow, seal: string): boolean {
  const [text, signature] = [textOf(row), Buffer.from(seal, 'base64')]
  return keys.some((key) => key.verify(text, signature))
}

/** No note: those end with a newline. So a seal signs no checkpoint, and the other way round. */
const textOf = (row: SealedRow): string => JSON.stringify(row)
