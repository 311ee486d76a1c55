import type { Logger } from '../kernel/log.ts'
import type { Shared } from './contract.ts'

const LOOK_EVERY_MS = 5000
const PATIENCE_MS = 60_000
/** In percent. */
const HIGH = 90

/**
 * Tells the log when a pool of connections has been nearly used up, or has kept somebody waiting, for a minute: again
 * after each minute of it. @returns what stops it.
 */
export function watchPools(shared: Shared | undefined, log: Logger, every = LOOK_EVERY_MS): () => void {
  if (shared === undefined) return () => {}
  const since = new Map<string, number>()
  const look = () => {
    for (const use of shared.poolUse()) {
      // One connection writes: that it is in use says nothing, that somebody waits for it does.
      const isFull = use.waiting > 0 || (use.name === 'reading' && use.percent > HIGH)
      if (!isFull) since.delete(use.name)
      const began = since.get(use.name) ?? performance.now()
      if (isFull) since.set(use.name, began)
      if (!isFull || performance.now() - began < PATIENCE_MS) continue
      log.warn(
        { pool: use.name, percent: use.percent, waiting: use.waiting },
        'A pool of database connections is used up',
      )
      since.set(use.name, performance.now())
    }
  }
  const timer = setInterval(look, every).unref()
  return () => clearInterval(timer)
}
