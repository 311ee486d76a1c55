import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sparkline } from '../../src/charts/sparkline.ts'

const LADDER = '·▁▂▃▄▅▆▇█'
const counts = (maxLength: number) => fc.array(fc.nat(1_000_000), { maxLength })
const heights = (line: string) => [...line].map((character) => LADDER.indexOf(character))

describe('a sparkline', () => {
  test.each([
    ['of nothing is empty', [], ''],
    ['of zeros is dots', [0, 0, 0], '···'],
    ['of equal counts is full', [5, 5], '██'],
    ['shows each of eight levels', [0, 1, 2, 3, 4, 5, 6, 7, 8], LADDER],
    ['tells the least from nothing', [1, 0, 1_000_000], '▁·█'],
    ['rounds up to the next level', [12, 13, 25, 100], '▁▂▂█'],
  ])('%s', (_, values, line) => {
    expect(sparkline(values)).toBe(line)
  })

  test('of up to 60 values has a character for each, as high as its value asks, and only a zero is a dot', () => {
    fc.assert(
      fc.property(counts(60), (values) => {
        const drawn = heights(sparkline(values))
        expect(drawn).toHaveLength(values.length)
        const byValue = values.map((value, i) => ({ value, height: drawn[i] ?? -1 })).sort((a, b) => a.value - b.value)
        for (const [i, { value, height }] of byValue.entries()) {
          expect(height === 0).toBe(value === 0)
          expect(height).toBeGreaterThanOrEqual(byValue[i - 1]?.height ?? 0)
        }
        if (values.some((value) => value > 0)) expect(Math.max(...drawn)).toBe(8)
      }),
    )
  })

  test('of more values is that of the sums of equally many neighbours, counted from the newest, in at most 60 characters', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 61, maxLength: 400 }), (values) => {
        const size = [2, 3, 4, 5, 6, 7].find((candidate) => values.length <= candidate * 60) ?? 0
        const sums: number[] = []
        const rest = [...values]
        while (rest.length > 0) sums.unshift(rest.splice(-size).reduce((sum, value) => sum + value, 0))
        const line = sparkline(values)
        expect(line.length).toBeLessThanOrEqual(60)
        expect(line).toBe(sparkline(sums))
      }),
    )
  })
})
