/** What nobody sees: bidi and zero-width marks, soft hyphens, variation selectors, and the cap of a key. */
export const UNSEEN = /\p{Cf}|\p{Default_Ignorable_Code_Point}|\u20E3/gu

/** What people and clipboards put between digits: spaces, brackets, dots and dashes, also full-width ones. */
const BETWEEN = /[\p{Zs}\t\p{Pd}\u2043\u2212\u30FC()[\].\uFF08\uFF09\uFF3B\uFF3D\uFF0E\u2024]/gu

/** The same as `UNSEEN` and `BETWEEN`, and slashes, for a character class of a larger pattern with the flag `u`. */
export const PHONE_MARKS = String.raw`\p{Cf}\p{Default_Ignorable_Code_Point}\u20E3\s\p{Zs}\p{Pd}\u2043\u2212\u30FC()[\].\/\uFF08\uFF09\uFF3B\uFF3D\uFF0E\u2024\uFF0F\u2044\u2215`

/** Text without what nobody sees, and with the digits of every script (Unicode's Nd) as ASCII. */
export const visibleText = (text: string): string =>
  text.replace(UNSEEN, '').replace(/(?![0-9])\p{Nd}/gu, (digit) => String(valueOfDigit(digit)))

/** Unicode puts the digits of a script side by side from 0 to 9, and of several scripts only such tens in a row. */
function valueOfDigit(digit: string): number {
  const at = digit.codePointAt(0) ?? 0
  let first = at
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--
  return (at - first) % 10
}

/** A phone number without all that stands between its digits; of other text there is more left than a plus and digits. */
export function plainNumber(text: string): string {
  const digits = visibleText(text).replace(BETWEEN, '')
  // Behind a slash may be the rest of the number or another ending of it (`…/68`), which is another number.
  return digits
    .replace(/[\uFF0B\uFE62]/g, '+')
    .replace(/[\uFF0F\u2044\u2215]/g, '/')
    .replace(/^(\+?[0-9]+)\/([0-9]{5,})$/, '$1$2')
}

/** Whether a piece of a command could be part of a phone number: only digits, a plus sign and separators. */
export const looksLikePhone = (text: string): boolean => /^\+?[0-9/]*$/.test(plainNumber(text))
