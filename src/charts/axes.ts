import { dayLabels } from './day-labels.ts'
import { grouped } from './numbers.ts'
import { AXIS_GAP, type Plot } from './plot.ts'
import { FONT, FONT_SIZE, INK } from './theme.ts'

/** With more days than this their ticks would be a grey band. */
const MOST_TICKS = 31

const label = { fontFamily: FONT, fontSize: FONT_SIZE.axis, color: INK.plain }

/** The axis of the days: each has its place, also where nothing was counted. */
export function dayAxis(days: readonly string[], { dayWidth }: Plot) {
  const labels = dayLabels(days, dayWidth, FONT_SIZE.axis)
  return {
    type: 'category' as const,
    data: [...days],
    axisLine: { lineStyle: { color: INK.line, width: 2 } },
    axisTick: { show: days.length <= MOST_TICKS, alignWithLabel: true, interval: 0, length: 10 },
    axisLabel: {
      ...label,
      margin: 24,
      lineHeight: 38,
      interval: (index: number) => labels.has(index),
      formatter: (_: string, index: number) => labels.get(index) ?? '',
      showMinLabel: true,
      showMaxLabel: true,
    },
  }
}

/** The axis of the counts, in whole numbers. */
export function countAxis({ axis }: Plot) {
  return {
    type: 'value' as const,
    min: 0,
    max: axis.max,
    interval: axis.step,
    splitLine: { lineStyle: { color: INK.grid, width: 2 } },
    axisLabel: { ...label, margin: AXIS_GAP, formatter: grouped },
  }
}
