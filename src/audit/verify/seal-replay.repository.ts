import type { Snapshot } from '../../storage/contract.ts'
import { isSealedBy } from '../write/row-seals.ts'
import type { Moment, Replay } from './replay.ts'

/** Rows that no entry speaks of: each has to be signed by the key of the trail. */
export class SealReplay implements Replay {
  readonly actions = []
  readonly #table: string
  readonly #columns: readonly string[]

  /** `columns`: those that are signed, in the order in which they are. */
  constructor(table: string, columns: readonly string[]) {
    this.#table = table
    this.#columns = columns
  }

  async compare(snapshot: Snapshot, { keys }: Moment): Promise<string[]> {
    type Row = readonly (string | number)[]
    const rows = await snapshot.read<Row>(`SELECT ${this.#columns.join(', ')}, seal FROM ${this.#table}`)
    const wrong = rows.filter((row) => !isSealedBy(keys, [this.#table, ...row.slice(0, -1)], String(row.at(-1))))
    return wrong.map(([key]) => `${this.#table}: the row of ${key} is not signed by the key of the trail`)
  }
}
