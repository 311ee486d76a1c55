import canonicalize from 'canonicalize'
import type { Json } from '../kernel/json.ts'

/**
 * Canonical JSON text (RFC 8785) of an entry's metadata. What JSON or a database cannot hold exactly is made
 * exact first: U+0000 and lone surrogates become U+FFFD, integers beyond 2^53 and bigints become strings, dates
 * ISO 8601 text; `undefined` is left out.
 */
export function canonicalJson(value: unknown): string {
  return canonicalize(exact(value)) ?? 'null'
}

/** Text that every database and every JSON parser gives back as it was. */
function exactText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}

function exact(value: unknown): Json {
  switch (typeof value) {
    case 'string':
      return exactText(value)
    case 'boolean':
      return value
    case 'bigint':
      return String(value)
    case 'number':
      if (!Number.isFinite(value)) return String(value)
      return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value).toString() : value
    case 'object': {
      if (value === null) return null
      if (value instanceof Date) return value.toISOString()
      if (Array.isArray(value)) return value.map((item) => (item === undefined ? null : exact(item)))
      return Object.fromEntries(
        Object.entries(value)
          .filter(([, item]) => item !== undefined)
          .map(([key, item]) => [exactText(key), exact(item)]),
      )
    }
    default:
      return null
  }
}
