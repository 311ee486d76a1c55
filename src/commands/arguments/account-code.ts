import { z } from 'zod'
import { sha256OfText } from '../../kernel/sha256.ts'
import { type Argument, oneWord } from '../argument.ts'

/** A short name for an account, which no number can be taken for. */
export const codeOf = (account: string): string => `#${sha256OfText(account).slice(0, 4)}`

/** Which of several accounts is meant; empty where it was left out. */
export const accountCode: Argument<string> = {
  placeholder: '[#code]',
  take: oneWord,
  absent: () => '',
  schema: () =>
    z
      .string()
      .regex(/^#[0-9a-f]{4}$/i)
      .transform((code) => code.toLowerCase()),
  missing: (texts) => texts.arguments.accountCode,
  invalid: (texts) => texts.arguments.accountCode,
}
