import { z } from 'zod'

/** One environment variable: what it means, how it is read, and an example that is always valid. */
export interface Variable<Schema extends z.ZodType> {
  readonly help: string
  readonly example: string
  /** Whether its value is never repeated, as it may hold a password or a key. */
  readonly isSecret?: boolean
  readonly schema: Schema
}

export const variable = <Schema extends z.ZodType>(of: Variable<Schema>) => of

/** Items separated by commas. */
export const list = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

export const path = z.string().refine((text) => !text.includes('\0'), { error: 'must be a path' })

export const wholeNumber = (from: number, to: number, fallback: number) =>
  z
    .string()
    .default(String(fallback))
    .refine((text) => /^[0-9]+$/.test(text) && Number(text) >= from && Number(text) <= to, {
      error: `must be a whole number from ${from} to ${to}`,
    })
    .transform(Number)

export const yesOrNo = (fallback: 'yes' | 'no') =>
  z
    .enum(['yes', 'no'], { error: 'must be yes or no' })
    .default(fallback)
    .transform((text) => text === 'yes')
