import { matchAt } from './match-at.ts'

/**
 * A piece in quotes of one of these kinds: straight ones, those that phones write in their place, and those of other
 * languages. No piece has in it what begins another: else each such mark would be looked at once for each.
 */
const QUOTED =
  /"[^"]*"|＂[^＂]*＂|[“”„‟][^“”„‟]*[“”‟]|«[^«»]*»|»(?!\s)[^«»]*(?<!\s)«|‹[^‹›]*›|›(?!\s)[^‹›]*(?<!\s)‹|「[^「」]*」|『[^『』]*』|‚[^‚‘’]*[‘’](?!\S)/uy
/** What may be two apostrophes: around whole words, with nothing in it that could be another. */
const SINGLE = /(?<!\S)‘(?:[^\s‘’]|’(?=\S)|\s(?!‘))*’(?!\S)/uy
/** After the name of a filter nothing is left out, so it is no apostrophe. */
const SINGLE_VALUE = /'[^']*'(?!\S)|‘[^‘’]*’(?!\S)/uy

export interface QuotedPiece {
  /** With its quotes, each of which is one mark. */
  readonly piece: string
  /** Whether nobody can take its quotes for something else. */
  readonly isCertain: boolean
}

/** The piece in quotes that stands at a place of a text. */
export function quotedAt(text: string, at: number): QuotedPiece | undefined {
  const certain = matchAt(QUOTED, text, at)
  if (certain !== undefined) return { piece: certain, isCertain: true }
  const piece = matchAt(SINGLE, text, at)
  return piece === undefined ? undefined : { piece, isCertain: false }
}

/** The same of the value of a filter. */
export const quotedValueAt = (text: string, at: number): string | undefined =>
  matchAt(QUOTED, text, at) ?? matchAt(SINGLE_VALUE, text, at)

/** What is in the quotes. */
export const unquoted = (piece: string): string => piece.slice(1, -1)
