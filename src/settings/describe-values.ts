import { z } from 'zod'
import type { Setting } from './setting.ts'

type JsonSchema = z.core.JSONSchema.BaseSchema

/** What a setting takes, in words and with its bounds: `a whole number from 1 to 10`. */
export function describeValues({ values, schema, example }: Setting): string {
  return values ?? describe(jsonSchemaOf(schema)) ?? `a value such as ${example}`
}

/** Schemas of another library have none, and neither have some that change what they read. */
function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  try {
    return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  } catch {
    return {}
  }
}

function describe(schema: JsonSchema): string | undefined {
  if (schema.anyOf !== undefined) return allOf(schema.anyOf.map((each) => describe(each as JsonSchema)))
  if (schema.enum !== undefined) return `one of: ${schema.enum.join(', ')}`
  if (schema.const !== undefined) return String(schema.const)
  switch (schema.type) {
    case 'boolean':
      return 'on or off'
    case 'integer':
      return `a whole number${bounds(schema.minimum, schema.maximum)}`
    case 'number':
      return `a number${bounds(schema.minimum, schema.maximum)}`
    case 'string':
      return schema.pattern === undefined ? `a text${length(schema.minLength, schema.maxLength)}` : undefined
    default:
      return undefined
  }
}

const allOf = (parts: readonly (string | undefined)[]): string | undefined =>
  parts.includes(undefined) ? undefined : parts.join(' or ')

/** Zod bounds every whole number by what a double can hold: that is no bound to speak of. */
function bounds(least?: number, most?: number): string {
  const from = least === undefined || least <= Number.MIN_SAFE_INTEGER ? undefined : least
  const to = most === undefined || most >= Number.MAX_SAFE_INTEGER ? undefined : most
  if (from === undefined && to === undefined) return ''
  if (to === undefined) return ` of at least ${from}`
  return from === undefined ? ` of at most ${to}` : ` from ${from} to ${to}`
}

function length(least = 0, most = 200): string {
  return least > 0 ? ` of ${least} to ${most} characters` : ` of at most ${most} characters`
}
