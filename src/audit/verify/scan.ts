import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { mergeRuns, type Run, subtractRuns } from '../entry/coverage.ts'
import { isReported } from '../entry/standing.ts'
import { HASH_BYTES } from '../tree/hash.ts'
import { TILE_WIDTH } from '../tree/tiles.ts'
import { Coverings } from './coverings.ts'
import type { Finding } from './finding.ts'
import type { OutOfPlace } from './places.ts'
import type { Replay } from './replay.ts'
import type { StoredEntry, StoredTrail } from './stored-trail.repository.ts'

const PAGE = 1000

/** Entries that say which others are there. */
const COVERS = ['AUDIT_RETENTION', 'AUDIT_ERASURE', 'AUDIT_RESTORED']

export interface Scan {
  readonly present: number
  readonly wrong: readonly OutOfPlace[]
  /** Entries as they were signed, which those before them do not bear out. */
  readonly unfounded: readonly Finding[]
  readonly retained: readonly Run[]
  readonly erasures: readonly { readonly seq: number; readonly runs: readonly Run[] }[]
  absentBelow(size: number): Run[]
}

/**
 * Reads every row once, in order, beside the tree's leaves. What is as it was signed is replayed. Where one of the
 * first `written` entries has no leaf, its tile is damaged, which is found elsewhere: its own hash has to do.
 */
export async function scanEntries(
  stored: StoredTrail,
  written: number,
  replays: readonly Replay[],
  onProgress?: (done: number, total: number) => void,
): Promise<Scan> {
  const total = await stored.count()
  const takers = takersByAction(replays)
  const coverings = await Coverings.read(stored)
  const wrong: OutOfPlace[] = []
  const unfounded: Finding[] = []
  const gaps: Run[] = []
  let retained: Run[] = []
  const erasures: { seq: number; runs: Run[] }[] = []
  let present = 0
  let next = 0
  let tile: { index: number; hashes: Buffer } = { index: -1, hashes: Buffer.alloc(0) }
  for (let after = Number.NEGATIVE_INFINITY; ; ) {
    const page = await stored.entries(after, PAGE)
    for (const entry of page) {
      const { seq, leaf } = entry
      const isAfterGap = seq > next
      if (isAfterGap) gaps.push([next, seq - 1])
      next = Math.max(next, seq + 1)
      const index = Math.floor(seq / TILE_WIDTH)
      if (seq >= 0 && index !== tile.index) tile = { index, hashes: await stored.tile({ level: 0, index }) }
      const at = (seq % TILE_WIDTH) * HASH_BYTES
      const hasLeaf = seq >= 0 && tile.hashes.length >= at + HASH_BYTES
      const isSigned = hasLeaf
        ? leaf.compare(tile.hashes, at, at + HASH_BYTES) === 0
        : seq >= 0 && seq < written && leaf.equals(entry.storedLeaf)
      const isOnlyHash = isSigned && !leaf.equals(entry.storedLeaf)
      if (!isSigned || isOnlyHash) wrong.push({ seq, id: entry.id, leaf: leaf.toString('hex'), isOnlyHash })
      if (isSigned) take(entry, isAfterGap)
    }
    present += page.length
    onProgress?.(present, total)
    if (page.length < PAGE) break
    after = page.at(-1)?.seq ?? after
    await yieldToOthers()
  }

  function take(entry: StoredEntry, isAfterGap: boolean): void {
    const { seq, id, action } = entry
    const isCover = COVERS.includes(action)
    // What a host only reports has changed nothing here, and what retention had removed says nothing any more.
    const taking = isReported(entry) || coverings.isBack(seq) ? undefined : takers.get(action)
    if (taking === undefined && !isCover) return
    const metadata = parsed(entry.metadata)
    if (metadata === undefined) return
    if (isCover) cover(seq, action, metadata.ranges as Run[])
    if (taking === undefined) return
    const replayed = { ...entry, metadata }
    const surroundings = {
      isAfterGap: isAfterGap || coverings.isBack(seq - 1),
      isErasedSince: (taken: number) => coverings.isErasedSince(seq, taken),
    }
    const isWhole = coverings.isWholeBefore(entry)
    for (const replay of taking) {
      const about = replay.judge?.(replayed, surroundings)
      if (about !== undefined && isWhole) unfounded.push({ kind: 'unfounded act', entries: [seq, seq], id, about })
    }
    for (const replay of taking) replay.take?.(replayed)
  }

  function cover(seq: number, action: string, runs: Run[]): void {
    if (action === 'AUDIT_RETENTION') for (const run of runs) retained.push(run)
    else if (action === 'AUDIT_ERASURE') erasures.push({ seq, runs })
    // What came back is there again, until a later retention.
    else retained = subtractRuns(mergeRuns(retained), mergeRuns(runs))
  }

  return {
    present,
    wrong,
    unfounded,
    retained,
    erasures,
    absentBelow: (end) =>
      [...gaps, ...(next < end ? [[next, end - 1] as const] : [])]
        .filter(([first]) => first < end)
        .map(([first, last]) => [first, Math.min(last, end - 1)] as const),
  }
}

/** What was signed is JSON; where a tile is gone a row may be anything. */
function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
}

function takersByAction(replays: readonly Replay[]) {
  const takers = new Map<string, Replay[]>()
  for (const replay of replays)
    for (const action of replay.actions) takers.set(action, [...(takers.get(action) ?? []), replay])
  return takers
}
