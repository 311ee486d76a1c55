import { DateTime } from 'luxon'

/** One calendar day of a time zone, with the moments at which it begins and the next one does. */
export interface Day {
  /** `YYYY-MM-DD` */
  readonly name: string
  readonly start: Date
  readonly end: Date
}

interface Stretch {
  readonly start: Date
  readonly end: Date
}

/** The last `count` days of a time zone (IANA name) with today as the last one, whatever daylight saving does to them. */
export function lastDays(count: number, timeZone: string, now: number): Day[] {
  const today = DateTime.fromMillis(now, { zone: timeZone }).startOf('day')
  return Array.from({ length: count }, (_, index) => {
    const day = today.minus({ days: count - 1 - index })
    return { name: day.toISODate() ?? '', start: beginningOf(day), end: beginningOf(day.plus({ days: 1 })) }
  })
}

/** Where clocks go back at one o'clock, a day has two midnights and begins with the first. */
function beginningOf(day: DateTime): Date {
  const midnights = day.startOf('day').getPossibleOffsets()
  return new Date(Math.min(...midnights.map((midnight) => midnight.toMillis())))
}

/** The stretches of those days that lie within hours such as `22:00-06:00`; of `none`, none. */
export function withinHours(days: readonly Day[], hours: string, timeZone: string): Stretch[] {
  const [from, to] = hours.split('-')
  if (from === undefined || to === undefined || from === to) return []
  return days.flatMap(({ start, end }) => {
    const at = (time: string) => momentOf(start, time, timeZone)
    const parts =
      from < to
        ? [[at(from), at(to)]]
        : [
            [start, at(to)],
            [at(from), end],
          ]
    return parts.map(([start, end]) => ({ start, end }) as Stretch).filter(({ start, end }) => start < end)
  })
}

function momentOf(day: Date, time: string, timeZone: string): Date {
  const [hour, minute] = time.split(':').map(Number)
  return DateTime.fromJSDate(day, { zone: timeZone })
    .set({ hour: hour ?? 0, minute: minute ?? 0 })
    .toJSDate()
}
