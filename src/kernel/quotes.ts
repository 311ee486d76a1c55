/**
 * A piece in quotes, of one of these kinds: straight ones, those that phones write in their place, and those of other
 * languages. What has the shape of an apostrophe is one only around whole words, and not where letters are left out
 * (`'til`, `'90s`). No piece has in it what begins another: else each such mark would be looked at once for each.
 */
const QUOTED =
  /"[^"]*"|＂[^＂]*＂|[“”„‟][^“”„‟]*[“”‟]|[“„‟][^"“”„‟]*"|«[^«»]*»|»[^«»]*«|‹[^‹›]*›|›[^‹›]*‹|「[^「」]*」|『[^『』]*』|‚[^‚‘’]*[‘’](?!\S)|(?<![^\s:：])['‘](?!(?:till?|tis|twas|em|cause|cos|bout|round|n|\d\ds?)(?![\p{L}\p{N}]))(?:[^\s'‘’]|['’](?=\S)|\s(?!['‘]))*['’](?!\S)/uy

/** The piece in quotes that stands at a place of a text, with its quotes, each of which is one mark. */
export function quotedAt(text: string, at: number): string | undefined {
  QUOTED.lastIndex = at
  return QUOTED.exec(text)?.[0]
}

/** What is in the quotes. */
export const unquoted = (piece: string): string => piece.slice(1, -1)
