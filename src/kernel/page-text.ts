import { shownLine } from './plain-text.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text that means nothing to a browser, in an element or in a quoted attribute. */
export const pageText = (text: string): string => shownLine(text).replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? mark)
