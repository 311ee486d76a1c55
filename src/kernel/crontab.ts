import { createRequire } from 'node:module'
import type * as Croner from 'croner'

/** The fields of a cron expression: minute, hour, day, month, weekday; before them there may be a second. */
export const cronFields = (cron: string): string[] => cron.trim().split(/\s+/)

/**
 * Reads a cron expression, in UTC: it says which times a clock on the wall has to show. A day of the month
 * and a weekday that are both said hold one as well as the other, unless one of them begins with `*` (crontab(5)).
 * @throws the library's own error.
 */
export function readCron(cron: string): Croner.Cron {
  // Only here: it takes a while to load.
  const { Cron } = createRequire(import.meta.url)('croner') as typeof Croner
  const fields = cronFields(cron)
  const domAndDow = [fields.at(-3), fields.at(-1)].some((field) => /^[*?]/.test(field ?? ''))
  return new Cron(cron, { timezone: 'UTC', paused: true, domAndDow })
}
