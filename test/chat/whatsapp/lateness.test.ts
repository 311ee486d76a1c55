import { describe, expect, test } from 'vitest'
import { Lateness } from '../../../src/chat/whatsapp/lateness.ts'
import { HOUR, MINUTE } from '../../../src/kernel/clock.ts'
import { FakeClock } from '../../support/chatwarden.ts'

const OLD = 5 * MINUTE

/** How many of so many messages count as new that were written so far apart, the first so long ago, and come so far apart. */
function taken(ago: number, written: number, delivered: number, count: number, chunk = { every: 0, pause: 0 }): number {
  const clock = new FakeClock()
  const lateness = new Lateness(clock)
  const begin = clock.now() - ago
  let young = 0
  for (let index = 0; index < count; index++) {
    if (chunk.every > 0 && index % chunk.every === 0) clock.advance(chunk.pause)
    if (lateness.hear(begin + index * written, clock.now()) <= OLD) young++
    clock.advance(delivered)
  }
  return young
}

describe('by a clock that is right, messages that were left', () => {
  test.each([
    [4000, 200, 2700],
    [2000, 100, 5400],
    [6000, 500, 1800],
    [4000, 1000, 200],
    [1000, 1, 3000],
    [300_000, 0, 30],
    [0, 0, 5000],
    [0, 100, 5000],
    [20_000, 10_000, 300],
  ])('written every %d ms and coming every %d ms are all old', (written, delivered, count) => {
    expect(taken(3 * HOUR, written, delivered, Math.min(count, Math.floor((2.8 * HOUR) / Math.max(1, written))))).toBe(
      0,
    )
  })

  test('are old in chunks, too', () => {
    for (const pause of [10_000, 61_000, 70_000, 120_000])
      expect(taken(3 * HOUR, 3000, 0, 3000, { every: 100, pause })).toBe(0)
  })

  test('are old, even at the pace at which they were written, where one came at once', () => {
    const clock = new FakeClock()
    const lateness = new Lateness(clock)
    lateness.hear(clock.now(), clock.now())
    for (let index = 0; index < 200; index++) {
      clock.advance(1000)
      expect(lateness.hear(clock.now() - 3 * HOUR, clock.now())).toBeGreaterThan(OLD)
    }
  })
})

describe('by a clock that is 2 hours ahead, messages that come as they are written', () => {
  test('are new after a minute, whatever came less late or later among them', () => {
    const clock = new FakeClock()
    const lateness = new Lateness(clock)
    let young = 0
    for (let index = 0; index < 300; index++) {
      clock.advance(20_000)
      const stray = index === 1 ? -10_000 : index % 50 === 49 ? 3 * MINUTE : 0
      if (lateness.hear(clock.now() - 2 * HOUR - stray, clock.now()) <= OLD) young++
    }
    expect(young).toBeGreaterThan(290)
    expect(lateness.clockIsAheadBy).toBeGreaterThan(1.9 * HOUR)
  })
})
