import { z } from 'zod'
import { cronFields, readCron } from '../kernel/crontab.ts'

const KIND = 'must be a cron expression of five fields (minute hour day month weekday)'

/** What each field may hold, in their order. */
const FIELDS = [
  'its minute must be of 0 to 59',
  'its hour must be of 0 to 23',
  'its day must be of 1 to 31, L (the last), or like 15W (the weekday next to the 15th)',
  'its month must be of 1 to 12, or JAN to DEC',
  'its weekday must be of 0 to 7 (both are Sunday), or SUN to SAT, or like 5#2 (the second Friday) or 5L (the last)',
]
const FORMS = 'as *, lists (1,2), ranges from lower to higher (1-5) or steps (*/5, 1-9/2)'

/** One that comes due some day. */
export const cronExpression = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .superRefine((text, context) => {
      const problem = text === fallback ? undefined : problemOf(text)
      if (problem !== undefined) context.addIssue(problem)
    })

function problemOf(text: string): string | undefined {
  const nextOf = (cron: string) => readCron(cron).nextRun()
  const fields = cronFields(text)
  if (fields.length !== FIELDS.length) return KIND
  const wrong = FIELDS.find((_, place) => {
    const alone = fields.map((field, at) => (at === place ? field : '*'))
    return !isRead(() => nextOf(alone.join(' ')))
  })
  if (wrong !== undefined) return `${KIND}: ${wrong}; ${FORMS}`
  if (!isRead(() => nextOf(text))) return KIND
  return nextOf(text) === null ? 'never comes due, as none of its months has such a day' : undefined
}

function isRead(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch {
    return false
  }
}
