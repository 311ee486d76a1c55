import type { Subject } from '../audit/removal.repository.ts'
import type { Json } from '../kernel/json.ts'
import type { Snapshot } from '../storage/snapshot.ts'

/** Columns in which the conversation with somebody leaves their digits; they are forgotten in the same ones. */
const TRACES = {
  messagesAnswered: ['processed_messages', ['message_id']],
  messagesWaitingForThem: ['outbox_messages', ['message', "json_extract(reply, '$.audience')"]],
  pagedAnswersThatCanGoOn: ['page_cursors', ['phone_number', 'channel_id', 'arguments', 'position']],
  denialsBeingCounted: ['denial_windows', ['sender']],
  messagesBeingCounted: ['rate_limits', ['rate_limits.key']],
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
  const alone = columns.map((column) => `('.' || ${column} || '.') GLOB pattern.value`).join(' OR ')
  const patterns = digits.map((each) => `*[^0-9]${each.replace(/[[*?]/g, '[$&]')}[^0-9]*`)
  const [row] = await snapshot.rows<{ n: number }>(
    `SELECT count(*) AS n FROM ${table} WHERE EXISTS (SELECT 1 FROM json_each(?) AS pattern WHERE ${alone})`,
    [JSON.stringify(patterns)],
  )
  return row?.n ?? 0
}
