import { plainLine } from '../kernel/plain-text.ts'
import type { Document, Hours, Part, Table } from './part.ts'

/** Characters of the last column of a table, and of the others, which keep the last one in its place. */
const WIDEST = 300
const WIDEST_INNER = 80
const BAR = 30
/** More hours than these are shown as rows of a day each. */
const MOST_LINES = 24
const MOST_EMPTY = 20

/** Draws counts as one line of characters, scaled to `greatest`. */
export type Sparkline = (values: readonly number[], greatest: number) => string

/** A report for a terminal or a mail: plain lines, nothing in them that a terminal would obey. */
export function reportText({ title, subtitle, sections }: Document, sparkline: Sparkline): string {
  const lines = sections.flatMap(({ title, parts }) => [
    '',
    plain(title),
    '-'.repeat(title.length),
    ...parts.flatMap((part, index) => [
      ...(isBlock(part) && isBlock(parts[index - 1]) ? [''] : []),
      ...partLines(part, sparkline),
    ]),
  ])
  return [plain(title), plain(subtitle), ...lines].join('\n')
}

function partLines(part: Part, sparkline: Sparkline): string[] {
  if (part.kind === 'table') return tableLines(part)
  if (part.kind === 'hours') return hourLines(part, sparkline)
  return [part.isWarning ? `! ${plain(part.text)}` : plain(part.text)]
}

const isBlock = (part: Part | undefined): boolean => part !== undefined && part.kind !== 'line'

const plain = (text: string): string => plainLine(text, WIDEST)

function tableLines({ columns, rows }: Table): string[] {
  const head = columns.map(({ title }) => title)
  const all = [...(head.every((title) => title === '') ? [] : [head]), ...rows].map((row) =>
    row.map((cell, column) => plainLine(cell, column === columns.length - 1 ? WIDEST : WIDEST_INNER)),
  )
  const widths = columns.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0
      return columns[column]?.isNumber ? cell.padStart(width) : cell.padEnd(width)
    })
    return `  ${cells.join('  ')}`.trimEnd()
  })
}

function hourLines(part: Hours, sparkline: Sparkline): string[] {
  const greatest = Math.max(...part.hours.map(({ count }) => count))
  if (part.hours.length > MOST_LINES) return [...dayLines(part, greatest, sparkline), ...emptyLines(part)]
  const width = String(greatest).length
  return part.hours.flatMap(({ label, count }, hour) => {
    if (count > 0)
      return `  ${label}  ${String(count).padStart(width)} ${'█'.repeat(Math.ceil((count / greatest) * BAR))}`
    const empty = part.empty.find(({ first }) => first === hour)
    return empty === undefined ? [] : emptyLine(part, empty)
  })
}

/** One line for 24 hours: the count of all, and a character for each. */
function dayLines({ hours }: Hours, greatest: number, sparkline: Sparkline): string[] {
  const days = Array.from({ length: hours.length / 24 }, (_, day) => hours.slice(day * 24, (day + 1) * 24))
  const totals = days.map((day) => day.reduce((sum, { count }) => sum + count, 0))
  const width = String(Math.max(...totals)).length
  return days.map((day, index) => {
    const line = sparkline(
      day.map(({ count }) => count),
      greatest,
    )
    return `  ${day[0]?.label}  ${line}  ${String(totals[index]).padStart(width)}`
  })
}

function emptyLines(part: Hours): string[] {
  const shown = part.empty.slice(0, MOST_EMPTY).map((empty) => emptyLine(part, empty))
  const rest = part.empty.length - shown.length
  return [...shown, ...(rest > 0 ? [`  And ${rest} more such times.`] : [])]
}

function emptyLine({ hours, end }: Hours, { first, count }: { first: number; count: number }): string {
  const to = hours[first + count]?.label ?? end
  return `  ${hours[first]?.label}  no entry until ${to} (${count} ${count === 1 ? 'hour' : 'hours'})`
}
