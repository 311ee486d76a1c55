import type { Who } from '../audit/entry/audit-filter.ts'
import { type Json, objectIn } from '../kernel/json.ts'
import type { Snapshot } from '../storage/contract.ts'
import { Prisma } from '../storage/prisma.ts'
import { type Trace, tracesOf } from './traces.ts'

/** Columns in which the conversation with somebody leaves traces of them. */
const TRACES = {
  messagesAnswered: ['processed_messages', ['message_id']],
  pagedAnswersThatCanGoOn: ['page_cursors', ['sender', 'channel_id']],
  denialsBeingCounted: ['denial_windows', ['sender']],
  messagesBeingCounted: ['rate_limits', ['key']],
} as const

/** How much of the conversation with somebody the database has: it is kept for days at most, and without its texts. */
export async function conversationRecord(snapshot: Snapshot, who: Who): Promise<Record<string, Json>> {
  const traces = tracesOf(who)
  const words = traces.flatMap(({ words }) => words)
  const record: Record<string, Json> = { messagesWaitingForThem: await waitingFor(snapshot, traces) }
  for (const [name, [table, columns]] of Object.entries(TRACES))
    record[name] = await countOf(snapshot, table, columns, words)
  const [waiting] = await snapshot.rows<{ n: number }>(
    'SELECT count(*) AS n FROM confirmations WHERE requested_by = ? OR confirmer = ?',
    [who.userId ?? '', who.userId ?? ''],
  )
  // What it would do and with which code is for who confirms it.
  return { ...record, confirmationIsPending: (waiting?.n ?? 0) > 0 }
}

/** Messages to them, and answers to theirs. Where others speak of them is no part of it: that would tell who looks. */
async function waitingFor(snapshot: Snapshot, traces: readonly Trace[]): Promise<number> {
  const rows = await snapshot.rows<{ message: string; reply: string }>('SELECT message, reply FROM outbox_messages')
  const isTheirs = (part: unknown) => part !== undefined && traces.some(({ isIn }) => isIn(JSON.stringify(part)))
  // One that somebody changed so that it cannot be read is nobody's.
  return rows.filter(({ message, reply }) => [objectIn(message)?.sender, objectIn(reply)?.audience].some(isTheirs))
    .length
}

/** Rows with any of these words, but not within something longer, which is somebody else's. */
async function countOf(
  snapshot: Snapshot,
  table: string,
  columns: readonly string[],
  words: readonly string[],
): Promise<number> {
  const alone = columns.flatMap((name) => words.map((word) => snapshot.dialect.hasWord(Prisma.raw(name), word)))
  if (alone.length === 0) return 0
  const [row] = await snapshot.rows<{ n: number }>(
    Prisma.sql`SELECT count(*) AS n FROM ${Prisma.raw(table)} WHERE ${Prisma.join(alone, ' OR ')}`,
  )
  return row?.n ?? 0
}
