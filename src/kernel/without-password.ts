/** With `/` once too: a path that was joined keeps no two. */
const BEGINS = /[a-z0-9+.-]{2}:\/+/i
const EXAMPLES = /:(?:PASSWORD|secret)$/

/**
 * A text in which no URL has a user and password, as one has that stands where it was not meant. Our own examples keep
 * theirs.
 */
export const withoutPasswords = (text: string): string => text.replace(/\S+/g, withoutPassword)

/** The same of one value, which may hold spaces. A password that was not escaped may hold anything: it ends with the last @. */
export function withoutPassword(value: string): string {
  const begins = BEGINS.exec(value)
  if (begins === null) return value
  const [start, end] = [begins.index + begins[0].length, value.lastIndexOf('@')]
  const user = value.slice(start, end)
  if (end < start || EXAMPLES.test(user) || /^[^@:/]*\/[^:]*$/.test(user)) return value
  return `${value.slice(0, start)}…${value.slice(end)}`
}
