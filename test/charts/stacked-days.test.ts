import { describe, expect, test } from 'vitest'
import { drawStackedDays } from '../../src/charts/stacked-days.ts'
import { busyChart, chartOf, daysUpTo } from '../support/charts.ts'

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

describe('a drawn chart', () => {
  test.each([
    ['a year', busyChart(365, 40)],
    ['a title that is no XML', chartOf([[1, 2]], { title: '<&>\u0000\u001B\uDC00]]>', subtitle: '👮 <!-- ' })],
  ])('of %s is a PNG of 1080 × 1200 pixels', async (_, chart) => {
    const png = await drawStackedDays(chart)
    expect([...png.subarray(0, 8)]).toEqual(SIGNATURE)
    expect(png.toString('latin1', 12, 16)).toBe('IHDR')
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1080, 1200])
    expect(png.toString('latin1', png.length - 8, png.length - 4)).toBe('IEND')
  })

  test('is the same for the same counts, and another for others or with other words', async () => {
    const pictures = [
      chartOf([[1, 2]]),
      chartOf([[1, 2]]),
      chartOf([[2, 1]]),
      chartOf([[1, 2]], { title: 'Audit lag' }),
    ].map(drawStackedDays)
    const [one, same, ...others] = await Promise.all(pictures)
    expect(one?.equals(same ?? Buffer.of())).toBe(true)
    for (const other of others) expect(one?.equals(other)).toBe(false)
  })

  test.each([
    ['no day', { days: [], series: [] }, 'A chart has 1 to 365 days, not 0.'],
    ['366 days', { days: daysUpTo(366), series: [] }, 'A chart has 1 to 365 days, not 366.'],
    ['a value too few', { series: [{ name: 'AUTH', values: [1] }] }, 'AUTH has 1 values for 2 days.'],
  ])('is refused for %s', async (_, wrong, message) => {
    const drawing = drawStackedDays(chartOf([[1, 2]], wrong))
    await expect(drawing).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) })
  })
})
