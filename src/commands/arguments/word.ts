import { z } from 'zod'
import type { Texts } from '../../text/english.ts'
import { type Argument, oneWord } from '../argument.ts'

interface Word {
  readonly placeholder: string
  readonly pattern: RegExp
  /** What it is when it was left out; without it, it may not be. */
  readonly absent?: string
  problem(texts: Texts): string
}

/** One word of a certain form. */
export const word = ({ placeholder, pattern, absent, problem }: Word): Argument<string> => ({
  placeholder,
  take: oneWord,
  absent: () => absent,
  schema: () => z.string().regex(pattern),
  missing: problem,
  invalid: problem,
})
