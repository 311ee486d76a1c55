import { MINUTE } from '../kernel/clock.ts'
import { objectIn } from '../kernel/json.ts'
import type { Reader, WriteTransaction } from '../storage/contract.ts'

/** How long a caller can ask for more. */
export const PAGE_LIFETIME = 10 * MINUTE

/** Where a paged answer goes on: the command, its arguments as read, and its own idea of a position. */
export interface PageCursor {
  readonly command: string
  readonly values: Readonly<Record<string, unknown>>
  readonly position: string
}

/** The caller's own paged answer in this chat, if it is not older than ten minutes. */
export async function findCursor(
  reader: Reader,
  sender: string,
  channelId: string,
  now: number,
): Promise<PageCursor | undefined> {
  const row = await reader.pageCursor.findUnique({ where: { sender_channelId: { sender, channelId } } })
  const values = objectIn(row?.arguments ?? '')
  if (row === null || values === undefined || row.expiresAt.getTime() <= now) return undefined
  return { command: row.command, values, position: row.position }
}

/** Remembers where the answer goes on; without a cursor, that it does not. */
export async function saveCursor(
  tx: WriteTransaction,
  sender: string,
  channelId: string,
  cursor: PageCursor | undefined,
  now: number,
): Promise<void> {
  if (cursor === undefined) {
    // After every command, so it goes past the query builder.
    await tx.$executeRaw`DELETE FROM page_cursors WHERE sender = ${sender} AND channel_id = ${channelId}`
    return
  }
  const { command, values, position } = cursor
  const row = { command, arguments: JSON.stringify(values), position, expiresAt: new Date(now + PAGE_LIFETIME) }
  await tx.pageCursor.upsert({
    where: { sender_channelId: { sender, channelId } },
    create: { sender, channelId, ...row },
    update: row,
  })
}
