import type { DateTime } from 'luxon'

/** The first and the last moment at which clocks show this: where they are set back, it comes twice. */
export function momentsAt(local: DateTime): readonly [first: Date, last: Date] {
  const moments = local.getPossibleOffsets().map((moment) => moment.toMillis())
  return [new Date(Math.min(...moments)), new Date(Math.max(...moments))]
}

/** When a calendar day begins, and when the next one does. A day with two midnights begins with the first. */
export function boundsOfDay(day: DateTime): readonly [start: Date, end: Date] {
  const midnight = day.startOf('day')
  return [momentsAt(midnight)[0], momentsAt(midnight.plus({ days: 1 }).startOf('day'))[0]]
}
