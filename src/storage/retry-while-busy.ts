import { setTimeout as sleep } from 'node:timers/promises'
import { isBusy } from './database-error.ts'

/** How long a transaction waits for another process's lock before it gives up. */
export const LOCK_TIMEOUT_MS = 30_000

/** Waits for another process's lock without blocking this one. */
export async function retryWhileBusy<T>(action: () => T | Promise<T>): Promise<T> {
  const deadline = performance.now() + LOCK_TIMEOUT_MS
  for (let wait = 2; ; wait = Math.min(wait * 2, 50)) {
    try {
      return await action()
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error
    }
    await sleep(wait * (0.5 + Math.random()))
  }
}
