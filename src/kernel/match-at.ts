/** What a sticky pattern (`y`) finds at a place of a text; `undefined` where it finds nothing. */
export function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}
