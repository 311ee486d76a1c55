import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { countOf, covers, type Run, subtractRuns } from '../audit/entry/coverage.ts'
import type { Snapshot } from '../storage/contract.ts'
import type { TableShape } from '../storage/postgresql/table-shapes.ts'
import type { Destination } from './destination.repository.ts'
import { MoveError } from './move-error.ts'
import { presentIn } from './source.repository.ts'
import { rowsBetween } from './table-rows.repository.ts'

export interface Bringing {
  readonly source: Snapshot
  readonly destination: Destination
  /** The table of entries. */
  readonly table: TableShape
  /** So many entries are copied at once. */
  readonly batch: number
  onCopy(done: number, total: number): void | Promise<void>
}

/**
 * Copies the entries that the destination does not have yet. What it has shows by itself, whatever became of runs before.
 * @returns those that it has and the source no longer has.
 */
export async function bringEntries({ source, destination, table, batch, onCopy }: Bringing): Promise<Run[]> {
  const there = await presentIn(source)
  const here = await presentIn(destination.seen)
  const missing = subtractRuns(there, here)
  const total = countOf(there)
  let done = total - countOf(missing)
  for (const runs of batchesOf(missing, batch)) {
    const [first, last] = [runs[0]?.[0] ?? 0, runs.at(-1)?.[1] ?? 0]
    const rows = await rowsBetween(source, table, first, last)
    const at = table.columns.findIndex(({ name }) => name === 'seq')
    const wanted = rows.filter((row) => covers(runs, Number(row[at])))
    await destination.add(table, wanted).catch((cause: Error & { code?: unknown }) => {
      // What is wrong with the rows, not with the server: a time that is none, a text with a zero, a number twice.
      if (!(cause instanceof RangeError || /^2[23]/.test(String(cause.code)))) throw cause
      throw new MoveError(
        `the destination does not take the entries ${first} to ${last} (${cause.message}). Look at the source: chatwarden verify`,
        { cause },
      )
    })
    done += wanted.length
    await onCopy(done, total)
    await yieldToOthers()
  }
  return subtractRuns(here, there)
}

/** Groups of runs with `size` entries each: long runs in pieces, short ones together. */
function* batchesOf(runs: readonly Run[], size: number): Generator<Run[]> {
  let group: Run[] = []
  let room = size
  for (const [first, last] of runs)
    for (let from = first; from <= last; ) {
      const to = Math.min(last, from + room - 1)
      group.push([from, to])
      room -= to - from + 1
      from = to + 1
      if (room > 0) continue
      yield group
      group = []
      room = size
    }
  if (group.length > 0) yield group
}
