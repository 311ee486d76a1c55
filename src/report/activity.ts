import { AuditCategory } from '../audit/entry/event-type.ts'
import type { Snapshot } from '../storage/contract.ts'
import { namesOf } from './people.repository.ts'
import { type SeqRange, type Tally, tally } from './period.repository.ts'

const MOST_ACTORS = 10

/** Entries of one kind in the period, and in the one before. */
export interface Compared {
  readonly name: string
  readonly now: number
  readonly before: number
}

export interface Activity {
  readonly total: Compared
  readonly categories: readonly Compared[]
  /** Of both periods, the most frequent of this one first. */
  readonly actions: readonly Compared[]
  /** The most active of this period. */
  readonly actors: readonly (Compared & { readonly actorName: string | undefined })[]
  /** How many acted in this period. */
  readonly actorCount: number
}

/** Who did what how often, beside the period before. */
export async function activityIn(snapshot: Snapshot, range: SeqRange, rangeBefore: SeqRange): Promise<Activity> {
  const now = await tally(snapshot, range)
  const before = await tally(snapshot, rangeBefore)
  const categories = compare(now, before, 'category', Object.values(AuditCategory))
  const actors = compare(now, before, 'account').filter((actor) => actor.now > 0)
  const most = actors.slice(0, MOST_ACTORS)
  const names = await namesOf(
    snapshot,
    most.map(({ name }) => name),
  )
  return {
    total: { name: 'All', now: sum(now), before: sum(before) },
    categories,
    actions: compare(now, before, 'action'),
    actors: most.map((actor) => ({ ...actor, actorName: names.get(actor.name) })),
    actorCount: actors.length,
  }
}

/** The counts of each name, those of `always` first and in their order. */
function compare(
  now: readonly Tally[],
  before: readonly Tally[],
  by: 'category' | 'action' | 'account',
  always: readonly string[] = [],
): Compared[] {
  const [counts, countsBefore] = [sumBy(now, by), sumBy(before, by)]
  const others = [...new Set([...counts.keys(), ...countsBefore.keys()])].filter((name) => !always.includes(name))
  const compared = (name: string) => ({ name, now: counts.get(name) ?? 0, before: countsBefore.get(name) ?? 0 })
  const sorted = others.map(compared).sort((a, b) => b.now - a.now || b.before - a.before || (a.name < b.name ? -1 : 1))
  return [...always.map(compared), ...sorted]
}

function sumBy(tallies: readonly Tally[], by: 'category' | 'action' | 'account'): Map<string, number> {
  const sums = new Map<string, number>()
  for (const tally of tallies) sums.set(tally[by], (sums.get(tally[by]) ?? 0) + tally.count)
  return sums
}

const sum = (tallies: readonly Tally[]): number => tallies.reduce((total, { count }) => total + count, 0)
