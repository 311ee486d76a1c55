import { unmarked } from '../kernel/keyword.ts'
import { matchAt } from '../kernel/match-at.ts'
import { quotedAt, unquoted } from '../kernel/quotes.ts'

/** How a command begins, as the terminal too knows it. */
export { afterPrefix } from '../kernel/prefix.ts'

/** What nobody sees, at the ends of a word. */
const UNSEEN_ENDS =
  /^[\p{Cf}\p{Default_Ignorable_Code_Point}]+|(?<![\p{Cf}\p{Default_Ignorable_Code_Point}])[\p{Cf}\p{Default_Ignorable_Code_Point}]+$/gu

const UNSEEN_AND_SPACES =
  /^(?:(?![\u202A-\u202E])[\s\p{Cf}\p{Default_Ignorable_Code_Point}])+|(?<![\s\p{Cf}\p{Default_Ignorable_Code_Point}])(?:(?![\u202A-\u202E])[\s\p{Cf}\p{Default_Ignorable_Code_Point}])+$/gu

const WORD = /\S+/y
const SPACES = /\s*/y

const nextWord = (text: string, at: number): number => at + (matchAt(SPACES, text, at) ?? '').length

interface Piece {
  readonly word: string
  /** Whether it was in quotes, so that nothing in it means anything else. */
  readonly isQuoted: boolean
  /** Whether it was in what may be quotes. */
  readonly mayBeQuoted: boolean
  /** Where it begins in the text. */
  readonly at: number
}

/** Quoted pieces, and anything else up to the next space. */
function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  for (let at = nextWord(text, 0); at < text.length; ) {
    const quoted = quotedAt(text, at)
    const piece = quoted?.piece ?? matchAt(WORD, text, at) ?? ''
    const word = quoted === undefined ? piece : unquoted(piece)
    pieces.push({ word, at, mayBeQuoted: quoted !== undefined, isQuoted: quoted?.isCertain ?? false })
    at = nextWord(text, at + piece.length)
  }
  return pieces
}

/** The words of a command. Quotes keep a piece with spaces together and are dropped. */
export const tokenize = (text: string): string[] => piecesOf(text).map(({ word }) => word)

/** The same as they are meant: without marks around them that nobody sees, or that make them stand out. */
export const meantWords = (text: string): string[] =>
  piecesOf(text).map(({ word, mayBeQuoted }) => (mayBeQuoted ? word : unmarked(word.replace(UNSEEN_ENDS, '')) || word))

/** The last `count` words as they were typed; one that is all in quotes, without them. */
export function tail(text: string, count: number): string {
  if (count === 0) return ''
  const first = piecesOf(text).at(-count)
  if (count === 1 && first?.mayBeQuoted) return first.word
  return text.slice(first?.at).trim()
}

/** Of each word of a command whether it was in quotes. */
export const quotedWords = (text: string): boolean[] => piecesOf(text).map(({ isQuoted }) => isQuoted)

/** Text without what nobody sees at its ends, but for what turns the direction of writing: that is put there on purpose. */
export const withoutUnseenEnds = (text: string): string => text.replace(UNSEEN_AND_SPACES, '')
