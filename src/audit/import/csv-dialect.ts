import { NAMES } from './line-parts.ts'

/** How a CSV is written that may be no RFC 4180. */
export interface CsvDialect {
  readonly delimiter: string
  /** The line of the header, from 1. */
  readonly from_line: number
}

/** Between cells, where spreadsheets of this or that country put them; the standard's counts first. */
const DELIMITERS = [',', ';', '\t'] as const

/** Of a spreadsheet: `sep=;` before the header. A tab at the end of the line is not seen. */
const SEP = /^"?sep=([,;\t]?)"?$/i

/** By its first lines: what makes known names of the header, or is said before it; else commas. */
export function dialectOf([first = '']: readonly string[]): CsvDialect {
  const said = SEP.exec(first)?.[1]
  if (said !== undefined) return { delimiter: said || '\t', from_line: 2 }
  const isKnown = (delimiter: string) => hasNames(first.split(delimiter).map(nameIn))
  return { delimiter: DELIMITERS.find(isKnown) ?? ',', from_line: 1 }
}

const nameIn = (cell: string): string =>
  cell
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .trim()

/** Whether entries can be read by these: each has a time and an action. */
const hasNames = (names: readonly string[]): boolean =>
  [[...NAMES.time, ...NAMES.sortKey], NAMES.action].every((wanted) => wanted.some((name) => names.includes(name)))
