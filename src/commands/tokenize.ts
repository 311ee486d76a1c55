import { QUOTED_PIECE, unquoted } from '../kernel/quotes.ts'

/** A quoted piece, or anything up to the next space. */
const PIECE = new RegExp(`(${QUOTED_PIECE})|\\S+`, 'gu')
/** What nobody sees, at the ends of a word. */
const UNSEEN_ENDS =
  /^[\p{Cf}\p{Default_Ignorable_Code_Point}]+|(?<![\p{Cf}\p{Default_Ignorable_Code_Point}])[\p{Cf}\p{Default_Ignorable_Code_Point}]+$/gu

interface Piece {
  readonly word: string
  readonly isQuoted: boolean
  /** Where it begins in the text. */
  readonly at: number
}

/** What turns the direction of writing is put there on purpose. */
const TURNS = /[\u202A-\u202E]/u

/** Marks that nobody sees are no word of their own, and no part of one at its ends. */
function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  for (const { 0: piece, 1: quoted, index: at } of text.matchAll(PIECE)) {
    const word = quoted === undefined ? piece.replace(UNSEEN_ENDS, '') : unquoted(quoted)
    if (quoted !== undefined || word !== '' || TURNS.test(piece))
      pieces.push({ word: quoted === undefined ? word || piece : word, isQuoted: quoted !== undefined, at })
  }
  return pieces
}

/** The words of a command. Quotes keep a piece with spaces together and are dropped. */
export const tokenize = (text: string): string[] => piecesOf(text).map(({ word }) => word)

/** The last `count` words as they were typed; one that is all in quotes, without them. */
export function tail(text: string, count: number): string {
  if (count === 0) return ''
  const first = piecesOf(text).at(-count)
  if (count === 1 && first?.isQuoted) return first.word
  return text.slice(first?.at).trim()
}

/** Of each word of a command whether it was in quotes. */
export const quotedWords = (text: string): boolean[] => piecesOf(text).map(({ isQuoted }) => isQuoted)
