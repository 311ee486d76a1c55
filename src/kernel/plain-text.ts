/** Everything that is not ordinary text: control characters and line breaks, bidi and zero-width marks, lone surrogates. */
const UNPRINTABLE =
  /[\p{Cc}\p{Zl}\p{Zp}\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB\p{Cs}]+/gu
/** One line of ordinary text already, as nearly everything is: known in a tenth of the time of the long way. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/

/**
 * What a terminal, a pager, a page or an editor obeys instead of showing it: controls of both sets (C0 and C1), breaks that only some
 * take for one, what turns the direction of writing, halves of characters. Joiners stay: emoji and scripts need them.
 */
const OBEYED = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFFF9-\uFFFB\p{Cs}]/gu
const LINES = /^[\n\t]$/

/** One line as it is shown wherever people read it: what would end the line or be obeyed is shown as U+FFFD. */
export const shownLine = (text: string): string => text.replace(OBEYED, '\uFFFD')

/** The same of a text of several lines. */
export const shownLines = (text: string): string => text.replace(OBEYED, (mark) => (LINES.test(mark) ? mark : '\uFFFD'))

/** JSON that says the same and holds nothing that is obeyed where it is read: in JSON only strings do. */
export const shownJson = (json: string): string =>
  json.replace(OBEYED, (mark) => (LINES.test(mark) ? mark : `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`))

/**
 * One line of ordinary text of at most `limit` characters, from text that somebody else wrote.
 * What is cut is marked with `…`; a surrogate pair is never split.
 */
export function plainLine(text: string, limit: number): string {
  if (text.length <= limit && PLAIN.test(text)) return text
  const line = text
    .slice(0, limit * 4)
    .replace(UNPRINTABLE, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
  const characters = Array.from(line)
  return characters.length <= limit ? line : `${characters.slice(0, limit - 1).join('')}…`
}
