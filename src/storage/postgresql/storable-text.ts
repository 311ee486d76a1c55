/** A value that the server takes: a text, or texts in an array, without U+0000. Anything else is what it is. */
export function storableText<T>(value: T): T {
  if (typeof value === 'string') return (value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value) as T
  return Array.isArray(value) && value.some((each) => typeof each === 'string' && each.includes('\0'))
    ? (value.map(storableText) as T)
    : value
}
