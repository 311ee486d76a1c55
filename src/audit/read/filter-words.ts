import { plainWord } from '../../kernel/keyword.ts'
import { matchAt } from '../../kernel/match-at.ts'
import { quotedValueAt, unquoted } from '../../kernel/quotes.ts'

/**
 * The words by which people say which entries they mean, in a chat and on a command line:
 * `category:SECURITY action:ROLE_CHANGE,WHITELIST_ADD actor:+15550001111 since:7d text:"some words"`, and days as a
 * bare number.
 */
export interface Word {
  /** As it was typed. */
  readonly word: string
  /** `undefined` where it has none. */
  readonly name: string | undefined
  /** What follows the name; of a word without one, all of it. */
  readonly typed: string
  readonly isQuoted: boolean
}

const NAME = /\p{L}+[:：]/uy
const REST = /\S+/y
const SPACES = /\s*/y

/** Marks that nobody sees are no word. */
export function wordsIn(text: string): Word[] {
  const found: Word[] = []
  for (let at = nextWord(text, 0); at < text.length; ) {
    const word = wordAt(text, at)
    if (plainWord(word.word) !== '') found.push(word)
    at = nextWord(text, at + word.word.length)
  }
  return found
}

function wordAt(text: string, at: number): Word {
  const head = matchAt(NAME, text, at) ?? ''
  const from = at + head.length
  const quoted = head === '' ? undefined : quotedValueAt(text, from)
  const typed = quoted ?? matchAt(REST, text, from) ?? ''
  return {
    word: head + typed,
    name: head === '' ? undefined : head.slice(0, -1),
    typed: quoted === undefined ? typed : unquoted(quoted),
    isQuoted: quoted !== undefined,
  }
}

const nextWord = (text: string, at: number): number => at + (matchAt(SPACES, text, at) ?? '').length
