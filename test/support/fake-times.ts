import { onTestFinished, vi } from 'vitest'

/** Lets seconds pass at once for what is timed by them, until the test ends; the database is not among it. */
export function fakeTimes(now = Date.now()): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now })
  onTestFinished(() => void vi.useRealTimers())
}
