import { objectIn } from '../../kernel/json.ts'
import { ownTime } from '../../kernel/own-time.ts'
import { covers, mergeRuns, type Run, runsIn } from '../entry/coverage.ts'
import { isReported } from '../entry/standing.ts'
import type { Leaves } from './leaves.ts'
import type { StoredEntry, StoredTrail } from './stored-trail.repository.ts'

/**
 * What signed entries all over the trail say was removed and brought back, known before the first of them is read in its turn. What
 * is not signed must not keep anything from being found.
 */
export class Coverings {
  readonly #back: readonly Run[]
  /** What retention has removed at any time, be it back. */
  readonly #removed: readonly Run[]
  /** The latest moment before which it did, in milliseconds. */
  readonly #removedBefore: number

  private constructor(back: readonly Run[], removed: readonly Run[], removedBefore: number) {
    this.#back = back
    this.#removed = removed
    this.#removedBefore = removedBefore
  }

  static async read(stored: StoredTrail, leaves: Leaves): Promise<Coverings> {
    const restored = await signed(await stored.entriesBy('AUDIT_RESTORED'), leaves)
    const back = mergeRuns(restored.flatMap(({ runs }) => runs))
    const retentions = await signed(await stored.entriesBy('AUDIT_RETENTION'), leaves)
    const removing = retentions.filter(({ runs }) => runs.length > 0)
    const before = removing.reduce((latest, { cutoff }) => Math.max(latest, cutoff), Number.NEGATIVE_INFINITY)
    return new Coverings(back, mergeRuns([...back, ...removing.flatMap(({ runs }) => runs)]), before)
  }

  /** Whether an entry was brought back from an archive: what retention had removed says nothing any more. */
  isBack(seq: number): boolean {
    return covers(this.#back, seq)
  }

  /** Whether retention had removed an entry. What an erasure takes is nothing that another entry is judged by. */
  wasRemoved(seq: number): boolean {
    return covers(this.#removed, seq)
  }

  /**
   * Whether all is there that an entry can be judged by. Of what is older than its cutoff retention leaves the last of each
   * kind and subject: with it those after the cutoff can be judged, but others only where nothing had gone before them.
   */
  canBeJudged(entry: Pick<StoredEntry, 'seq' | 'createdAt' | 'metadata'>): boolean {
    const { seq } = entry
    const [first, last] = [this.#removed[0]?.[0] ?? Number.POSITIVE_INFINITY, this.#removed.at(-1)?.[1] ?? -1]
    // Where times stood still, what is of a time after the cutoff can stand among what was older.
    return seq < first || (ownTime(entry).getTime() >= this.#removedBefore && seq > last)
  }
}

interface Said {
  readonly runs: readonly Run[]
  /** Before which moment a retention removed, in milliseconds. */
  readonly cutoff: number
}

async function signed(entries: readonly StoredEntry[], leaves: Leaves): Promise<Said[]> {
  const said: Said[] = []
  for (const entry of entries) {
    if (isReported(entry) || (await leaves.proofOf(entry)) !== 'leaf') continue
    const { ranges, cutoff } = objectIn(entry.metadata) ?? {}
    said.push({ runs: runsIn(ranges), cutoff: new Date(String(cutoff)).getTime() || 0 })
  }
  return said
}
