import type { StackedDays } from '../kernel/chart.ts'
import { ChatwardenError } from '../kernel/errors.ts'

/**
 * Draws the counts as a PNG, 1080 × 1200 pixels, for a phone's screen. What draws is loaded with the first picture.
 * @throws ChatwardenError `INVALID_ARGUMENT` where the days are not 1 to 365, or a series has not one value per day
 */
export async function drawStackedDays(chart: StackedDays): Promise<Buffer> {
  check(chart)
  const [{ stackedDaysSvg }, { svgToPng }] = await Promise.all([import('./stacked-days-svg.ts'), import('./png.ts')])
  return svgToPng(stackedDaysSvg(chart))
}

function check({ days, series }: StackedDays): void {
  if (days.length < 1 || days.length > 365)
    throw new ChatwardenError('INVALID_ARGUMENT', `A chart has 1 to 365 days, not ${days.length}.`)
  const uneven = series.find(({ values }) => values.length !== days.length)
  if (uneven !== undefined)
    throw new ChatwardenError(
      'INVALID_ARGUMENT',
      `${uneven.name} has ${uneven.values.length} values for ${days.length} days.`,
    )
}
