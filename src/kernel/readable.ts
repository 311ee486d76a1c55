import { pino } from 'pino'

/** What was thrown, or that it cannot be read: a host may throw what fails again as soon as it is looked at. */
export function readable(thrown: unknown): unknown {
  try {
    JSON.stringify(pino.stdSerializers.err(thrown as Error))
    return thrown
  } catch {
    return new Error('What was thrown cannot be read')
  }
}
