import { readJson } from '../../kernel/json.ts'

/** Any string, or any number, of a JSON text. One that never ends goes to the end, so that nothing is looked at twice. */
const TOKEN = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const LONG = /\d{16}/

/** Reads JSON, as `readJson` does. A whole number that JavaScript does not hold exactly becomes text, as it is in the trail. */
export const readExactly = (text: string, bounds?: Parameters<typeof readJson>[1]): ReturnType<typeof readJson> =>
  readJson(LONG.test(text) ? text.replace(TOKEN, exactToken) : text, bounds)

const exactToken = (token: string): string => {
  const isWhole = /^-?\d{16,}$/.test(token)
  return isWhole && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token
}

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
