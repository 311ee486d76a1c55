import { HOUR } from '../kernel/clock.ts'

/** How many hours each report is about. */
const PERIODS = { daily: 24, weekly: 7 * 24 } as const
export type PeriodName = keyof typeof PERIODS

/** The hours up to a moment. They are counted from that moment back, so each is a whole one whatever clocks do. */
export interface Period {
  readonly name: PeriodName
  readonly start: Date
  readonly end: Date
  readonly hours: number
}

export const isPeriodName = (name: string): name is PeriodName => Object.hasOwn(PERIODS, name)

export function periodUntil(name: PeriodName, now: number): Period {
  const hours = PERIODS[name]
  return { name, start: new Date(now - hours * HOUR), end: new Date(now), hours }
}

/** The one of the same length just before. */
export const startBefore = ({ start, hours }: Period): Date => new Date(start.getTime() - hours * HOUR)

/** The moments at which its hours begin. */
export const hoursOf = ({ start, hours }: Period): Date[] =>
  Array.from({ length: hours }, (_, hour) => new Date(start.getTime() + hour * HOUR))
