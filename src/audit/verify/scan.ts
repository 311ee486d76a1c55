import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { objectIn } from '../../kernel/json.ts'
import { mergeRuns, type Run, runsIn, subtractRuns } from '../entry/coverage.ts'
import { isReported } from '../entry/standing.ts'
import { Coverings } from './coverings.ts'
import type { Finding } from './finding.ts'
import { Leaves } from './leaves.ts'
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
 * Reads every row once, in order, beside the tree's leaves. What is as it was signed is replayed, and judged by what was
 * replayed before it. Where one of the first `written` entries has no leaf, its tile is damaged, which is found elsewhere: its own
 * hash has to do, to be replayed.
 */
export async function scanEntries(
  stored: StoredTrail,
  written: number,
  replays: readonly Replay[],
  onProgress?: (done: number, total: number) => void,
): Promise<Scan> {
  const total = await stored.count()
  const takers = takersByAction(replays)
  const leaves = new Leaves(stored, written)
  const coverings = await Coverings.read(stored, leaves)
  const wrong: OutOfPlace[] = []
  const unfounded: Finding[] = []
  const gaps: Run[] = []
  let retained: Run[] = []
  const erasures: { seq: number; runs: Run[] }[] = []
  let present = 0
  let next = 0
  /** The entry just before in the trail, if it is there and as it was signed. */
  let before: StoredEntry | undefined
  for (let after = Number.NEGATIVE_INFINITY; ; ) {
    const page = await stored.entries(after, PAGE)
    for (const entry of page) {
      const { seq, leaf } = entry
      if (seq > next) {
        gaps.push([next, seq - 1])
        before = undefined
      }
      next = Math.max(next, seq + 1)
      const proof = await leaves.proofOf(entry)
      const isOnlyHash = proof !== undefined && !leaf.equals(entry.storedLeaf)
      if (proof === undefined || isOnlyHash) wrong.push({ seq, id: entry.id, leaf: leaf.toString('hex'), isOnlyHash })
      if (proof !== undefined) take(entry, proof === 'leaf')
      before = proof === undefined || coverings.isBack(seq) ? undefined : entry
    }
    present += page.length
    onProgress?.(present, total)
    if (page.length < PAGE) break
    after = page.at(-1)?.seq ?? after
    await yieldToOthers()
  }

  function take(entry: StoredEntry, isProved: boolean): void {
    const { seq, id, action } = entry
    const isCover = COVERS.includes(action)
    // What a host only reports has changed nothing here, and what retention had removed says nothing any more.
    const taking = isReported(entry) || coverings.isBack(seq) ? undefined : takers.get(action)
    if (taking === undefined && !isCover) return
    const metadata = objectIn(entry.metadata)
    if (metadata === undefined) return
    if (isCover) cover(seq, action, runsIn(metadata.ranges))
    if (taking === undefined) return
    const replayed = { ...entry, metadata }
    const surroundings = {
      isAfterGap: coverings.wasRemoved(seq - 1),
      continues: before !== undefined && isOneAct(before, entry),
    }
    const isJudged = isProved && coverings.canBeJudged(entry)
    for (const replay of taking) {
      const about = replay.judge?.(replayed, surroundings)
      if (about !== undefined && isJudged) unfounded.push({ kind: 'unfounded act', entries: [seq, seq], id, about })
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

const OF_ONE_ACT = ['source', 'account', 'userId', 'userRole', 'channelId', 'requestId'] as const

/** Whether one message, or one command at the command line, wrote both. A message that counts twice may be of two minds. */
const isOneAct = (before: StoredEntry, entry: StoredEntry): boolean =>
  OF_ONE_ACT.every((name) => entry[name] === before[name])

function takersByAction(replays: readonly Replay[]) {
  const takers = new Map<string, Replay[]>()
  for (const replay of replays)
    for (const action of replay.actions) takers.set(action, [...(takers.get(action) ?? []), replay])
  return takers
}
