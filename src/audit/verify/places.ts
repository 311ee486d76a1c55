import { countOf, mergeRuns, type Run, runsOf, subtractRuns } from '../entry/coverage.ts'
import { HASH_BYTES } from '../tree/hash.ts'
import { TILE_WIDTH } from '../tree/tiles.ts'
import type { Finding } from './finding.ts'
import type { StoredEntry, StoredTrail } from './stored-trail.repository.ts'

/** More than so many displaced entries are not told apart from altered ones. */
const MAX_LOOKED_FOR = 200_000

export type OutOfPlace = Pick<StoredEntry, 'seq' | 'id'> & {
  /** The hash of what the row says, in hex. */
  readonly leaf: string
  /** Its content is the one that was signed, but the hash in the row was changed. */
  readonly isOnlyHash: boolean
}

interface Places {
  readonly size: number
  /** Rows that are not what the tree has at their place, or have no place in it. */
  readonly wrong: readonly OutOfPlace[]
  /** Places without a row. */
  readonly absent: readonly Run[]
  /** What retention and erasure entries say that they removed. */
  readonly covered: readonly Run[]
}

/** Says of each row that is not where it was signed, and of each place without its row, what was done to it. */
export async function explainPlaces(stored: StoredTrail, places: Places): Promise<Finding[]> {
  const { size, wrong } = places
  const missing = subtractRuns(places.absent, places.covered)
  const sought = [...missing, ...runsOf(wrong.filter(({ seq }) => seq >= 0 && seq < size).map(({ seq }) => seq))]
  const placeOf = countOf(sought) > MAX_LOOKED_FOR ? new Map<string, number>() : await leavesOf(stored, sought)
  const foundElsewhere = new Set(
    wrong.flatMap(({ leaf, seq }) => {
      const place = placeOf.get(leaf)
      return place === undefined || place === seq ? [] : [place]
    }),
  )
  const isCovered = (seq: number) => places.covered.some(([first, last]) => first <= seq && seq <= last)
  const rows = wrong.map(({ seq, id, leaf, isOnlyHash }): Finding => {
    const where = { entries: [seq, seq] as const, id }
    if (isOnlyHash) return { kind: 'altered', ...where, about: 'its leaf_hash' }
    const place = placeOf.get(leaf)
    if (place !== undefined && place !== seq) return { kind: 'reordered', ...where, about: `it was entry ${place}` }
    const isReplaced = seq < 0 || seq >= size || foundElsewhere.has(seq) || isCovered(seq)
    return { kind: isReplaced ? 'inserted' : 'altered', ...where }
  })
  // Where something else stands now, what stood there may be nowhere.
  const displaced = wrong.filter(({ seq }, index) => rows[index]?.kind === 'reordered' && seq >= 0 && seq < size)
  const vacated = subtractRuns(runsOf(displaced.map(({ seq }) => seq)), places.covered)
  const gone = subtractRuns(mergeRuns([...missing, ...vacated]), runsOf([...foundElsewhere]))
  const gaps = gone.map((run): Finding => ({ kind: run[1] === size - 1 ? 'truncated' : 'missing', entries: run }))
  return [...rows, ...gaps].sort((a, b) => (a.entries?.[0] ?? 0) - (b.entries?.[0] ?? 0))
}

/** The places of these leaves by their hash in hex. */
async function leavesOf(stored: StoredTrail, runs: readonly Run[]): Promise<Map<string, number>> {
  const places = new Map<string, number>()
  for (const [first, last] of runs)
    for (let seq = first; seq <= last; ) {
      const index = Math.floor(seq / TILE_WIDTH)
      const tile = await stored.tile({ level: 0, index })
      for (const end = Math.min(last + 1, (index + 1) * TILE_WIDTH); seq < end; seq++) {
        const at = (seq % TILE_WIDTH) * HASH_BYTES
        places.set(tile.toString('hex', at, at + HASH_BYTES), seq)
      }
    }
  return places
}
