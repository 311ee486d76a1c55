import { within as withinTime } from '../../kernel/within.ts'
import { Unanswered } from './link.ts'

/** The outcome of `work`, or `Unanswered` after `ms` milliseconds; what comes later is dropped. */
export const within = <T>(what: string, ms: number, work: Promise<T>): Promise<T> =>
  withinTime(ms, work, () => new Unanswered(`${what}: no answer within ${ms} ms`))
