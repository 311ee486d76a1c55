import type { Snapshot } from '../storage/contract.ts'
import { countAfter, newest, perHour, type ReportEntry, type SeqRange } from './period.repository.ts'
import type { Period } from './period.ts'

/** Hours that follow one another and have no entry. */
interface EmptyHours {
  /** Which one of the period is the first, from 0. */
  readonly first: number
  readonly count: number
}

/** Whether anything that happened is missing, as far as the trail tells. */
export interface Completeness {
  /** How many entries each hour has. */
  readonly hours: readonly number[]
  readonly empty: readonly EmptyHours[]
  /** `AUDIT_GAP`: events that could not be written. */
  readonly lost: readonly ReportEntry[]
  /** `CLOCK_JUMP`: the clock was set back. */
  readonly clockJumps: readonly ReportEntry[]
  /** How many entries claim to be later than now, as a clock that ran ahead has written them. */
  readonly ahead: number
}

export async function completenessOf(
  snapshot: Snapshot,
  { start, end, hours }: Period,
  range: SeqRange,
  limit: number,
): Promise<Completeness> {
  const counts = await perHour(snapshot, start, hours)
  return {
    hours: counts,
    empty: emptyHours(counts),
    lost: await newest(snapshot, { actions: ['AUDIT_GAP'] }, range, limit),
    clockJumps: await newest(snapshot, { actions: ['CLOCK_JUMP'] }, range, limit),
    ahead: await countAfter(snapshot, end),
  }
}

function emptyHours(counts: readonly number[]): EmptyHours[] {
  const empty: { first: number; count: number }[] = []
  for (const [hour, count] of counts.entries()) {
    const last = empty.at(-1)
    if (count > 0) continue
    if (last !== undefined && last.first + last.count === hour) last.count++
    else empty.push({ first: hour, count: 1 })
  }
  return empty
}
