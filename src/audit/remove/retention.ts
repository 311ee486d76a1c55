import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { type Clock, DAY } from '../../kernel/clock.ts'
import { ChatwardenError } from '../../kernel/errors.ts'
import { covers, MAX_RUNS, mergeRuns, type Run, runsOf } from '../entry/coverage.ts'
import { auditEvent, SYSTEM, SYSTEM_PLACE } from '../entry/entry.ts'
import type { AuditWriter } from '../write/audit-writer.ts'
import type { AuditTransaction } from '../write/change.ts'
import type { ClockTrust } from './clock-trust.ts'
import { heldNow } from './hold.repository.ts'
import { digestOfHeld, sayWhatIsObeyed } from './obeyed.ts'
import { coveredBy, deleteEntries, removable } from './removal.repository.ts'
import { absentOf } from './runs.repository.ts'
import type { Old } from './standing.repository.ts'

/** How many rows one transaction deletes at most: more would keep writers waiting. */
const BATCH = 500

interface Span {
  readonly days: number
  readonly cutoff: Date
  /** The last entry that is old enough. */
  readonly throughSeq: number
  /** Entries that stay, however old. Found once: what is no longer the latest of its kind does not become it again. */
  readonly kept: ReadonlySet<number>
  /** What was held when that was found: with a hold, what took back something that it keeps stays as well. */
  readonly held: string | undefined
  /** What lies in archives, and may go; `undefined`: nothing is archived. */
  readonly archived: readonly Run[] | undefined
}

/** What a clean-up asks of the trail. */
interface Ages {
  /** The last `seq` that is older than `moment`, as are all before it; -1 if there is none. */
  lastOlderThan(moment: Date, now: number): Promise<number>
  /** Those of the old entries that retention keeps. */
  keptForGood(old: Old): Promise<ReadonlySet<number>>
  /** What stands for all that is held now. */
  heldDigest(): Promise<string | undefined>
}

/** What a clean-up works with. */
export interface Retention {
  readonly writer: AuditWriter
  readonly logs: Ages
  readonly clock: Clock
  /** Says whether the clock is trusted, and ends the doubt where it can. */
  readonly trust: Pick<ClockTrust, 'settle'>
  /** `undefined`: entries are not archived before they go. */
  readonly archive: Archive | undefined
}

/** What stores entries before they go. */
export type Archive = (
  expired: Pick<Span, 'throughSeq' | 'kept'>,
  stopping: AbortSignal | undefined,
) => Promise<readonly Run[]>

/**
 * Removes entries older than `days` days (1 to 3650), each batch in one commit with the entry that says which; a run
 * that finds nothing is an entry too. A run that was interrupted is finished by the next one. Entries under a legal
 * hold stay, and those that say how something is now; with `archive`, those too that are not safely in an archive. While the clock is in doubt nothing is removed, and nothing written.
 * @returns how many entries were removed.
 * @throws {ChatwardenError} `INVALID_ARGUMENT` for anything but a whole number in range, `TRAIL_DAMAGED` where somebody wrote
 * how old the last of them is: nothing is removed then; or the reason of `stopping`, between two batches.
 */
export async function removeExpired(
  { writer, logs, clock, trust, archive }: Retention,
  days: number,
  stopping?: AbortSignal,
): Promise<number> {
  if (!Number.isInteger(days) || days < 1 || days > 3650)
    throw new ChatwardenError(
      'INVALID_ARGUMENT',
      `Retention must be a whole number of days from 1 to 3650, not ${String(days)}.`,
    )
  if (!(await writer.transaction((tx) => trust.settle(tx)))) return 0
  const cutoff = cutoffOf(clock, days)
  const throughSeq = await logs.lastOlderThan(cutoff, clock.now())
  // Where this one is as it was signed, all before it are old enough.
  if (throughSeq >= 0) await writer.transaction((tx) => tx.requireProved([throughSeq]))
  const keep = async () => ({ held: await logs.heldDigest(), kept: await logs.keptForGood({ cutoff, throughSeq }) })
  const found = await keep()
  const archived = await archive?.({ throughSeq, kept: found.kept }, stopping)
  let span: Span = { days, cutoff, throughSeq, archived, ...found }
  let removed = 0
  for (let afterSeq = -1, page = BATCH; page === BATCH; ) {
    if (afterSeq >= 0) stopping?.throwIfAborted()
    const batch = await writer.transaction((tx) => removeBatch(tx, clock, span, afterSeq))
    if (batch === undefined) {
      span = { ...span, ...(await keep()) }
      continue
    }
    if (batch === 'in doubt') return removed
    removed += batch.removed
    afterSeq = batch.last ?? afterSeq
    page = batch.looked
    await yieldToOthers()
  }
  if (removed === 0) await writer.transaction((tx) => say(tx, span, [], 0))
  return removed
}

const cutoffOf = (clock: Clock, days: number): Date => new Date(clock.now() - days * DAY)

/** @returns how many entries were looked at and removed, and the last of them; `undefined` where holds have come or gone. */
async function removeBatch(tx: AuditTransaction, clock: Clock, span: Span, afterSeq: number) {
  // What is too old by a clock that was set ahead meanwhile may not be.
  if (!(await tx.isClockTrusted()) || span.cutoff > cutoffOf(clock, span.days)) return 'in doubt'
  if (digestOfHeld(await heldNow(tx.db)) !== span.held) return undefined
  const page = await removable(tx.db, { afterSeq, throughSeq: span.throughSeq }, BATCH)
  const { kept, archived } = span
  const seqs = page.filter((seq) => !kept.has(seq) && (archived === undefined || covers(archived, seq)))
  if (seqs.length > 0) await remove(tx, span, seqs)
  return { looked: page.length, removed: seqs.length, last: page.at(-1) }
}

async function remove(tx: AuditTransaction, span: Span, seqs: readonly number[]): Promise<void> {
  // Whose they are and what they did was gone by, and what those cover that are retentions is said again.
  await tx.requireProved(seqs)
  const removed = runsOf(seqs)
  // Retentions of long ago are among what goes. What they covered and is still missing is said again.
  const inherited = await absentOf(tx.db, await coveredBy(tx.db, seqs))
  const ranges = mergeRuns([...removed, ...inherited])
  const fits = ranges.length <= MAX_RUNS
  for (let from = 0; !fits && from < inherited.length; from += MAX_RUNS)
    await say(tx, span, inherited.slice(from, from + MAX_RUNS), 0)
  await sayWhatIsObeyed(tx, { actor: SYSTEM, place: SYSTEM_PLACE }, span.held)
  await say(tx, span, fits ? ranges : removed, seqs.length)
  await deleteEntries(tx.db, seqs)
}

async function say(
  tx: AuditTransaction,
  { days, cutoff }: Span,
  ranges: readonly Run[],
  deletedCount: number,
): Promise<void> {
  const metadata = {
    retentionDays: days,
    cutoff: cutoff.toISOString(),
    ranges: ranges.map(([first, last]): [number, number] => [first, last]),
    deletedCount,
  }
  await tx.append(auditEvent('AUDIT_RETENTION', SYSTEM, SYSTEM_PLACE, metadata))
}
