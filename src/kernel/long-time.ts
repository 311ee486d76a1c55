import { DAY, HOUR } from './clock.ts'

/** How long that is, for people: whole hours, and days from two on, whichever way. */
export function longTime(ms: number): string {
  const hours = Math.max(1, Math.round(Math.abs(ms) / HOUR))
  if (hours >= 48) return `${Math.round(Math.abs(ms) / DAY)} days`
  return hours === 1 ? '1 hour' : `${hours} hours`
}
