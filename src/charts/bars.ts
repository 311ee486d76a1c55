import type { StackedDays } from '../kernel/chart.ts'
import { writing } from './numbers.ts'
import type { Plot } from './plot.ts'
import { colourOf, FONT, FONT_SIZE, INK } from './theme.ts'

/** With more days than this the bars have no totals over them. */
const MOST_TOTALS = 14
const WIDEST_BAR = 220
/** The least room between two totals, in pixels. */
const APART = 10

/** The white edge keeps a total readable where it crosses a line of the axis. */
const look = {
  fontFamily: FONT,
  fontSize: FONT_SIZE.bar,
  fontWeight: 600,
  color: INK.strong,
  textBorderColor: INK.paper,
  textBorderWidth: 8,
} as const

/** The bars of every series, on top of each other, and over them the days' totals where there is room. */
export function bars({ days, series }: StackedDays, plot: Plot) {
  const common = {
    type: 'bar' as const,
    stack: 'day',
    silent: true,
    emphasis: { disabled: true },
    barMaxWidth: WIDEST_BAR,
    barCategoryGap: days.length <= 90 ? '25%' : '0%',
  }
  return [
    ...series.map(({ name, values }, index) => ({
      ...common,
      name,
      data: [...values],
      itemStyle: { color: colourOf(index) },
    })),
    { ...common, data: totalsOver(plot) },
  ]
}

/** Bars of no height on top of all others, whose labels are the totals. */
function totalsOver({ totals, dayWidth }: Plot) {
  const write = totals.length > MOST_TOTALS ? undefined : writing(totals, dayWidth - APART, FONT_SIZE.bar)
  if (write === undefined) return []
  return totals.map((total) => ({
    value: 0,
    label: { ...look, show: total > 0, position: 'top' as const, distance: 12, formatter: write(total) },
  }))
}
