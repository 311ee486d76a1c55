import { plainLine } from '../kernel/plain-text.ts'

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text that means nothing to a browser, in an element or in a quoted attribute. */
export const escapeHtml = (text: string): string =>
  plainLine(text, 1000).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
