import type { Old } from '../audit/remove/standing.repository.ts'
import { DAY, HOUR } from '../kernel/clock.ts'
import { isClockInDoubt } from '../storage/clock-in-doubt.ts'
import type { Snapshot } from '../storage/contract.ts'
import { lastBefore } from './period.repository.ts'
import { type CleanUp, countKept, countThrough, isAllHeld, lastCleanUp } from './trail.repository.ts'

/** A clean-up runs each day, give or take how long it takes. */
const LATE_AFTER = DAY + HOUR

/** Whether the clean-up does what it should. */
export interface Retention {
  readonly days: number
  /** How many entries are older than that. */
  readonly beyond: number
  /** How many of those stay on purpose: under a hold, or as they say how something is. */
  readonly kept: number
  readonly lastCleanUp: CleanUp | undefined
  /** There is something to remove, and for more than a day nobody has tried to. */
  readonly isLate: boolean
  /** Nothing is removed by age while the clock is in doubt. */
  readonly isClockInDoubt: boolean
}

export interface RetentionOf {
  readonly days: number
  readonly cutoff: Date
  readonly now: Date
}

export async function retentionOf(
  snapshot: Snapshot,
  { days, cutoff, now }: RetentionOf,
  keptForGood: (old: Old) => Promise<ReadonlySet<number>>,
): Promise<Retention> {
  const throughSeq = await lastBefore(snapshot, cutoff, now)
  const beyond = await countThrough(snapshot, throughSeq)
  const kept = beyond === 0 ? 0 : await keptBeyond(snapshot, { cutoff, throughSeq }, beyond, keptForGood)
  const last = await lastCleanUp(snapshot)
  const isRecent = last !== undefined && now.getTime() - last.at.getTime() <= LATE_AFTER
  const inDoubt = await isClockInDoubt(snapshot)
  const isLate = beyond > kept && !isRecent && !inDoubt
  return { days, beyond, kept, lastCleanUp: last, isLate, isClockInDoubt: inDoubt }
}

async function keptBeyond(
  snapshot: Snapshot,
  old: Old,
  beyond: number,
  keptForGood: (old: Old) => Promise<ReadonlySet<number>>,
): Promise<number> {
  if (await isAllHeld(snapshot)) return beyond
  return countKept(snapshot, old.throughSeq, await keptForGood(old))
}
