import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Countdown } from '../../src/kernel/countdown.ts'

const HOUR = 3_600_000

test('what several processes run side by side counts once, and what one ran before it looked not at all', () => {
  // Each step: how long all run, and which of three then looks; whatever their clocks say.
  const steps = fc.array(fc.tuple(fc.nat(5 * HOUR), fc.nat(2)), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(steps, (all) => {
      let passed = 0
      let row = 24 * HOUR
      let first: number | undefined
      const countdowns = [1, 0, -1].map(
        (days) => new Countdown({ now: () => days * 24 * HOUR, monotonic: () => passed + days }, 24 * HOUR),
      )
      for (const [ms, who] of all) {
        passed += ms
        row = countdowns[who]?.left(7, row) ?? row
        first ??= passed
        expect(24 * HOUR - row).toBeLessThanOrEqual(passed - first)
      }
    }),
  )
})

test('goes on where one alone looks, to its end, from what others left, and pauses where it does not count', () => {
  let passed = 0
  const countdown = new Countdown({ now: () => 0, monotonic: () => passed }, 10)
  const looks = [
    [0, true, 10],
    [4, true, 10],
    [4.5, false, 6],
    [5.5, true, 9],
    [7, true, 2],
    [99, true, 2],
  ] as const
  const left = looks.map(([at, counts, written]) => {
    passed = at
    return countdown.left(1, written, counts)
  })
  expect(left).toEqual([10, 6, 6, 5, 2, 0])
  countdown.forget(1)
  expect(countdown.left(1, 10)).toBe(10)
})
