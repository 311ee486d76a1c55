import { LOOKALIKES } from '../kernel/lookalikes.ts'
import { plainLine } from '../kernel/plain-text.ts'

/**
 * Text that somebody else wrote, on one line and without effect: no markup, no control or bidi characters, at
 * most `limit` characters. An underscore between letters is no markup and stays (`AUDIT_LOG_VIEWED`).
 */
export function literal(text: string, limit = 60): string {
  return plainLine(text, limit).replace(
    /[*~`]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu,
    (mark) => LOOKALIKES[mark] ?? mark,
  )
}

/** Letters of other scripts that look like these, each in its place. */
const LIKE_LATIN = { looks: 'АВЕЅІЈКМНОРСТУХΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', are: 'ABESIJKMHOPCTYXABEZHIKMNOPTYX' }
const LATIN = new Map([...LIKE_LATIN.looks].map((letter, index) => [letter, LIKE_LATIN.are[index] ?? letter]))
/** Who may do what, and who nobody is. */
const RANK = /OWNER|ADMIN|OPERATOR|SYSTEM|GLOBAL|CHATWARDEN|^(?:USER|BOT|NONE)$/u
/** What a name is made of that can be taken for nothing else. */
const MERE_NAME = /^[\p{L}\p{M}\p{Zs}'’.∗∼ˋˍ\p{Extended_Pictographic}\p{Emoji_Modifier}\p{RI}-]+$/u
const LINK = /(?<=\p{L})\.(?=\p{L})/gu
const MANY_DIGITS = /\p{Nd}(?:[^\p{L}\p{Nd}]*\p{Nd}){4,}/gu

/**
 * What somebody calls themself, beside who they are. A name that could be taken for a number, a role, a link or words of
 * ours stands in quotes, and nothing in it can be tapped.
 */
export function named(name: string, limit = 24): string {
  const shown = literal(name, limit)
  const letters = [...shown.normalize('NFKD').toUpperCase()].filter((character) => /\p{L}/u.test(character))
  const capitals = letters.map((letter) => LATIN.get(letter) ?? letter).join('')
  if (MERE_NAME.test(shown) && shown.search(LINK) === -1 && !RANK.test(capitals)) return shown
  const masked = shown.replace(MANY_DIGITS, (digits) => digits.replace(/\p{Nd}/gu, '•')).replace(LINK, '․')
  return `“${masked.replaceAll('://', ':').replace(/[“”"]/gu, "'")}”`
}

/** Somebody's account, whole: it may be copied from an answer into a command. */
export const whom = (account: string): string => literal(account, 200)
