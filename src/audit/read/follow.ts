import type { AuditLog } from '../entry/entry.ts'
import type { AuditWriter } from '../write/audit-writer.ts'
import type { StoredEntries } from './stored-entries.repository.ts'

/** How soon commits of other processes are noticed; those of this one are at once. */
const POLL_MS = 500

/**
 * Follows the trail: every entry from `fromSeq` on, once, in the order of `seq`, after its commit; then waits for
 * more until `signal` is aborted. Entries of other processes are among them.
 */
export async function* follow(
  writer: AuditWriter,
  logs: StoredEntries,
  fromSeq: number,
  signal: AbortSignal,
): AsyncGenerator<AuditLog> {
  let wake = () => {}
  const stop = writer.onCommit(() => wake())
  const onAbort = () => wake()
  signal.addEventListener('abort', onAbort)
  try {
    for (let next = fromSeq; !signal.aborted; ) {
      const committed = new Promise<void>((resolve) => {
        wake = resolve
      })
      const page = await logs.after(next)
      for (const entry of page) {
        if (signal.aborted) return
        next = entry.seq + 1
        yield entry
      }
      if (page.length === 0 && !signal.aborted) await Promise.race([committed, pause()])
    }
  } finally {
    stop()
    signal.removeEventListener('abort', onAbort)
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_MS).unref())
}
