import type { StackedDays } from '../kernel/chart.ts'
import { plainLine } from '../kernel/plain-text.ts'
import { grouped, sum, writing } from './numbers.ts'
import { colourOf, FONT, FONT_SIZE, INK, MARGIN, WIDTH } from './theme.ts'

const TITLE_TOP = 52
const SUBTITLE_TOP = 128
const LEGEND_TOP = 216
const LEGEND_ROW = 128
const PER_ROW = 4
const COLUMN = (WIDTH - 2 * MARGIN) / PER_ROW
const SWATCH = 30
const APART = 12

/** echarts cuts a text by the widths of a narrower font. */
const LINE = (WIDTH - 2 * MARGIN) * 0.88

/** Where the heading ends, in pixels from the top. */
export const headingBottom = ({ series }: StackedDays): number =>
  LEGEND_TOP + Math.ceil(series.length / PER_ROW) * LEGEND_ROW

/** The title, the subtitle and the legend: each series with its colour and its total. */
export function heading({ title, subtitle, series }: StackedDays) {
  const totals = series.map(({ values }) => sum(values))
  const write = writing(totals, COLUMN - APART, FONT_SIZE.total) ?? grouped
  return [
    text(title, MARGIN, TITLE_TOP, { fontSize: FONT_SIZE.title, fontWeight: 600, fill: INK.strong, width: LINE }),
    text(subtitle, MARGIN, SUBTITLE_TOP, { fontSize: FONT_SIZE.subtitle, fill: INK.plain, width: LINE }),
    ...series.flatMap(({ name }, index) => legendItem(name, write(totals[index] ?? 0), index)),
  ]
}

function legendItem(name: string, total: string, index: number) {
  const x = MARGIN + (index % PER_ROW) * COLUMN
  const y = LEGEND_TOP + Math.floor(index / PER_ROW) * LEGEND_ROW
  const swatch = { x, y, width: SWATCH, height: SWATCH, r: 6 }
  const nameLeft = SWATCH + APART
  return [
    { type: 'rect' as const, silent: true, shape: swatch, style: { fill: colourOf(index) } },
    text(name, x + nameLeft, y, { fontSize: FONT_SIZE.name, fill: INK.plain, width: COLUMN - nameLeft }),
    text(total, x, y + 46, { fontSize: FONT_SIZE.total, fontWeight: 600, fill: INK.strong }),
  ]
}

interface Look {
  readonly fontSize: number
  readonly fill: string
  readonly fontWeight?: number
  /** What is longer ends in `…`. */
  readonly width?: number
}

/** One line of harmless text from its upper left corner. */
function text(content: string, x: number, y: number, look: Look) {
  const style = { ...look, text: plainLine(content, 200), fontFamily: FONT, overflow: 'truncate' as const }
  return { type: 'text' as const, silent: true, x, y, style }
}
