import { z } from 'zod'
import type { Texts } from '../../text/english.ts'
import type { Argument } from '../argument.ts'

interface Rest {
  readonly placeholder: string
  /** In characters. */
  readonly limit: number
  /** What it is when nothing is left; without it something has to be. */
  readonly absent?: string
  problem(texts: Texts): string
}

/** All words that are left, as one text. */
export const rest = ({ placeholder, limit, absent, problem }: Rest): Argument<string> => ({
  placeholder,
  isFreeText: true,
  take: (words) => words.length,
  absent: () => absent,
  schema: () => z.string().trim().min(1).max(limit),
  missing: problem,
  invalid: problem,
})
