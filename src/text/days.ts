import { DateTime } from 'luxon'
import { boundsOfDay, momentsAt } from '../kernel/calendar.ts'

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
    const [start, end] = boundsOfDay(day)
    return { name: day.toISODate() ?? '', start, end }
  })
}

/** The stretches of those days that lie within hours such as `22:00-06:00`; of `none`, none. */
export function withinHours(days: readonly Day[], hours: string, timeZone: string): Stretch[] {
  const [from, to] = hours.split('-')
  if (from === undefined || to === undefined || from === to) return []
  return days.flatMap(({ start, end }) => {
    const [[first], [, last]] = [momentsOf(start, from, timeZone), momentsOf(start, to, timeZone)]
    if (from < to) return [{ start: first, end: last }].filter(isLong)
    // Where clocks are set back over both of them, no moment is left between.
    if (last >= first) return [{ start, end }]
    return [
      { start, end: last },
      { start: first, end },
    ].filter(isLong)
  })
}

const isLong = ({ start, end }: Stretch): boolean => start < end

function momentsOf(day: Date, time: string, timeZone: string): readonly [first: Date, last: Date] {
  const [hour, minute] = time.split(':').map(Number)
  return momentsAt(DateTime.fromJSDate(day, { zone: timeZone }).set({ hour: hour ?? 0, minute: minute ?? 0 }))
}
