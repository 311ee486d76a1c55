import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  createRateLimiter,
  type RateLimiter,
  type RateLimiterOptions,
  type RateLimitViolation,
} from '../../src/guards/rate-limiter.ts'
import { HOUR, MINUTE } from '../../src/kernel/clock.ts'
import { ROOT, runNode } from '../support/child.ts'

const SECOND = 1000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A limiter whose limits can be changed, and what it reported. */
function limiterOf(user: number, global = 0, more: Partial<RateLimiterOptions> = {}) {
  const limits = { user, global }
  const violations: RateLimitViolation[] = []
  const limiter = createRateLimiter({
    user: () => limits.user,
    global: () => limits.global,
    onViolation: (violation) => violations.push(violation),
    ...more,
  })
  return { limits, violations, limiter }
}

const wait = (milliseconds: number) => vi.advanceTimersByTime(milliseconds)

/** Which of so many messages that come at once pass. */
async function burst(limiter: RateLimiter, key: string, messages: number): Promise<readonly boolean[]> {
  const verdicts = await Promise.all(Array.from({ length: messages }, () => limiter.take(key)))
  return verdicts.map(({ allowed }) => allowed)
}

const passing = async (limiter: RateLimiter, key: string, messages: number) =>
  (await burst(limiter, key, messages)).filter(Boolean).length

describe('the user limit', () => {
  test('lets so many messages of each sender pass in a minute, the first that came, and says when more will', async () => {
    const { limiter } = limiterOf(2)
    expect(await burst(limiter, 'ann', 3)).toEqual([true, true, false])
    expect(await limiter.take('bob')).toEqual({ allowed: true })
    wait(20 * SECOND)
    expect(await limiter.take('ann')).toEqual({
      allowed: false,
      limitType: 'user',
      retryAfter: 40 * SECOND,
      isFirst: false,
    })
    wait(40 * SECOND - 1)
    expect(await limiter.take('ann')).toMatchObject({ allowed: false, retryAfter: 1 })
    wait(1)
    expect(await passing(limiter, 'ann', 5)).toBe(2)
  })

  test('of 0 is none, and remembers nobody', async () => {
    const { limiter } = limiterOf(0)
    expect(await passing(limiter, 'ann', 1000)).toBe(1000)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that is raised counts at once, and what was refused before has used nothing up', async () => {
    const { limiter, limits } = limiterOf(2)
    expect(await passing(limiter, 'ann', 50)).toBe(2)
    limits.user = 5
    expect(await passing(limiter, 'ann', 50)).toBe(3)
  })

  test('that is lowered counts at once, and lets more pass only in the next window', async () => {
    const { limiter, limits, violations } = limiterOf(10)
    expect(await passing(limiter, 'ann', 8)).toBe(8)
    limits.user = 3
    expect(await passing(limiter, 'ann', 1)).toBe(0)
    expect(violations).toEqual([{ key: 'ann', limitType: 'user', limit: 3, consumed: 9 }])
    wait(MINUTE)
    expect(await passing(limiter, 'ann', 8)).toBe(3)
  })

  test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('of %d is an error for the host', async (limit) => {
    const { limiter, limits } = limiterOf(limit)
    await expect(limiter.take('ann')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    limits.user = 1
    expect(await burst(limiter, 'ann', 2)).toEqual([true, false])
  })
})

describe('the global limit', () => {
  test('lets so many messages of all senders together pass, and tells who came first too late', async () => {
    const { limiter, violations } = limiterOf(0, 2)
    for (const key of ['ann', 'bob']) expect(await limiter.take(key)).toEqual({ allowed: true })
    const refused = { allowed: false, limitType: 'global', retryAfter: MINUTE }
    expect(await limiter.take('cat')).toEqual({ ...refused, isFirst: true })
    expect(await limiter.take('dan')).toEqual({ ...refused, isFirst: false })
    expect(violations).toEqual([{ key: 'cat', limitType: 'global', limit: 2, consumed: 3 }])
  })

  test('is not used up by what the user limit refuses', async () => {
    const { limiter } = limiterOf(1, 3)
    expect(await passing(limiter, 'ann', 100)).toBe(1)
    expect(await passing(limiter, 'bob', 1)).toBe(1)
    expect(await passing(limiter, 'cat', 1)).toBe(1)
    expect(await limiter.take('dan')).toMatchObject({ allowed: false, limitType: 'global' })
  })

  test('neither counts nor stops who is exempt, whom the user limit still does', async () => {
    const { limiter, violations } = limiterOf(3, 1)
    const admin = () => limiter.take('admin', { exempt: 'global' })
    expect(await admin()).toEqual({ allowed: true })
    expect(await limiter.take('ann')).toEqual({ allowed: true })
    expect(await limiter.take('bob')).toMatchObject({ allowed: false, limitType: 'global' })
    expect(await admin()).toEqual({ allowed: true })
    expect(await admin()).toEqual({ allowed: true })
    expect(await admin()).toMatchObject({ allowed: false, limitType: 'user', isFirst: true })
    expect(violations.map(({ key }) => key)).toEqual(['bob', 'admin'])
  })

  test('counts for itself, whatever the senders are called', async () => {
    const { limiter } = limiterOf(1, 1)
    expect(await limiter.take('all')).toEqual({ allowed: true })
    wait(MINUTE)
    expect(await limiter.take('__proto__')).toEqual({ allowed: true })
    expect(await limiter.take('')).toMatchObject({ limitType: 'global' })
  })
})

describe('a burst', () => {
  test('is reported with its first message, which alone is to be answered, across windows until a quiet one', async () => {
    const { limiter, violations } = limiterOf(1)
    const firsts: number[] = []
    for (let second = 0; second < 300; second += 20) {
      const verdict = await limiter.take('ann')
      if (!verdict.allowed && verdict.isFirst) firsts.push(second)
      wait(20 * SECOND)
    }
    expect(firsts).toEqual([20])
    wait(MINUTE)
    await limiter.take('ann')
    expect(await limiter.take('ann')).toMatchObject({ isFirst: true })
    const report = { key: 'ann', limitType: 'user', limit: 1, consumed: 2 }
    expect(violations).toEqual([report, report])
  })

  test('of one sender is not that of another', async () => {
    const { limiter, violations } = limiterOf(1)
    for (const key of ['ann', 'bob', 'ann']) await burst(limiter, key, 3)
    expect(violations.map(({ key }) => key)).toEqual(['ann', 'bob'])
  })

  test('that goes on is reported again every hour, with all that was refused since', async () => {
    const { limiter, violations } = limiterOf(1)
    const times: number[] = []
    for (let at = 0; at < 2.5 * HOUR; at += 20 * SECOND) {
      const verdict = await limiter.take('ann')
      if (!verdict.allowed && verdict.isFirst) times.push(at)
      wait(20 * SECOND)
    }
    expect(times).toEqual([20 * SECOND, HOUR + 20 * SECOND, 2 * HOUR + 20 * SECOND])
    // Of three messages a minute one passes, and two are refused.
    expect(violations.map(({ consumed }) => consumed)).toEqual([2, 1 + 120, 1 + 120])
  })

  test('is over once a window has passed since its last message, however late the timers are', async () => {
    const { limiter, violations } = limiterOf(1)
    await burst(limiter, 'ann', 2)
    // Time goes on while the timers stand still.
    wait(MINUTE / 2)
    const real = performance.now.bind(performance)
    vi.spyOn(performance, 'now').mockImplementation(() => real() + MINUTE / 2)
    expect(await burst(limiter, 'ann', 2)).toEqual([true, false])
    expect(violations).toHaveLength(2)
    wait(MINUTE - 1)
    expect(await burst(limiter, 'ann', 2)).toEqual([false, false])
    expect(violations).toHaveLength(2)
  })

  test.each([
    ['throws', () => raise()],
    ['rejects', async () => raise()],
  ])('is refused all the same where the callback %s', async (_, onViolation) => {
    const { limiter } = limiterOf(1, 0, { onViolation })
    expect(await burst(limiter, 'ann', 3)).toEqual([true, false, false])
    wait(MINUTE)
    expect(await burst(limiter, 'ann', 2)).toEqual([true, false])
  })

  test('may be answered from the callback with the limiter itself', async () => {
    const told: boolean[] = []
    const { limiter } = limiterOf(1, 0, {
      onViolation: async () => void told.push((await limiter.take('host')).allowed),
    })
    await burst(limiter, 'ann', 2)
    await expect.poll(() => told).toEqual([true])
  })
})

function raise(): never {
  throw new Error('The host has a defect.')
}

describe('in any sequence of messages', () => {
  const WINDOW = 1000
  const gap = fc.oneof(fc.constantFrom(0, 1, WINDOW - 1, WINDOW, WINDOW + 1), fc.nat(400), fc.nat(3 * WINDOW))
  const messages = fc.array(fc.record({ gap, key: fc.constantFrom('ann', 'bob', 'cat') }), { maxLength: 60 })

  interface Seen {
    readonly at: number
    readonly allowed: boolean
    readonly isFirst: boolean
  }

  /** Windows as they have to be: each begins with the first message after the one before. */
  function expectWindows(seen: readonly Seen[], limit: number) {
    let end = Number.NEGATIVE_INFINITY
    let passed = 0
    for (const { at, allowed } of seen) {
      if (at >= end) [end, passed] = [at + WINDOW, 0]
      expect(allowed).toBe(limit === 0 || passed < limit)
      if (allowed) passed += 1
    }
  }

  function expectReports(seen: readonly Seen[]) {
    let last = Number.NEGATIVE_INFINITY
    for (const { at, isFirst } of seen.filter(({ allowed }) => !allowed)) {
      expect(isFirst).toBe(at - last >= WINDOW)
      last = at
    }
  }

  test('no window lets more pass than its limit, nor fewer, and each burst is reported once', async () => {
    const limit = fc.integer({ min: 0, max: 3 })
    await fc.assert(
      fc.asyncProperty(limit, limit, messages, async (user, global, sent) => {
        const { limiter, violations } = limiterOf(user, global, { window: WINDOW })
        const byUser: Record<string, Seen[]> = { ann: [], bob: [], cat: [] }
        const byGlobal: Seen[] = []
        for (const { gap, key } of sent) {
          wait(gap)
          const verdict = await limiter.take(key)
          const at = Date.now()
          const stoppedBy = verdict.allowed ? undefined : verdict.limitType
          const isFirst = !verdict.allowed && verdict.isFirst
          byUser[key]?.push({ at, allowed: stoppedBy !== 'user', isFirst: isFirst && stoppedBy === 'user' })
          if (stoppedBy !== 'user') byGlobal.push({ at, allowed: verdict.allowed, isFirst })
        }
        for (const seen of Object.values(byUser)) expectWindows(seen, user)
        for (const seen of Object.values(byUser)) expectReports(seen)
        expectWindows(byGlobal, global)
        expectReports(byGlobal)
        const firsts = [...Object.values(byUser).flat(), ...byGlobal].filter(({ isFirst }) => isFirst)
        expect(violations).toHaveLength(firsts.length)
      }),
      { numRuns: 200 },
    )
  })
})

describe('a limiter', () => {
  test('forgets everybody within a window, and needs no more for many messages than for one', async () => {
    const { limiter } = limiterOf(1)
    for (let n = 0; n < 100; n++) await burst(limiter, `sender ${n}`, 3)
    // One timer for what each may send, and one for the burst that each is in.
    expect(vi.getTimerCount()).toBe(200)
    wait(MINUTE)
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each([0, -1, 0.5, 2 ** 31, Number.NaN])('is not made with a window of %d ms', (window) => {
    expect(() => limiterOf(1, 0, { window })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })

  test('in use does not keep its process alive', async () => {
    const { href } = pathToFileURL(`${ROOT}dist/guards/rate-limiter.js`)
    const script = `
      import { createRateLimiter } from ${JSON.stringify(href)}
      const limiter = createRateLimiter({ user: () => 1, global: () => 2, window: 2 ** 31 - 1 })
      for (const key of ['ann', 'ann', 'bob', 'cat', 'cat']) console.log((await limiter.take(key)).limitType)`
    const ended = await runNode(['--input-type=module', '-e', script])
    expect(ended).toMatchObject({ code: 0, signal: null, stdout: 'undefined\nuser\nundefined\nglobal\nuser\n' })
  })
})

test.each([-HOUR, HOUR])(
  'a clock that is set by %i ms neither ends a window nor makes it last, nor a burst',
  async (by) => {
    const { limiter, violations } = limiterOf(1)
    expect(await burst(limiter, 'ann', 2)).toEqual([true, false])
    vi.setSystemTime(Date.now() + by)
    wait(MINUTE - 1)
    expect(await limiter.take('ann')).toMatchObject({ allowed: false, retryAfter: 1, isFirst: false })
    wait(1)
    expect(await limiter.take('ann')).toEqual({ allowed: true })
    expect(violations).toHaveLength(1)
  },
)
