import type { z } from 'zod'

/**
 * What a schema makes of a value, if it takes it. A schema that throws does not, and what it throws goes nowhere: it
 * may quote the value, as the errors of `new URL` do, and the value may be a secret.
 */
export function parse<T>(schema: z.ZodType<T>, input: unknown): { readonly value: T } | undefined {
  try {
    const { success, data } = schema.safeParse(input)
    return success ? { value: data } : undefined
  } catch {
    return undefined
  }
}
