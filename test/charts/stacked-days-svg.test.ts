import { describe, expect, test } from 'vitest'
import { stackedDaysSvg } from '../../src/charts/stacked-days-svg.ts'
import { colourOf } from '../../src/charts/theme.ts'
import { barsOf, busyChart, chartOf, daysUpTo, textBoxesOf, textsOf } from '../support/charts.ts'

const WEEK = [
  [5, 0, 3, 0, 7, 1, 20],
  [1, 2, 0, 0, 4, 1, 0],
  [0, 4, 6, 0, 0, 1, 9],
  [2, 1, 0, 0, 1, 1, 4],
]

const column = (day: number): number[] => WEEK.map((row) => row[day] ?? 0)
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

describe('the bars', () => {
  const svg = stackedDaysSvg(chartOf(WEEK))
  const bars = barsOf(svg).filter(({ series }) => series < WEEK.length)

  test('are as high as their counts, one on top of the other in the order of the series', () => {
    const unit = (bars.find(({ series, day }) => series === 0 && day === 6)?.height ?? 0) / 20
    expect(unit).toBeGreaterThan(10)
    const ground = bars.find(({ series }) => series === 0)?.bottom ?? 0
    for (const { series, day, bottom, height } of bars) {
      expect(height / unit).toBeCloseTo(WEEK[series]?.[day] ?? -1, 1)
      expect((ground - bottom) / unit).toBeCloseTo(sum(column(day).slice(0, series)), 1)
    }
  })

  test('stand from the oldest day to the newest, equally far apart, also beside a day without any', () => {
    expect(bars).toHaveLength(28)
    const lefts = bars.filter(({ series }) => series === 2).map(({ left }) => left)
    const steps = lefts.slice(1).map((left, i) => left - (lefts[i] ?? 0))
    expect(steps).toHaveLength(6)
    for (const step of steps) expect(step).toBeCloseTo(steps[0] ?? 0, 0)
    expect(steps[0]).toBeGreaterThan(100)
    expect(lefts).toEqual(bars.filter(({ series }) => series === 0).map(({ left }) => left))
  })

  test('have the colour of their series in the legend', () => {
    for (const [series] of WEEK.entries()) {
      const painted = svg.match(new RegExp(`fill="${colourOf(series)}"[^>]*ecmeta_series_index="${series}"`, 'g'))
      expect(painted).toHaveLength(7)
    }
  })

  test('are there for each of 365 days', () => {
    const year = barsOf(stackedDaysSvg(chartOf([daysUpTo(365).map((_, day) => day + 1)])))
    expect(year).toHaveLength(365)
    expect(new Set(year.map(({ left }) => left)).size).toBe(365)
    for (const { day, left, height, width } of year) {
      expect(height).toBeGreaterThan(year[day - 1]?.height ?? 0)
      expect(left).toBeGreaterThan(year[day - 1]?.left ?? 0)
      expect(width).toBeGreaterThan(2)
    }
  })
})

describe('the texts', () => {
  test('are the title, the subtitle, and each series with its total', () => {
    const chart = chartOf([...WEEK.slice(0, 3), [2, 1, 0, 0, 1, 1, 12_340]])
    expect(textsOf(stackedDaysSvg(chart)).slice(0, 10)).toEqual([
      ...['Audit log', 'entries · Europe/Berlin'],
      ...['AUTH', '36', 'CONFIG', '8', 'ADMIN', '20', 'SECURITY', '12,345'],
    ])
  })

  test('hold the total of each day over its bar, and none where nothing was counted', async () => {
    const svg = stackedDaysSvg(chartOf(WEEK))
    const days = [0, 1, 2, 4, 5, 6]
    const totals = (await textBoxesOf(svg)).slice(-days.length)
    expect(totals.map(({ text }) => text)).toEqual(['8', '7', '9', '12', '4', '33'])
    const tops = barsOf(svg).filter(({ series }) => series === WEEK.length)
    for (const [i, day] of days.entries()) {
      const [total, top] = [totals[i], tops.find((bar) => bar.day === day)]
      if (total === undefined || top === undefined) throw new Error('A total or a bar is missing.')
      expect((total.left + total.right) / 2 - (top.left + top.width / 2)).toBeCloseTo(0, -1)
      expect(top.bottom - total.bottom).toBeGreaterThan(5)
      expect(top.bottom - total.bottom).toBeLessThan(30)
    }
  })

  test('shorten the totals over the bars where there is no room for them in full', () => {
    expect(textsOf(stackedDaysSvg(chartOf([[1_234_567, 0, 45_000, 2, 0, 0, 0]]))).slice(-3)).toEqual([
      '1.2M',
      '45K',
      '2',
    ])
  })

  test('leave out the totals over more than 14 bars', () => {
    const row = (count: number) => [daysUpTo(count).map(() => 7)]
    expect(textsOf(stackedDaysSvg(chartOf(row(14)))).filter((text) => text === '7')).toHaveLength(14)
    expect(textsOf(stackedDaysSvg(chartOf(row(15))))).not.toContain('7')
  })

  test.each([
    [1, ['Nov 21']],
    [2, ['Nov 20', 'Nov 21']],
    [7, ['Nov 15', 'Nov 16', 'Nov 17', 'Nov 18', 'Nov 19', 'Nov 20', 'Nov 21']],
    [30, ['Oct 23', 'Oct 29', 'Nov 4', 'Nov 9', 'Nov 15', 'Nov 21']],
    [90, ['Aug 24', 'Sep 8', 'Sep 23', 'Oct 8', 'Oct 22', 'Nov 6', 'Nov 21']],
  ])('name the first and the last of %i days, and as many between them as have room', (count, labels) => {
    const texts = textsOf(stackedDaysSvg(busyChart(count, 40)))
    expect(texts.filter((text) => /^[A-Z][a-z]{2} \d+$/.test(text))).toEqual(labels)
  })

  test('tell the year where there are two', () => {
    const texts = textsOf(stackedDaysSvg(busyChart(365, 40)))
    expect(texts.filter((text) => /^[A-Z][a-z]{2} \d+$|^20\d\d$/.test(text)).slice(0, 5)).toEqual([
      ...['Nov 22', '2025', 'Jan 13', '2026', 'Mar 6'],
    ])
  })

  test.each([0, 1, 3, 48, 10_000_000])('count in whole numbers on an axis that holds %i', (most) => {
    const series = [{ name: 'AUTH', values: [most, ...daysUpTo(14).map(() => 0)] }]
    const texts = textsOf(stackedDaysSvg({ title: '', subtitle: '', days: daysUpTo(15), series }))
    const axis = texts.slice(2).filter((text) => /^[\d,.]+$/.test(text))
    const counts = axis.map((text) => Number(text.replaceAll(',', '')))
    expect(axis).toEqual(counts.map((count) => count.toLocaleString('en-US')))
    expect(counts[0]).toBe(0)
    expect(counts.every(Number.isInteger)).toBe(true)
    expect(counts.at(-1)).toBeGreaterThanOrEqual(Math.max(1, most))
  })

  test('say so where there are no entries at all, beside the axis and its days', () => {
    const texts = textsOf(stackedDaysSvg(busyChart(7, 0)))
    expect(texts).toContain('No entries')
    expect(texts).toEqual(expect.arrayContaining(['0', '1', 'Nov 15', 'Nov 21']))
    expect(textsOf(stackedDaysSvg(busyChart(7, 1)))).not.toContain('No entries')
  })

  test('keep a title that looks like markup as it was written, and end a long one in the picture', async () => {
    const title = `<script>&amp;"' \u0000\uD800${'W'.repeat(200)}`
    const svg = stackedDaysSvg(chartOf(WEEK, { title, subtitle: 'm'.repeat(200) }))
    expect(svg).not.toContain('<script>')
    const [first, second] = await textBoxesOf(svg)
    expect(first?.text).toMatch(/^&lt;script&gt;&amp;amp;&quot;&#39; W+\.\.\.$/)
    expect(first?.right).toBeLessThan(1060)
    expect(second?.right).toBeLessThan(1060)
  })
})

describe('every text', () => {
  test.each([
    ...[1, 7, 14, 30, 365].flatMap((count) => [[count, 40] as const, [count, 10_000_000] as const]),
    ...[[2, 40] as const, [7, 0] as const, [7, 60_000] as const, [90, 40] as const],
  ])('of %i days with up to %i a day is large, inside the picture and clear of the others', async (count, most) => {
    const boxes = await textBoxesOf(stackedDaysSvg(busyChart(count, most)))
    for (const [i, { fontSize, left, right, top, bottom }] of boxes.entries()) {
      expect(fontSize).toBeGreaterThanOrEqual(30)
      expect(Math.min(left, 1080 - right, top, 1200 - bottom)).toBeGreaterThan(16)
      const touching = boxes.slice(i + 1).filter((other) => {
        const isBeside = other.left > right + 4 || left > other.right + 4
        return !isBeside && other.top < bottom && top < other.bottom
      })
      expect(touching).toEqual([])
    }
  })
})
