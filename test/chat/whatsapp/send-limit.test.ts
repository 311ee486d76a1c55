import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SendLimit } from '../../../src/chat/whatsapp/send-limit.ts'
import { MINUTE, systemClock } from '../../../src/kernel/clock.ts'

const clock = systemClock

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

interface Turn {
  readonly chat: string
  readonly number: number
  readonly at: number
}

/** Takes turns at the times given, and lets the time pass until all have been granted. */
async function takeAll(limit: SendLimit, wanted: readonly { readonly chat: string; readonly after: number }[]) {
  const granted: Turn[] = []
  for (const [number, { chat, after }] of wanted.entries()) {
    await vi.advanceTimersByTimeAsync(after)
    void limit.take(chat).then(() => granted.push({ chat, number, at: Date.now() }))
  }
  await vi.advanceTimersByTimeAsync((wanted.length + 1) * 2 * MINUTE)
  return granted
}

/** The most turns in any 60 seconds. */
const most = (turns: readonly Turn[]): number =>
  Math.max(0, ...turns.map(({ at }) => turns.filter((each) => each.at >= at && each.at < at + MINUTE).length))

const byChat = (turns: readonly Turn[], chat: string) => turns.filter((each) => each.chat === chat)

describe('turns to send', () => {
  test('never exceed a limit in any minute, none is lost, and chats keep their order', async () => {
    const chat = fc.constantFrom('a', 'b', 'c')
    const after = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30_000 }))
    const wanted = fc.array(fc.record({ chat, after }), { maxLength: 30 })
    const limits = fc.record({ perChat: fc.integer({ min: 0, max: 4 }), inAll: fc.integer({ min: 0, max: 6 }) })
    const run = async (limits: { perChat: number; inAll: number }, wanted: { chat: string; after: number }[]) => {
      const granted = await takeAll(new SendLimit(limits, { clock }), wanted)
      expect(granted).toHaveLength(wanted.length)
      if (limits.inAll > 0) expect(most(granted)).toBeLessThanOrEqual(limits.inAll)
      for (const chat of ['a', 'b', 'c']) {
        const turns = byChat(granted, chat)
        if (limits.perChat > 0) expect(most(turns)).toBeLessThanOrEqual(limits.perChat)
        const numbers = turns.map(({ number }) => number)
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
      }
    }
    await fc.assert(fc.asyncProperty(limits, wanted, run), { numRuns: 100 })
  })

  test('use the limit up: who waits does not wait longer than needed', async () => {
    const limit = new SendLimit({ perChat: 2, inAll: 0 }, { clock, random: () => 0 })
    const start = Date.now()
    const granted = await takeAll(limit, Array(5).fill({ chat: 'a', after: 0 }))
    expect(granted.map(({ at }) => at - start)).toEqual([0, 0, MINUTE, MINUTE, 2 * MINUTE])
  })

  test('are not held up by another chat that is at its limit', async () => {
    const limit = new SendLimit({ perChat: 1, inAll: 0 }, { clock, random: () => 0 })
    const order: string[] = []
    for (const chat of ['a', 'a', 'b']) void limit.take(chat).then(() => order.push(chat))
    await vi.advanceTimersByTimeAsync(1000)
    expect(order).toEqual(['a', 'b'])
    await vi.advanceTimersByTimeAsync(MINUTE)
    expect(order).toEqual(['a', 'b', 'a'])
  })

  test('that yield are overtaken by others, and leave them a quarter of each limit', async () => {
    const limit = new SendLimit({ perChat: 8, inAll: 12 }, { clock, random: () => 0 })
    const order: string[] = []
    const take = (chat: string, yields: boolean) =>
      void limit.take(chat, yields).then(() => order.push(`${chat}${yields ? '' : '!'}`))
    for (const chat of ['a', 'a', 'a', 'a', 'a', 'a', 'a', 'b', 'b', 'b', 'b']) take(chat, true)
    await vi.advanceTimersByTimeAsync(1000)
    expect(order).toEqual(['a', 'a', 'a', 'a', 'a', 'a', 'b', 'b', 'b'])
    order.length = 0
    for (const chat of ['a', 'a', 'a', 'c']) take(chat, false)
    await vi.advanceTimersByTimeAsync(1000)
    expect(order).toEqual(['a!', 'a!', 'c!'])
    order.length = 0
    await vi.advanceTimersByTimeAsync(MINUTE)
    expect(order).toEqual(['a!', 'a', 'b'])
  })

  test('that yield never exceed theirs, and those of a kind keep their order', async () => {
    const turn = fc.record({ chat: fc.constantFrom('a', 'b'), yields: fc.boolean(), after: fc.nat(20_000) })
    const limits = fc.record({ perChat: fc.integer({ min: 1, max: 9 }), inAll: fc.integer({ min: 1, max: 9 }) })
    const run = async (
      limits: { perChat: number; inAll: number },
      wanted: (typeof turn extends fc.Arbitrary<infer T> ? T : never)[],
    ) => {
      const limit = new SendLimit(limits, { clock })
      const granted: (Turn & { yields: boolean })[] = []
      for (const [number, { chat, yields, after }] of wanted.entries()) {
        await vi.advanceTimersByTimeAsync(after)
        void limit.take(chat, yields).then(() => granted.push({ chat, number, yields, at: Date.now() }))
      }
      await vi.advanceTimersByTimeAsync((wanted.length + 1) * 2 * MINUTE)
      expect(granted).toHaveLength(wanted.length)
      expect(most(granted)).toBeLessThanOrEqual(limits.inAll)
      const yielding = granted.filter(({ yields }) => yields)
      expect(most(yielding)).toBeLessThanOrEqual(limits.inAll - Math.floor(limits.inAll / 4))
      for (const chat of ['a', 'b'])
        for (const yields of [true, false]) {
          const numbers = granted.filter((it) => it.chat === chat && it.yields === yields).map(({ number }) => number)
          expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
        }
    }
    await fc.assert(fc.asyncProperty(limits, fc.array(turn, { maxLength: 20 }), run), { numRuns: 50 })
  })

  test('come at irregular times', async () => {
    let share = 0
    const limit = new SendLimit({ perChat: 60, inAll: 0 }, { clock, random: () => (share += 0.19) })
    const start = Date.now()
    const granted = await takeAll(limit, Array(4).fill({ chat: 'a', after: 2000 }))
    expect(granted.map(({ at }, index) => at - start - (index + 1) * 2000)).toEqual([95, 190, 285, 380])
  })

  test('are free at once where there is no limit', async () => {
    const limit = new SendLimit({ perChat: 0, inAll: 0 }, { clock })
    for (let turn = 0; turn < 1000; turn++) await limit.take('a')
  })

  test.each([-24 * 60, 24 * 60])('are as far apart though the clock is set by %i minutes', async (minutes) => {
    const limit = new SendLimit({ perChat: 1, inAll: 0 }, { clock, random: () => 0 })
    await limit.take('a')
    vi.setSystemTime(Date.now() + minutes * MINUTE)
    let isGranted = false
    void limit.take('a').then(() => {
      isGranted = true
    })
    await vi.advanceTimersByTimeAsync(MINUTE - 1)
    expect(isGranted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(isGranted).toBe(true)
  })

  test('are refused when it closes, those that wait and those that come', async () => {
    const limit = new SendLimit({ perChat: 1, inAll: 0 }, { clock, random: () => 0 })
    await limit.take('a')
    const waiting = limit.take('a')
    limit.close(new Error('over'))
    await expect(waiting).rejects.toThrow('over')
    await expect(limit.take('b')).rejects.toThrow('over')
  })
})
