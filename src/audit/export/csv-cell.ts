import { isPhone } from '../../kernel/phone.ts'

/**
 * Text that a spreadsheet would take for a formula (OWASP, CSV injection), or that looks like what was made of such
 * text below.
 */
const FORMULA = /^'*\s*[=+\-@＝＋－＠]|^'*[\t\r\n]/u

/**
 * A cell that no spreadsheet takes for a formula: what begins like one is led by an apostrophe. A plain phone number
 * stays as it is: it is a number to a spreadsheet, and can be read and imported again.
 */
export const csvCell = (text: string): string => (FORMULA.test(text) && !isPhone(text) ? `'${text}` : text)

/** The text that `csvCell` made the cell of. */
export const cellText = (cell: string): string =>
  cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell
