import type { AuditCategory } from '../entry/event-type.ts'
import type { StoredEntries } from './stored-entries.repository.ts'
import type { Count, Stretch } from './stretch.ts'

/** What happened in a number of days. */
export interface Activity {
  readonly total: number
  /** How many entries of each category there were on each day. */
  readonly perDay: readonly Readonly<Record<AuditCategory, number>>[]
  /** The most frequent first. */
  readonly actions: readonly Count[]
  readonly actors: readonly Count[]
  readonly offHours: number
}

const LAST_MOMENT = new Date(8.64e15)

/** Counts what is in the trail, day by day, the last of them without an end. `days` follow one another; `offHours` may be any stretches. */
export async function activityOf(
  logs: StoredEntries,
  days: readonly Stretch[],
  offHours: readonly Stretch[],
): Promise<Activity> {
  const [first, last] = [days[0], days.at(-1)]
  if (first === undefined || last === undefined) return { total: 0, perDay: [], actions: [], actors: [], offHours: 0 }
  // What a clock that ran ahead has written is in the trail too.
  const today = { start: last.start, end: LAST_MOMENT }
  const whole = { start: first.start, end: LAST_MOMENT }
  const perDay = await logs.countsPerCategory([...days.slice(0, -1), today])
  const perStretch = await logs.countsPerCategory(offHours)
  const sum = (counts: readonly Readonly<Record<string, number>>[]) =>
    counts.flatMap((each) => Object.values(each)).reduce((total, count) => total + count, 0)
  return {
    total: sum(perDay),
    perDay,
    actions: await logs.mostFrequent('action', whole),
    actors: await logs.mostFrequent('account', whole),
    offHours: sum(perStretch),
  }
}
