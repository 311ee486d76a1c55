import { z } from 'zod'
import { longestValue } from './read-value.ts'
import type { Setting } from './setting.ts'

type JsonSchema = z.core.JSONSchema.BaseSchema

/** What a setting takes, in words and with its bounds: `a whole number from 1 to 10`. */
export function describeValues(setting: Setting): string {
  const { values, schema, example } = setting
  return values ?? describe(jsonSchemaOf(schema), longestValue(setting)) ?? `a value such as ${example}`
}

/** Schemas of another library have none; what only a transform would refuse is in none. */
function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  try {
    return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  } catch {
    return {}
  }
}

function describe(schema: JsonSchema, longest: number): string | undefined {
  if (schema.anyOf !== undefined) return allOf(schema.anyOf.map((each) => describe(each as JsonSchema, longest)))
  if (schema.enum !== undefined) return `one of: ${schema.enum.join(', ')}`
  if (schema.const !== undefined) return String(schema.const)
  switch (schema.type) {
    case 'boolean':
      return 'on or off'
    case 'integer':
      return `a whole number${bounds(schema)}`
    case 'number':
      return `a number${bounds(schema)}`
    case 'string':
      return (schema.pattern ?? schema.format) ? undefined : `a text${length(schema, longest)}`
    default:
      return undefined
  }
}

const allOf = (parts: readonly (string | undefined)[]): string | undefined =>
  parts.includes(undefined) ? undefined : parts.join(' or ')

/** Zod bounds every whole number by what a double can hold: that is no bound to speak of. */
function bounds({ minimum = -Infinity, maximum = Infinity, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const from = minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined
  const to = maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined
  if (from !== undefined && to !== undefined) return ` from ${from} to ${to}`
  const parts = [
    ...(from === undefined ? [] : [`of at least ${from}`]),
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(to === undefined ? [] : [`of at most ${to}`]),
    ...(exclusiveMaximum === undefined ? [] : [`below ${exclusiveMaximum}`]),
  ]
  return parts.length === 0 ? '' : ` ${parts.join(' and ')}`
}

function length({ minLength = 0, maxLength = Infinity }: JsonSchema, longest: number): string {
  const most = Math.min(maxLength, longest)
  return minLength > 0 ? ` of ${minLength} to ${most} characters` : ` of at most ${most} characters`
}
