import type { StackedDays } from '../kernel/chart.ts'
import { grouped, sum } from './numbers.ts'
import { widthOf } from './text-width.ts'
import { FONT_SIZE, MARGIN, WIDTH } from './theme.ts'
import { type WholeAxis, wholeAxis } from './whole-axis.ts'

/** Between the numbers of the axis and the axis. */
export const AXIS_GAP = 14

/** Many days are narrower than a label, so the last label needs room beyond them. */
const WIDE_DAYS = 7
const OVERHANG = 32

/** Where the bars are and what they are measured by; lengths in pixels. */
export interface Plot {
  readonly left: number
  readonly width: number
  /** From one day to the next. */
  readonly dayWidth: number
  readonly axis: WholeAxis
  /** All series of a day together. */
  readonly totals: readonly number[]
}

export function plotOf({ days, series }: StackedDays): Plot {
  const totals = days.map((_, day) => sum(series.map(({ values }) => values[day] ?? 0)))
  const axis = wholeAxis(Math.max(...totals))
  const left = Math.ceil(MARGIN + widthOf(grouped(axis.max), FONT_SIZE.axis) + AXIS_GAP)
  const width = WIDTH - left - MARGIN - (days.length > WIDE_DAYS ? OVERHANG : 0)
  return { left, width, dayWidth: width / days.length, axis, totals }
}
