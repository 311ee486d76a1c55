import { quotedAt, unquoted } from '../kernel/quotes.ts'

/** What nobody sees, at the ends of a word. */
const UNSEEN_ENDS =
  /^[\p{Cf}\p{Default_Ignorable_Code_Point}]+|(?<![\p{Cf}\p{Default_Ignorable_Code_Point}])[\p{Cf}\p{Default_Ignorable_Code_Point}]+$/gu

const WORD = /\S+/y
const SPACES = /\s*/y

function wordAt(text: string, at: number): string {
  WORD.lastIndex = at
  return WORD.exec(text)?.[0] ?? ''
}

function nextWord(text: string, at: number): number {
  SPACES.lastIndex = at
  return at + (SPACES.exec(text)?.[0].length ?? 0)
}

interface Piece {
  readonly word: string
  readonly isQuoted: boolean
  /** Where it begins in the text. */
  readonly at: number
}

/** What turns the direction of writing is put there on purpose. */
const TURNS = /[\u202A-\u202E]/u

/** Quoted pieces, and anything else up to the next space. Marks that nobody sees are no word, and no part of one at its ends. */
function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  for (let at = nextWord(text, 0); at < text.length; ) {
    const quoted = quotedAt(text, at)
    const piece = quoted ?? wordAt(text, at)
    const word = quoted === undefined ? piece.replace(UNSEEN_ENDS, '') : unquoted(quoted)
    if (quoted !== undefined) pieces.push({ word, isQuoted: true, at })
    else if (word !== '' || TURNS.test(piece)) pieces.push({ word: word || piece, isQuoted: false, at })
    at = nextWord(text, at + piece.length)
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
