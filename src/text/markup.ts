import { plainLine } from '../kernel/plain-text.ts'

/** WhatsApp has no way to escape its markup, so each mark becomes a letter that looks like it and means nothing. */
const LOOKALIKES: Readonly<Record<string, string>> = { '*': '∗', '~': '∼', '`': 'ˋ', _: 'ˍ' }

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
