/** A value that JSON can hold. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** So deep may be what comes from outside: who walks through it later goes a step deeper for each level, and SQLite reads 1,000. */
export const MOST_LEVELS = 100
/** So many values may be in it: an entry, of 65,535 bytes, has no place for more. */
const MOST_VALUES = 65_535
/** What holds such a thing is deeper itself: an entry, a line of a file. */
const AROUND = 20
/** Characters: no text is longer that is read as one value, but for a file that says so. */
export const MOST_TEXT = 1024 * 1024

export interface Bounds {
  readonly levels?: number
  readonly values?: number
}

/**
 * What a value has too much of, in words; `undefined` where it is within its bounds. Nothing beyond them is looked at, however
 * often a value stands in others, and whatever it makes of itself when it is asked.
 */
export function excessOf(
  value: unknown,
  { levels = MOST_LEVELS, values = MOST_VALUES }: Bounds = {},
): string | undefined {
  const tooMany = `more than ${values} values`
  let left = values
  const look = (item: unknown, deeper: number): string | undefined => {
    if (--left < 0) return tooMany
    if (typeof item !== 'object' || item === null) return undefined
    if (deeper === 0) return `more than ${levels} levels`
    // A list is not asked for its names first, which would be as many texts; and places without a value count, too.
    if (lengthOf(item) > left) return tooMany
    for (const each of Object.values(item)) {
      const found = look(each, deeper - 1)
      if (found !== undefined) return found
    }
    return undefined
  }
  return look(value, levels)
}

function lengthOf(item: object): number {
  if (Array.isArray(item)) return item.length
  return ArrayBuffer.isView(item) ? item.byteLength : 0
}

type ReadJson = { readonly value: unknown; readonly problem?: undefined } | { readonly problem: string }

/**
 * The one place where JSON of others is read: what it is, or why it is not taken, in words that go on from "it". `levels`
 * of `Infinity` leaves what is in it to whoever reads on.
 */
export function readJson(
  text: string,
  { levels = MOST_LEVELS + AROUND, values, length = MOST_TEXT }: Bounds & { readonly length?: number } = {},
): ReadJson {
  if (text.length > length) return { problem: `is longer than ${length} characters` }
  try {
    const value: unknown = JSON.parse(text)
    const excess =
      levels === Infinity ? undefined : excessOf(value, { levels, ...(values !== undefined && { values }) })
    return excess === undefined ? { value } : { problem: `has ${excess}` }
  } catch {
    return { problem: 'is no JSON' }
  }
}

/** Text as it stands within a string of JSON. */
export const inJson = (text: string): string => JSON.stringify(text).slice(1, -1)

/** What a text is as JSON; `undefined` where it is none, whatever it is, or is deeper or longer than what is written here. */
export function valueIn(text: unknown): unknown {
  const read = readJson(String(text))
  return read.problem === undefined ? read.value : undefined
}

/** The object that a text is as JSON; `undefined` where it is none. */
export function objectIn(text: unknown): Readonly<Record<string, unknown>> | undefined {
  const value = valueIn(text)
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? (value as Readonly<Record<string, unknown>>) : undefined
}

/** The numbers in a JSON array; none where it is something else. */
export function numbersIn(text: string): number[] {
  const value = valueIn(text)
  return Array.isArray(value) ? value.filter((each) => typeof each === 'number') : []
}
