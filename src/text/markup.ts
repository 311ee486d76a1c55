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

/** Somebody's account, whole: it may be copied from an answer into a command. */
export const whom = (account: string): string => literal(account, 200)
