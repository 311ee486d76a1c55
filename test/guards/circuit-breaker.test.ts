import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  type CircuitBreakerOptions,
  type CircuitChange,
  CircuitOpenError,
  createCircuitBreaker,
} from '../../src/guards/circuit-breaker.ts'
import { HOUR } from '../../src/kernel/clock.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const RESET_AFTER = 30_000
const DOWN = new Error('The service is down.')
const succeed = async () => 'done'
const fail = () => Promise.reject(DOWN)

function breakerOf(options: Partial<CircuitBreakerOptions> = {}) {
  const changes: CircuitChange[] = []
  const breaker = createCircuitBreaker({ service: 'llm', onChange: (change) => changes.push(change), ...options })
  const failing = async (times: number) => {
    for (let n = 0; n < times; n++) await expect(breaker.run(fail)).rejects.toBe(DOWN)
  }
  return { breaker, changes, failing }
}

/** A call that ends when it is told to. */
function pending() {
  let end: (error?: unknown) => void = () => {}
  const ended = new Promise<string>((resolve, reject) => {
    end = (error) => (error === undefined ? resolve('done') : reject(error))
  })
  return { work: () => ended, end }
}

const opened = (failureCount: number) => ({ service: 'llm', state: 'OPEN', failureCount })
const closed = (failureCount: number) => ({ service: 'llm', state: 'CLOSED', failureCount })

describe('a closed circuit', () => {
  test('hands on what the work gives or throws', async () => {
    const { breaker, changes } = breakerOf()
    expect(await breaker.run(succeed)).toBe('done')
    await expect(breaker.run(fail)).rejects.toBe(DOWN)
    const throwing = () => {
      throw DOWN
    }
    await expect(breaker.run(throwing)).rejects.toBe(DOWN)
    expect(breaker.state).toBe('CLOSED')
    expect(changes).toEqual([])
  })

  test('opens at the fifth failure in a row, and says so once', async () => {
    const { breaker, changes, failing } = breakerOf()
    await failing(4)
    await breaker.run(succeed)
    await failing(4)
    expect(breaker.state).toBe('CLOSED')
    await failing(1)
    expect(breaker.state).toBe('OPEN')
    expect(changes).toEqual([opened(5)])
  })

  test('takes an error that is no failure for an answer, which ends a row of failures', async () => {
    const isFailure = (error: unknown) => error === DOWN
    const { breaker, failing } = breakerOf({ failures: 2, isFailure })
    const refused = new Error('Your question is too long.')
    for (let n = 0; n < 5; n++) await expect(breaker.run(() => Promise.reject(refused))).rejects.toBe(refused)
    await failing(1)
    await expect(breaker.run(() => Promise.reject(refused))).rejects.toBe(refused)
    await failing(1)
    expect(breaker.state).toBe('CLOSED')
    await failing(1)
    expect(breaker.state).toBe('OPEN')
  })

  test('opens once where many calls fail together', async () => {
    const { breaker, changes } = breakerOf()
    await Promise.allSettled(Array.from({ length: 20 }, () => breaker.run(fail)))
    expect(changes).toEqual([opened(5)])
  })
})

describe('an open circuit', () => {
  test('rejects without calling, with the name of the service, until its time is up', async () => {
    const { breaker, failing } = breakerOf()
    await failing(5)
    const work = vi.fn(succeed)
    vi.advanceTimersByTime(RESET_AFTER - 1)
    const error = await breaker.run(work).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(CircuitOpenError)
    expect(error).toMatchObject({ name: 'CircuitOpenError', service: 'llm' })
    expect(work).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(await breaker.run(work)).toBe('done')
    expect(work).toHaveBeenCalledOnce()
  })

  test('closes with a trial that succeeds, says so once, and counts from nought again', async () => {
    const { breaker, changes, failing } = breakerOf()
    await failing(5)
    vi.advanceTimersByTime(RESET_AFTER)
    await breaker.run(succeed)
    await breaker.run(succeed)
    expect(changes).toEqual([opened(5), closed(5)])
    await failing(4)
    expect(breaker.state).toBe('CLOSED')
  })

  test('stays open after a trial that fails, which is the same outage', async () => {
    const { breaker, changes, failing } = breakerOf()
    await failing(5)
    for (let trial = 0; trial < 3; trial++) {
      vi.advanceTimersByTime(RESET_AFTER)
      await failing(1)
      expect(breaker.state).toBe('OPEN')
      await expect(breaker.run(succeed)).rejects.toThrow(CircuitOpenError)
    }
    expect(changes).toEqual([opened(5)])
    vi.advanceTimersByTime(RESET_AFTER)
    await breaker.run(succeed)
    expect(changes).toEqual([opened(5), closed(8)])
    await failing(5)
    expect(changes).toHaveLength(3)
    expect(changes[2]).toEqual(opened(5))
  })

  test('makes one trial at a time, and lets nobody wait for it', async () => {
    const { breaker, changes, failing } = breakerOf()
    await failing(5)
    vi.advanceTimersByTime(RESET_AFTER)
    const trial = pending()
    const first = breaker.run(trial.work)
    expect(breaker.state).toBe('HALF_OPEN')
    const work = vi.fn(succeed)
    for (let n = 0; n < 3; n++) await expect(breaker.run(work)).rejects.toThrow(CircuitOpenError)
    expect(work).not.toHaveBeenCalled()
    trial.end()
    expect(await first).toBe('done')
    expect(breaker.state).toBe('CLOSED')
    expect(changes).toEqual([opened(5), closed(5)])
  })

  test('takes an error that is no failure for a sign of life', async () => {
    const { breaker, changes, failing } = breakerOf({ failures: 2, isFailure: (error) => error === DOWN })
    await failing(2)
    vi.advanceTimersByTime(RESET_AFTER)
    await expect(breaker.run(() => Promise.reject('odd'))).rejects.toBe('odd')
    expect(changes).toEqual([opened(2), closed(2)])
    await failing(1)
    expect(breaker.state).toBe('CLOSED')
  })

  test('is neither opened again nor closed by calls that began before it', async () => {
    const { breaker, changes, failing } = breakerOf({ failures: 1 })
    const [good, bad] = [pending(), pending()]
    const [late, later] = [breaker.run(good.work), breaker.run(bad.work)]
    await failing(1)
    good.end()
    await late
    expect(breaker.state).toBe('OPEN')
    vi.advanceTimersByTime(RESET_AFTER)
    const trial = pending()
    const trying = breaker.run(trial.work)
    bad.end(DOWN)
    await expect(later).rejects.toBe(DOWN)
    expect(breaker.state).toBe('HALF_OPEN')
    trial.end()
    await trying
    expect(changes).toEqual([opened(1), closed(2)])
  })

  test('is told from the open circuit of another service that the work ran into', async () => {
    const { breaker, failing } = breakerOf({ failures: 1 })
    await failing(1)
    const outer = createCircuitBreaker({ service: 'bot' })
    await expect(outer.run(() => breaker.run(succeed))).rejects.toMatchObject({ service: 'llm' })
  })
})

describe('a breaker', () => {
  test.each([
    ['throws', () => raise()],
    ['rejects', async () => raise()],
  ])('works on where the callback %s', async (_, onChange) => {
    const { breaker, failing } = breakerOf({ onChange, failures: 1, resetAfter: 10 })
    await failing(1)
    expect(breaker.state).toBe('OPEN')
    vi.advanceTimersByTime(10)
    expect(await breaker.run(succeed)).toBe('done')
    expect(breaker.state).toBe('CLOSED')
  })

  test.each([{ failures: 0 }, { failures: 1.5 }, { resetAfter: 0 }, { resetAfter: 2 ** 31 }])(
    'is not made with %j',
    (options) => {
      expect(() => breakerOf(options)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
    },
  )
})

function raise(): never {
  throw new Error('The host has a defect.')
}

test.each([-HOUR, HOUR])('a clock that is set by %i ms makes no trial late, nor early', async (by) => {
  const { breaker, failing } = breakerOf({ failures: 1, resetAfter: RESET_AFTER })
  await failing(1)
  vi.setSystemTime(Date.now() + by)
  vi.advanceTimersByTime(RESET_AFTER - 1)
  await expect(breaker.run(succeed)).rejects.toBeInstanceOf(CircuitOpenError)
  vi.advanceTimersByTime(1)
  expect(await breaker.run(succeed)).toBe('done')
  expect(breaker.state).toBe('CLOSED')
})
