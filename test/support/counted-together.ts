import type { Logger } from '../../src/kernel/log.ts'
import { keptLog } from './kept-log.ts'

/**
 * What came of messages that several processes count together. Where the machine stood still for a second each has
 * counted alone, and says so: that shows nothing, and is done again.
 */
export async function countedTogether<T>(attempt: (log: Logger) => Promise<T>): Promise<T> {
  for (;;) {
    const { lines, log } = keptLog()
    const result = await attempt(log)
    if (!lines.join().includes('counted by this process alone')) return result
  }
}
