import { createRequire } from 'node:module'
import type { EChartsOption } from 'echarts'
import type { StackedDays } from '../kernel/chart.ts'
import { countAxis, dayAxis } from './axes.ts'
import { bars } from './bars.ts'
import { heading, headingBottom } from './heading.ts'
import { type Plot, plotOf } from './plot.ts'
import { FONT, FONT_SIZE, HEIGHT, INK, WIDTH } from './theme.ts'

/** Room above the bars for the topmost total, and below them for the labels of the days, which may take two lines. */
const ABOVE = 64
const BELOW = 128

/** The chart as an SVG of 1080 × 1200 pixels. */
export function stackedDaysSvg(chart: StackedDays): string {
  const drawing = loadEcharts().init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT })
  try {
    drawing.setOption(optionOf(chart))
    return drawing.renderToSVGString()
  } finally {
    drawing.dispose()
  }
}

function optionOf(chart: StackedDays): EChartsOption {
  const plot = plotOf(chart)
  const top = headingBottom(chart) + ABOVE
  return {
    animation: false,
    backgroundColor: '#ffffff',
    grid: { left: plot.left, width: plot.width, top, bottom: BELOW, outerBoundsMode: 'none' },
    graphic: [...heading(chart), ...notice(plot, top)],
    xAxis: dayAxis(chart.days, plot),
    yAxis: countAxis(plot),
    series: bars(chart, plot),
  }
}

/** What stands in the place of bars where there are none. */
function notice({ left, width, totals }: Plot, top: number) {
  if (totals.some((total) => total > 0)) return []
  const look = { fontFamily: FONT, fontSize: FONT_SIZE.notice, fill: INK.plain, align: 'center' } as const
  const style = { ...look, text: 'No entries' }
  return [{ type: 'text' as const, silent: true, x: left + width / 2, y: (top + HEIGHT - BELOW) / 2, style }]
}

/** The package's own bundle: an eighth of the time and a quarter of the memory that its single modules take to load. */
function loadEcharts(): typeof import('echarts') {
  return createRequire(import.meta.url)('echarts/dist/echarts.common.min')
}
