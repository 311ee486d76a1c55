import { uptime } from 'node:os'

/** The time, as the one thing tests may replace. Milliseconds since 1970-01-01T00:00:00Z. */
export interface Clock {
  now(): number
  /** Milliseconds since some moment, that nobody can set; without it `now` is taken at its word. */
  monotonic?(): number
  /** The same, and goes on while the machine sleeps. */
  uptime?(): number
  /** It is the machine's own, so that those of other machines can be compared with it. */
  readonly isReal?: true
}

export const systemClock: Clock = {
  /** What comes before 1970 is no time that anything was written: nothing is kept of it. */
  now: () => Math.max(Date.now(), 0),
  monotonic: () => performance.now(),
  uptime: () => uptime() * 1000,
  isReal: true,
}

/** Milliseconds by which to tell how long something takes or lasts in this process, whatever is done to its clock meanwhile. */
export const runningTime = (clock: Clock): number => clock.monotonic?.() ?? clock.now()

/** ISO 8601 of a time that may be none at all, as somebody else may have written it. */
export const isoTime = (ms: number): string => {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? `time ${ms}` : date.toISOString()
}

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** How far the clocks of two processes may be apart. What is stored as later than that was written by a clock that was wrong, and counts for none. */
export const SKEW = 5 * MINUTE
