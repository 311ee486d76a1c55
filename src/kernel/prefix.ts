import { folded } from './keyword.ts'
import { UNSEEN } from './phone-text.ts'

/** With which chats draw text: somebody may make a whole command stand out, or its prefix. */
const MARK = /^[*_~`]/
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
  return after(start, '', { prefix, isSpaced }) ?? after(...withoutMarks(start), { prefix, isSpaced })
}

interface Prefix {
  readonly prefix: string
  readonly isSpaced: boolean
}

/** `marks`: those before it, which may stand again after it, or at the end. */
function after(text: string, marks: string, wanted: Prefix): string | undefined {
  const { prefix } = wanted
  const end = endOfPrefix(text, wanted)
  if (end === undefined) return undefined
  const left = text.slice(end)
  const closing = [...marks].reverse().join('')
  if (closing !== '' && left.startsWith(closing)) return apart(left.slice(closing.length), prefix)
  const rest = apart(left, prefix)
  const trimmed = closing === '' ? undefined : rest?.replace(UNSEEN, '').trimEnd()
  return trimmed?.endsWith(closing) ? rest?.slice(0, rest.lastIndexOf(closing)) : rest
}

function endOfPrefix(text: string, { prefix, isSpaced }: Prefix): number | undefined {
  const wanted = folded(prefix.replace(UNSEEN, ''))
  let found = ''
  let at = 0
  for (let skipped = 0; found.length < wanted.length; ) {
    const char = charAt(text, at)
    const isLetter = !isUnseen(char) && !(isSpaced && found !== '' && SPACE.test(char) && isMarks(found))
    if (isLetter) found += folded(char)
    else skipped++
    if (char === '' || !wanted.startsWith(found) || skipped > MOST_SKIPPED) return undefined
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
