import { NAMES } from './line-parts.ts'

/** How a CSV is written that may be no RFC 4180. */
interface CsvDialect {
  readonly delimiter: string
  /** The line that the header begins with, from 1, or an empty one before it. */
  readonly header: number
}

/** Between cells, where spreadsheets of this or that country put them; the standard's counts first. */
const DELIMITERS = [',', ';', '\t'] as const

/** Also as a spreadsheet writes an empty row. */
const EMPTY = /^[\s,;]*$/
/** Of a spreadsheet, before the header: `sep=;`, or any other character. */
const SEP = /^(?:sep=([^"]?)|"sep=([^"]?)")$/iu

/** By its first lines that are not empty: what makes known names of the header, or is said before it; else commas. */
export async function dialectOf(lines: AsyncIterable<string>): Promise<CsvDialect> {
  let number = 0
  for await (const line of lines) {
    number++
    if (EMPTY.test(line)) continue
    const said = saidBy(line)
    if (said !== undefined) return { delimiter: said, header: number + 1 }
    // Lines may end as on an old Macintosh.
    const [names = ''] = line.trimStart().split('\r', 1)
    const isKnown = (delimiter: string) => hasNames(names.split(delimiter).map(nameIn))
    return { delimiter: DELIMITERS.find(isKnown) ?? ',', header: number }
  }
  return { delimiter: ',', header: 1 }
}

/** A tab at the end of a line may not have come through an editor, and blanks may have come to it. */
function saidBy(line: string): string | undefined {
  const said = SEP.exec(line.replace(/\r?\n$/, '')) ?? SEP.exec(line.trim())
  return said === null ? undefined : said[1] || said[2] || '\t'
}

const nameIn = (cell: string): string =>
  cell
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .trim()

/** Whether entries can be read by these: each has a time and an action. */
const hasNames = (names: readonly string[]): boolean =>
  [[...NAMES.time, ...NAMES.sortKey], NAMES.action].every((wanted) => wanted.some((name) => names.includes(name)))
