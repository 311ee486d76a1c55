import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { wholeAxis } from '../../src/charts/whole-axis.ts'

describe('the axis of the counts', () => {
  test.each([
    [0, { max: 1, step: 1 }],
    [1, { max: 1, step: 1 }],
    [5, { max: 5, step: 1 }],
    [6, { max: 6, step: 2 }],
    [48, { max: 50, step: 10 }],
    [114, { max: 150, step: 50 }],
    [10_000_000, { max: 10_000_000, step: 2_000_000 }],
  ])('of up to %i is %o', (greatest, axis) => {
    expect(wholeAxis(greatest)).toEqual(axis)
  })

  test('holds whatever is counted in one to five whole steps and is never twice as high as it needs to be', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40_000_000 }), (greatest) => {
        const { max, step } = wholeAxis(greatest)
        expect(Number.isInteger(step) && Number.isInteger(max / step)).toBe(true)
        expect(max / step).toBeGreaterThanOrEqual(1)
        expect(max / step).toBeLessThanOrEqual(5)
        expect(max).toBeGreaterThanOrEqual(greatest)
        expect(max).toBeLessThan(2 * greatest + 1)
      }),
    )
  })
})
