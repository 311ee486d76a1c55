import { DAY, HOUR, MINUTE } from '../../kernel/clock.ts'

/** A day in UTC, `YYYY-MM-DD`: such names are in the order of the days. */
export type DayName = string

/** How long after its end a day is exported: at 02:00, and a timer may be a moment early. */
const DELAY = 2 * HOUR - MINUTE

export const isDayName = (name: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(name) && !Number.isNaN(Date.parse(name)) && dayOf(Date.parse(name)) === name

/** All moments of a day, both ends included, as entries have no smaller unit than milliseconds. */
export function momentsOf(day: DayName): { readonly startDate: Date; readonly endDate: Date } {
  const start = Date.parse(day)
  return { startDate: new Date(start), endDate: new Date(start + DAY - 1) }
}

/** The first of the `keepDays` newest days that can have been exported by now: files of earlier ones are not kept. */
export const firstKept = (now: number, keepDays: number): DayName => plus(lastEnded(now), 1 - keepDays)

/** Which days are to be exported now, in order, from `next` on; without it, only the newest. */
export function daysDue(next: DayName | undefined, now: number, keepDays: number): DayName[] {
  const newest = lastEnded(now)
  const first = firstKept(now, keepDays)
  const days: DayName[] = []
  for (let day = later(next ?? newest, first); day <= newest; day = dayAfter(day)) days.push(day)
  return days
}

const later = (one: DayName, other: DayName): DayName => (one > other ? one : other)

export const dayAfter = (day: DayName): DayName => plus(day, 1)

/** The newest day that can have been exported by now. */
export const lastEnded = (now: number): DayName => dayOf(now - DELAY - DAY)

const dayOf = (moment: number): DayName => new Date(moment).toISOString().slice(0, 10)

const plus = (day: DayName, days: number): DayName => dayOf(Date.parse(day) + days * DAY)
