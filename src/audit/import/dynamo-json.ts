import { isObject, type JsonObject } from './exact-json.ts'

/** How an attribute value of DynamoDB is written in JSON, by its type ("AttributeValue" in the API reference). */
const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  S: (value) => typeof value === 'string',
  N: (value) => typeof value === 'string',
  B: (value) => typeof value === 'string',
  BOOL: (value) => typeof value === 'boolean',
  NULL: (value) => value === true,
  M: (value) => isObject(value) && Object.values(value).every(isAttribute),
  L: (value) => Array.isArray(value) && value.every(isAttribute),
  SS: Array.isArray,
  NS: Array.isArray,
  BS: Array.isArray,
}

/** The attributes as plain JSON where a line is an item of DynamoDB, alone or as `{"Item": …}`; else the line as it is. */
export function withoutTypes(line: JsonObject): JsonObject {
  if (isItem(line.Item)) return plainItem(line.Item)
  return isItem(line) ? plainItem(line) : line
}

const isItem = (value: unknown): value is JsonObject =>
  isObject(value) && Object.keys(value).length > 0 && Object.values(value).every(isAttribute)

function isAttribute(value: unknown): value is JsonObject {
  if (!isObject(value)) return false
  const [[type, inner] = ['', undefined], ...others] = Object.entries(value)
  return others.length === 0 && Object.hasOwn(TYPES, type) && TYPES[type]?.(inner) === true
}

const plainItem = (item: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(item).map(([name, attribute]) => [name, plain(attribute as JsonObject)]))

function plain(attribute: JsonObject): unknown {
  const [type, value] = Object.entries(attribute)[0] as [string, unknown]
  switch (type) {
    case 'N':
      return exactNumber(value)
    case 'NS':
      return (value as unknown[]).map(exactNumber)
    case 'NULL':
      return null
    case 'M':
      return plainItem(value as JsonObject)
    case 'L':
      return (value as JsonObject[]).map(plain)
    default:
      return value
  }
}

/** DynamoDB has 38 digits: a number that JavaScript would write in another way stays text. */
function exactNumber(text: unknown): unknown {
  const number = Number(text)
  const isExact = String(number) === text && (!Number.isInteger(number) || Number.isSafeInteger(number))
  return isExact ? number : text
}
