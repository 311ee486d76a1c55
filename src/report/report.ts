import type { Old } from '../audit/remove/standing.repository.ts'
import { DAY } from '../kernel/clock.ts'
import type { Snapshot } from '../storage/contract.ts'
import { type Activity, activityIn } from './activity.ts'
import { type Completeness, completenessOf } from './completeness.ts'
import { type PeopleNow, peopleNow } from './people.repository.ts'
import { denialsPerPerson, entriesBetween, newest, type ReportEntry, type SeqRange } from './period.repository.ts'
import { type Period, type PeriodName, periodUntil, startBefore } from './period.ts'
import { type Retention, retentionOf } from './retention.ts'
import { byUnknownAccounts, type TrailSize, trailSize, type Unknowns, withUnknownIds } from './trail.repository.ts'

/** How many entries of one kind a report holds at most. */
const MOST_ENTRIES = 500
const MOST_UNKNOWN = 20
const PEOPLE_CHANGES = ['ROLE_CHANGE', 'WHITELIST_ADD', 'WHITELIST_REMOVE', 'USER_BLOCK', 'USER_UNBLOCK']

/** Entries, the newest first, of which there may be more. */
export interface Listed {
  readonly entries: readonly ReportEntry[]
  readonly total: number
}

/** What a report says: about a period, and about the trail as it is at the end of it. */
export interface Report {
  readonly period: Period
  readonly activity: Activity
  readonly incidents: Listed
  /** How often each person was denied something, the most often denied first. */
  readonly denials: readonly { readonly person: string; readonly count: number }[]
  readonly completeness: Completeness
  readonly retention: Retention
  readonly unknownAccounts: Unknowns
  readonly unknownIds: Unknowns
  readonly people: PeopleNow
  readonly peopleChanges: Listed
  readonly size: TrailSize
}

export interface ReportOf {
  readonly period: PeriodName
  /** The end of the period, ms. */
  readonly now: number
  readonly retentionDays: number
  /** Those of the old entries that the clean-up keeps. Only asked where there are any. */
  keptForGood(old: Old): Promise<ReadonlySet<number>>
}

/** Asks one state of the database everything that a report says. */
export async function makeReport(snapshot: Snapshot, of: ReportOf): Promise<Report> {
  const period = periodUntil(of.period, of.now)
  // What a clock that ran ahead has written is in the trail too, and the newest there is.
  const range = await entriesBetween(snapshot, period.start)
  const before = await entriesBetween(snapshot, startBefore(period), period.start)
  const activity = await activityIn(snapshot, range, before)
  const cutoff = new Date(of.now - of.retentionDays * DAY)
  return {
    period,
    activity,
    incidents: await listed(snapshot, { category: 'SECURITY' }, range, activity),
    denials: await denials(snapshot, range),
    completeness: await completenessOf(snapshot, period, range, MOST_ENTRIES),
    retention: await retentionOf(snapshot, { days: of.retentionDays, cutoff, now: period.end }, of.keptForGood),
    unknownAccounts: await byUnknownAccounts(snapshot, MOST_UNKNOWN),
    unknownIds: await withUnknownIds(snapshot, MOST_UNKNOWN),
    people: await peopleNow(snapshot, period.end),
    peopleChanges: await listed(snapshot, { actions: PEOPLE_CHANGES }, range, activity),
    size: await trailSize(snapshot),
  }
}

async function listed(
  snapshot: Snapshot,
  what: Parameters<typeof newest>[1],
  range: SeqRange,
  { categories, actions }: Activity,
): Promise<Listed> {
  const wanted = 'category' in what ? [what.category] : what.actions
  const counts = ('category' in what ? categories : actions).filter(({ name }) => wanted.includes(name))
  const total = counts.reduce((sum, { now }) => sum + now, 0)
  return { entries: total === 0 ? [] : await newest(snapshot, what, range, MOST_ENTRIES), total }
}

async function denials(snapshot: Snapshot, range: SeqRange): Promise<Report['denials']> {
  const perPerson = [...(await denialsPerPerson(snapshot, range))].map(([person, count]) => ({ person, count }))
  return perPerson.sort((a, b) => b.count - a.count || (a.person < b.person ? -1 : 1))
}
