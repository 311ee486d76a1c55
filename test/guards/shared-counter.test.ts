import { expect, onTestFinished, test, vi } from 'vitest'
import type { Counter } from '../../src/guards/counter.ts'
import { createRateLimiter } from '../../src/guards/rate-limiter.ts'
import { SharedCounter } from '../../src/guards/shared-counter.ts'
import { keptLog } from '../support/kept-log.ts'

const SECOND = 1000

/** A limiter of two messages on a counter that the test makes answer, fail or keep silent. */
function limiterOn(answer: { take: Counter['take'] }) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const { lines, log } = keptLog()
  const asked: string[] = []
  const counter = new SharedCounter(
    {
      take: (...args) => {
        asked.push(args[0])
        return answer.take(...args)
      },
    },
    log,
  )
  const limiter = createRateLimiter({ user: () => 2, global: () => 0, counter })
  const passing = async (messages: number) => {
    const verdicts = Promise.all(Array.from({ length: messages }, () => limiter.take('ann')))
    await vi.advanceTimersByTimeAsync(SECOND)
    return (await verdicts).filter(({ allowed }) => allowed).length
  }
  return { passing, asked, lines }
}

const PASSED = { passed: true, consumed: 1, msBeforeNext: 1 }
const failing = async () => {
  throw new Error('the database is away')
}

test('while the shared count fails, this process counts, asks seldom and says so once', async () => {
  const answer: { take: Counter['take'] } = { take: failing }
  const { passing, asked, lines } = limiterOn(answer)
  expect(await passing(50)).toBe(2)
  expect(await passing(50)).toBe(0)
  expect(asked).toHaveLength(50)
  await vi.advanceTimersByTimeAsync(10 * SECOND)
  expect(await passing(50)).toBe(0)
  expect(asked).toHaveLength(51)
  expect(lines.filter((line) => line.includes('counted by this process alone'))).toHaveLength(1)
})

test('a shared count that does not answer keeps nobody waiting for more than a second', async () => {
  const { passing, lines } = limiterOn({ take: () => new Promise(() => {}) })
  expect(await passing(50)).toBe(2)
  expect(lines.join()).toContain('No answer within 1000 ms')
})

test('a shared count that is back is asked again', async () => {
  const answer: { take: Counter['take'] } = { take: failing }
  const { passing, lines } = limiterOn(answer)
  expect(await passing(3)).toBe(2)
  answer.take = async () => PASSED
  expect(await passing(3)).toBe(0)
  await vi.advanceTimersByTimeAsync(10 * SECOND)
  // The first finds out, while the others are still counted here.
  expect(await passing(3)).toBe(1)
  expect(await passing(5)).toBe(5)
  expect(lines.at(-1)).toContain('shared again')
})

test('a shared count that lets a message pass or refuses it decides', async () => {
  const answer: { take: Counter['take'] } = { take: async () => PASSED }
  const { passing, asked, lines } = limiterOn(answer)
  expect(await passing(5)).toBe(5)
  answer.take = async () => ({ passed: false, consumed: 2, msBeforeNext: 1 })
  expect(await passing(5)).toBe(0)
  expect(new Set(asked)).toEqual(new Set(['user:ann']))
  expect(lines).toEqual([])
})
