import { objectIn } from './json.ts'

/** By this name an entry has what the clock said, where that had been set back and the times of entries stand still. No event may have such a field. */
export const CLOCK_TIME = 'clockTime'

interface Timed {
  /** Milliseconds, where the database gives them so. */
  readonly createdAt: Date | number
  /** JSON, as text or read. */
  readonly metadata: string | Readonly<Record<string, unknown>>
}

/** What the clock said when an entry was written: its time, but where the clock had been set back. */
export function ownTime({ createdAt, metadata }: Timed): Date {
  const { [CLOCK_TIME]: said } = typeof metadata === 'string' ? (objectIn(metadata) ?? {}) : metadata
  const own = typeof said === 'string' ? Date.parse(said) : Number.NaN
  return new Date(Number.isNaN(own) ? createdAt : own)
}
