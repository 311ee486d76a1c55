import { isPhone } from '../../kernel/phone.ts'

/**
 * Text that a spreadsheet would take for a formula (OWASP, CSV injection), or that looks like what was made of such
 * text below.
 */
const FORMULA = /^'*\s*[=+\-@＝＋－＠]|^'*[\t\r\n]/u
/**
 * Where semicolons or tabs separate, a cell begins behind one, and quotes around the whole text are none: behind a line
 * end begins a row. A quote that a cell begins with is taken away.
 */
const BEGINS_WITHIN = /([;\t\r\n])(?='*(?:[^\S\t\r\n]|")*[=+\-@＝＋－＠])/gu
const LED_WITHIN = /([;\t\r\n])'(?='*(?:[^\S\t\r\n]|")*[=+\-@＝＋－＠])/gu

/**
 * A cell that no spreadsheet takes for a formula, nor a part of it where it was told to separate cells by semicolons or
 * tabs: what begins like one is led by an apostrophe. A plain phone number stays as it is: it is a number to a
 * spreadsheet, and can be read and imported again.
 */
export function csvCell(text: string): string {
  const cell = text.replace(BEGINS_WITHIN, "$1'")
  return FORMULA.test(text) && !isPhone(text) ? `'${cell}` : cell
}

/** The text that `csvCell` made the cell of. */
export function cellText(cell: string): string {
  const text = cell.replace(LED_WITHIN, '$1')
  return text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text
}
