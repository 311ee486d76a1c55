import { z } from 'zod'
import { type Argument, oneWord } from '../argument.ts'

const MOST = 365

/** A number of days back from now, 1 to 365, in ASCII digits and nothing else. */
export const days = (fallback: number): Argument<number> => ({
  placeholder: '[days]',
  take: oneWord,
  absent: () => fallback,
  schema: () =>
    z
      .string()
      .regex(/^[0-9]{1,4}$/)
      .transform(Number)
      .refine((n) => n >= 1 && n <= MOST),
  missing: (texts) => texts.arguments.days,
  invalid: (texts) => texts.arguments.days,
})
