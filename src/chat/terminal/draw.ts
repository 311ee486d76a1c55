import { styleText } from 'node:util'

const STYLES = { '*': 'bold', _: 'italic', '~': 'strikethrough' } as const

/**
 * Code first, as nothing inside it is markup. The other marks count only at the edges of a word and within one
 * line, as in WhatsApp: the underscores of AUDIT_LOG_VIEWED are none.
 */
const MARKED = /```([\s\S]+?)```|`([^`\n]+)`|(?<![\p{L}\p{N}])([*_~])(?=\S)(.+?)(?<=\S)\3(?![\p{L}\p{N}])/gu

/** WhatsApp markup as the escape codes of a terminal. */
export function drawMarkup(text: string): string {
  return text.replace(MARKED, (_, block?: string, inline?: string, mark?: keyof typeof STYLES, inner = '') =>
    mark === undefined ? paint('cyan', block ?? inline ?? '') : paint(STYLES[mark], drawMarkup(inner)),
  )
}

// Whether to paint was decided for the whole output; `styleText` would ask stdout, which may be another stream.
const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
  styleText(style, text, { validateStream: false })
