/** A quoted piece, straight or curly (phones write curly quotes by themselves), or anything up to the next space. */
const WORD = /"([^"]*)"|[“”„]([^“”„]*)[“”]|(\S+)/gu

/** The words of a command. Quotes keep a piece with spaces together and are dropped. */
export function tokenize(text: string): string[] {
  return [...text.matchAll(WORD)].map(([, straight, curly, bare]) => straight ?? curly ?? bare ?? '')
}

/** The last `count` words as they were typed; one that is all in quotes, without them. */
export function tail(text: string, count: number): string {
  const found = [...text.matchAll(WORD)]
  if (count === 1) return tokenize(text).at(-1) ?? ''
  return count === 0 ? '' : text.slice(found.at(-count)?.index).trim()
}

/** Of each word of a command whether it was in quotes. */
export const quotedWords = (text: string): boolean[] =>
  [...text.matchAll(WORD)].map(([, , , bare]) => bare === undefined)

/** What follows the prefix in a message, or `undefined` if it is no command. The prefix may be in any case. */
export function afterPrefix(text: string, prefix: string): string | undefined {
  const start = text.trimStart()
  if (start.slice(0, prefix.length).toLowerCase() !== prefix.toLowerCase()) return undefined
  const rest = start.slice(prefix.length)
  return rest === '' || /^\s/u.test(rest) ? rest : undefined
}
