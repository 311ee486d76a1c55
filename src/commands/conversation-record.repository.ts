import type { Subject } from '../audit/remove/removal.repository.ts'
import type { Json } from '../kernel/json.ts'
import type { Snapshot } from '../storage/contract.ts'
import { Prisma } from '../storage/prisma.ts'

/** Columns, or fields of JSON in them, in which the conversation with somebody leaves their digits; they are forgotten in the same ones. */
const TRACES = {
  messagesAnswered: ['processed_messages', ['message_id']],
  messagesWaitingForThem: ['outbox_messages', ['message', 'reply.audience']],
  pagedAnswersThatCanGoOn: ['page_cursors', ['phone_number', 'channel_id', 'arguments', 'position']],
  denialsBeingCounted: ['denial_windows', ['sender']],
  messagesBeingCounted: ['rate_limits', ['key']],
} as const

/** How much of the conversation with somebody the database has: it is kept for days at most, and without its texts. */
export async function conversationRecord(
  snapshot: Snapshot,
  { phoneNumber = '', accounts = [] }: Subject,
): Promise<Record<string, Json>> {
  const digits = [phoneNumber, ...accounts].map((id) => id.replace(/^\+|@.*$/gs, '')).filter(Boolean)
  const record: Record<string, Json> = {}
  for (const [name, [table, columns]] of Object.entries(TRACES))
    record[name] = await countOf(snapshot, table, columns, digits)
  const [waiting] = await snapshot.rows<{ n: number }>(
    'SELECT count(*) AS n FROM confirmations WHERE requested_by = ? OR confirmer = ?',
    [phoneNumber, phoneNumber],
  )
  // What it would do and with which code is for who confirms it.
  return { ...record, confirmationIsPending: (waiting?.n ?? 0) > 0 }
}

/** Rows with these digits, but not within the longer number of somebody else. */
async function countOf(
  snapshot: Snapshot,
  table: string,
  columns: readonly string[],
  digits: readonly string[],
): Promise<number> {
  const expression = (column: string) => {
    const [name = column, field] = column.split('.')
    return field === undefined ? Prisma.raw(name) : snapshot.dialect.field(Prisma.raw(name), field)
  }
  const alone = columns.flatMap((column) => digits.map((each) => snapshot.dialect.hasDigits(expression(column), each)))
  if (alone.length === 0) return 0
  const [row] = await snapshot.rows<{ n: number }>(
    Prisma.sql`SELECT count(*) AS n FROM ${Prisma.raw(table)} WHERE ${Prisma.join(alone, ' OR ')}`,
  )
  return row?.n ?? 0
}
