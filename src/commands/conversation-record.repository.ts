import type { Who } from '../audit/entry/audit-filter.ts'
import type { Json } from '../kernel/json.ts'
import type { Snapshot } from '../storage/contract.ts'
import { Prisma } from '../storage/prisma.ts'
import { tracesOf } from './traces.ts'

/**
 * Columns, or fields of JSON in them, in which the conversation with somebody leaves traces of them. Where others speak of
 * them is no part of it: that would tell who looks.
 */
const TRACES = {
  messagesAnswered: ['processed_messages', ['message_id']],
  messagesWaitingForThem: ['outbox_messages', ['message.sender', 'reply.audience']],
  pagedAnswersThatCanGoOn: ['page_cursors', ['sender', 'channel_id']],
  denialsBeingCounted: ['denial_windows', ['sender']],
  messagesBeingCounted: ['rate_limits', ['key']],
} as const

/** How much of the conversation with somebody the database has: it is kept for days at most, and without its texts. */
export async function conversationRecord(snapshot: Snapshot, who: Who): Promise<Record<string, Json>> {
  const traces = tracesOf(who).flatMap(({ words }) => words)
  const record: Record<string, Json> = {}
  for (const [name, [table, columns]] of Object.entries(TRACES))
    record[name] = await countOf(snapshot, table, columns, traces)
  const [waiting] = await snapshot.rows<{ n: number }>(
    'SELECT count(*) AS n FROM confirmations WHERE requested_by = ? OR confirmer = ?',
    [who.userId ?? '', who.userId ?? ''],
  )
  // What it would do and with which code is for who confirms it.
  return { ...record, confirmationIsPending: (waiting?.n ?? 0) > 0 }
}

/** Rows with any of these, but not within something longer, which is somebody else's. */
async function countOf(
  snapshot: Snapshot,
  table: string,
  columns: readonly string[],
  traces: readonly string[],
): Promise<number> {
  const expression = (column: string) => {
    const [name = column, field] = column.split('.')
    return field === undefined ? Prisma.raw(name) : snapshot.dialect.field(Prisma.raw(name), field)
  }
  const alone = columns.flatMap((column) => traces.map((each) => snapshot.dialect.hasWord(expression(column), each)))
  if (alone.length === 0) return 0
  const [row] = await snapshot.rows<{ n: number }>(
    Prisma.sql`SELECT count(*) AS n FROM ${Prisma.raw(table)} WHERE ${Prisma.join(alone, ' OR ')}`,
  )
  return row?.n ?? 0
}
