import { LOOKALIKES } from '../kernel/lookalikes.ts'
import { UNSEEN } from '../kernel/phone-text.ts'
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

/** Letters that look like these, each in its place. */
const LIKE_LATIN = { looks: 'АВЕЅІЈКМНОРСТУХԜԚΑΒΕΖΗΙΚΜΝΟΡΤΥΧØĐŁ', are: 'ABESIJKMHOPCTYXWQABEZHIKMNOPTYXODL' }
const LATIN = new Map([...LIKE_LATIN.looks].map((letter, index) => [letter, LIKE_LATIN.are[index] ?? letter]))
/** Who may do what, and who nobody is. */
const RANK = /OWNER|ADMIN|OPERATOR|SYSTEM|GLOBAL|CHATWARDEN|^(?:USER|BOT|NONE|YOU)$/u
/** The letters that people's names are written with, accents apart, and the marks that belong to names. */
const MERE_NAME =
  /^[A-Za-z\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Devanagari}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Georgian}\p{Script=Armenian}ßæœøđłıÆŒØĐŁİ\p{M}\p{Zs}'’.∗∼ˋˍ\p{Extended_Pictographic}\p{Emoji_Modifier}-]+$/u
const BEGINS_AS_NAME = /^[\p{L}∗∼ˋˍ]/u
/** Before another character it makes a link. */
const DOT = /[.。．｡](?=\S)/gu
const NUMBER = /\p{N}|[〇一二三四五六七八九零]{4}/u
/** With letters among them that look like digits; a name is no longer than what is looked at ahead of one. */
const MANY_DIGITS =
  /[\p{N}〇零一二三四五六七八九][^\p{L}\p{N}]{0,3}(?:(?:[\p{N}〇零一二三四五六七八九]|[OoIl](?!\p{L}{0,59}[A-HJ-NP-Za-hjkmnp-z]))[^\p{L}\p{N}]{0,3}){4,}/gu
const QUOTES = /["＂″‶〝〞〟❝❞❟❠\p{Pi}\p{Pf}„‚]/gu

/**
 * What somebody calls themself, beside who they are. A name that could be taken for a number, a role, a link or words of
 * ours stands in quotes, and nothing in it can be tapped.
 */
export function named(name: string, limit = 24): string {
  const shown = literal(name.replace(UNSEEN, '').replaceAll('\u2800', ' '), limit)
  if (isMereName(shown)) return shown
  const masked = shown.replace(MANY_DIGITS, (digits) => digits.replace(/[\p{L}\p{N}]/gu, '•'))
  return `“${masked.replace(DOT, '․').replaceAll('://', ':').replace(QUOTES, "'")}”`
}

function isMereName(name: string): boolean {
  const [whole, apart] = [name.normalize('NFC'), name.normalize('NFD')]
  // A letter that is another one in its plain form was chosen to look like it.
  if (whole !== name.normalize('NFKC') || !MERE_NAME.test(apart) || !BEGINS_AS_NAME.test(name)) return false
  const letters = [...apart.toUpperCase()].filter((character) => /\p{L}/u.test(character))
  const capitals = letters.map((letter) => LATIN.get(letter) ?? letter).join('')
  return !RANK.test(capitals) && name.search(DOT) === -1 && !NUMBER.test(name)
}

/** Somebody's account, whole: it may be copied from an answer into a command. */
export const whom = (account: string): string => literal(account, 200)
