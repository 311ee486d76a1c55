import { folded } from './keyword.ts'
import { UNSEEN } from './phone-text.ts'

/** With which chats draw text: somebody may make a whole command stand out, or its prefix. */
const MARK = /^[*_`]/
const SPACE = /^\s/u
const LETTER = /^[\p{L}\p{N}]/u
/** Belongs to the letter before it. */
const COMBINING = /^\p{M}/u
/** So many characters that do not count may stand within a prefix and before it. */
const MOST_SKIPPED = 100

/**
 * What follows the prefix in a message, or `undefined` if it does not begin with it. Letters may be in any case and form,
 * and it, or the whole message, may stand between marks with which chats draw text. `isSpaced`: with spaces after its own
 * marks (`! config`), which may also begin an ordinary sentence.
 */
export function afterPrefix(text: string, prefix: string, isSpaced = false): string | undefined {
  const start = text.trimStart()
  const [inner, marks] = withoutMarks(start)
  return after(inner, marks, { prefix, isSpaced })
}

interface Prefix {
  readonly prefix: string
  readonly isSpaced: boolean
}

/** `marks`: those before it, which have to stand again right after it, or at the end: else only a part of the message is a command. */
function after(text: string, marks: string, wanted: Prefix): string | undefined {
  const { prefix } = wanted
  const end = endOfPrefix(text, wanted)
  if (end === undefined) return undefined
  const left = text.slice(end)
  if (marks === '') return apart(left, prefix)
  const closing = [...marks].reverse().join('')
  if (left.startsWith(closing)) return apart(left.slice(closing.length), prefix)
  const inner = withoutClosing(left, closing)
  return inner === undefined ? undefined : apart(inner, prefix)
}

/** Where the marks are not the only ones of their kind, nobody knows which are around what. */
function withoutClosing(left: string, closing: string): string | undefined {
  const trimmed = left.replace(UNSEEN, '').trimEnd()
  if (!trimmed.endsWith(closing)) return undefined
  const inner = left.slice(0, left.lastIndexOf(closing))
  return [...closing].some((mark) => inner.includes(mark)) ? undefined : inner
}

function endOfPrefix(text: string, { prefix, isSpaced }: Prefix): number | undefined {
  const wanted = folded(prefix.replace(UNSEEN, ''))
  let [read, at, skipped] = ['', 0, 0]
  for (let seen = ''; seen !== wanted; seen = folded(read)) {
    const char = charAt(text, at)
    const isSkipped = isUnseen(char) || (isSpaced && read !== '' && SPACE.test(char) && isMarks(read))
    if (isSkipped) skipped++
    else read += char
    const isOther = read !== '' && folded(read)[0] !== wanted[0]
    if (char === '' || isOther || read.length > 4 * wanted.length || skipped > MOST_SKIPPED) return undefined
    at += char.length
  }
  return at
}

/** What is left, if the prefix is a word of its own: or, where it ends with a mark, if another word begins. */
function apart(left: string, prefix: string): string | undefined {
  const next = charAt(left.slice(0, MOST_SKIPPED).replace(UNSEEN, ''), 0)
  // One mark alone may be no more than that.
  if (next === '' || SPACE.test(next)) return isMarks(prefix) && left.trim() === '' ? undefined : left
  return !COMBINING.test(next) && isMarks(prefix.slice(-1)) && LETTER.test(next) ? left : undefined
}

function withoutMarks(text: string): [text: string, marks: string] {
  let at = 0
  let marks = ''
  for (let char = charAt(text, at); at < MOST_SKIPPED && (MARK.test(char) || isUnseen(char)); char = charAt(text, at)) {
    if (MARK.test(char)) marks += char
    at += char.length
  }
  // A mark apart from what follows it begins an item of a list; a block of code may begin with a line break.
  const rest = text.slice(at)
  return [marks.startsWith('```') ? rest.trimStart() : rest, marks]
}

const isMarks = (text: string): boolean => !/[\p{L}\p{N}]/u.test(text)
const isUnseen = (char: string): boolean => char !== '' && char.replace(UNSEEN, '') === ''
const charAt = (text: string, at: number): string =>
  at < text.length ? String.fromCodePoint(text.codePointAt(at) ?? 0) : ''
