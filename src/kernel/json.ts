/** A value that JSON can hold. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** So deep may be what comes from outside: who walks through it later goes a step deeper for each level, and SQLite reads 1,000. */
export const MOST_LEVELS = 100

/** Whether there are more than `most` levels of objects and arrays in a value. */
export function isDeeper(value: unknown, most = MOST_LEVELS): boolean {
  if (typeof value !== 'object' || value === null) return false
  return most === 0 || Object.values(value).some((item) => isDeeper(item, most - 1))
}

/** Text as it stands within a string of JSON. */
export const inJson = (text: string): string => JSON.stringify(text).slice(1, -1)

/** What a text is as JSON; `undefined` where it is none, whatever it is. */
export function valueIn(text: unknown): unknown {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
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
