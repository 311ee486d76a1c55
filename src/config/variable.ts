import { z } from 'zod'
import { lookAt } from '../kernel/look-at.ts'
import { pathProblem } from '../kernel/path-problem.ts'

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

const pathThat = (problemOf: (text: string) => string | undefined) =>
  z.string().superRefine((text, context) => {
    const problem = problemOf(text)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })

/** A file, or the name of one to come. */
export const path = pathThat(pathProblem)

/** A folder, or the name of one to come. */
export const folder = pathThat((text) => pathProblem(text) ?? folderProblem(text))

function folderProblem(text: string): string | undefined {
  const there = lookAt(text)
  if (there === 'below a file') return 'is a path below a file, which is no folder'
  return there === undefined || there.isDirectory() ? undefined : 'must be a folder, and there is something else'
}

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
