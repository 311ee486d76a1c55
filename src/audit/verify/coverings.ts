import { covers, mergeRuns, type Run } from '../entry/coverage.ts'
import type { StoredTrail } from './stored-trail.repository.ts'

type Erasures = readonly { readonly seq: number; readonly runs: readonly Run[] }[]

/** What entries all over the trail say was removed and brought back, known before the first of them is read in its turn. */
export class Coverings {
  readonly #back: readonly Run[]
  readonly #erasures: Erasures
  readonly #firstRetained: number
  readonly #retainedBefore: number

  private constructor(back: readonly Run[], erasures: Erasures, firstRetained: number, before: number) {
    this.#back = back
    this.#erasures = erasures
    this.#firstRetained = firstRetained
    this.#retainedBefore = before
  }

  static async read(stored: StoredTrail): Promise<Coverings> {
    const back = mergeRuns((await stored.rangesBy('AUDIT_RESTORED')).flatMap(({ runs }) => runs))
    const erasures = (await stored.rangesBy('AUDIT_ERASURE')).map(({ seq, runs }) => ({ seq, runs: mergeRuns(runs) }))
    const retentions = (await stored.rangesBy('AUDIT_RETENTION')).filter(({ runs }) => runs.length > 0)
    const retained = mergeRuns([...back, ...retentions.flatMap(({ runs }) => runs)])
    const before = retentions.reduce((latest, { cutoff }) => Math.max(latest, cutoff), Number.NEGATIVE_INFINITY)
    return new Coverings(back, erasures, retained[0]?.[0] ?? Number.POSITIVE_INFINITY, before)
  }

  /** Whether an entry was brought back from an archive: what retention had removed says nothing any more. */
  isBack(seq: number): boolean {
    return covers(this.#back, seq)
  }

  /**
   * Whether all is there that an entry can go by. Of what is older than its cutoff retention leaves the last of each kind
   * and subject: with it those after the cutoff are whole, but others may have gone before what else was left.
   */
  isWholeBefore({ seq, createdAt }: { readonly seq: number; readonly createdAt: Date }): boolean {
    return seq < this.#firstRetained || createdAt.getTime() >= this.#retainedBefore
  }

  /** Whether an erasure after the entry `seq` took the one of the number `taken`. */
  isErasedSince(seq: number, taken: number): boolean {
    return this.#erasures.some((erasure) => erasure.seq > seq && covers(erasure.runs, taken))
  }
}
