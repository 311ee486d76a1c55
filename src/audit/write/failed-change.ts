import { setTimeout as sleep } from 'node:timers/promises'
import { ChatwardenError } from '../../kernel/errors.ts'
import type { Database } from '../../storage/contract.ts'
import { writtenBefore } from './replayed.repository.ts'

/** How long is asked what became of a change, and how often. */
const PATIENCE_MS = 15_000
const AGAIN_MS = 250

/** Whether nobody knows if a change took place. */
export const isUnknown = (error: unknown): error is ChatwardenError =>
  error instanceof ChatwardenError && error.code === 'OUTCOME_UNKNOWN'

/**
 * What a change failed with. Where the server was lost while it committed, its entry tells whether it took place: asked
 * for under the lock of the trail, which the change itself has until it has ended.
 * @param entryId of an entry that the change has appended; `undefined` if it has none.
 * @returns `undefined` where the change did take place.
 */
export async function failureOf(error: unknown, entryId: string | undefined, database: Database): Promise<unknown> {
  if (!isUnknown(error) || entryId === undefined) return error
  const deadline = performance.now() + PATIENCE_MS
  while (performance.now() < deadline) {
    try {
      const found = await database.transaction((db) => writtenBefore(db, [entryId]))
      return found.has(entryId) ? undefined : new ChatwardenError('AUDIT_UNAVAILABLE', error.message, { cause: error })
    } catch {
      await sleep(AGAIN_MS)
    }
  }
  return error
}
