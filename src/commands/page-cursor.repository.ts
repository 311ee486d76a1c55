import type { AuditTransaction } from '../audit/write/change.ts'
import type { RowSeals } from '../audit/write/row-seals.ts'
import { type Clock, MINUTE, SKEW } from '../kernel/clock.ts'
import type { Reader } from '../storage/contract.ts'

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
  { reader, seals, clock }: { readonly reader: Reader; readonly seals: RowSeals; readonly clock: Clock },
  sender: string,
  channelId: string,
): Promise<PageCursor | undefined> {
  const row = await reader.pageCursor.findUnique({ where: { sender_channelId: { sender, channelId } } })
  // What somebody else wrote there could be any command, carried out by whoever asks for more.
  const left = row === null ? 0 : row.expiresAt.getTime() - clock.now()
  if (row === null || left <= 0 || left > PAGE_LIFETIME + SKEW || !seals.isSealed('page_cursors', row)) return undefined
  return { command: row.command, values: JSON.parse(row.arguments), position: row.position }
}

/** Remembers where the answer goes on; without a cursor, that it does not. */
export async function saveCursor(
  tx: Pick<AuditTransaction, 'db' | 'seal'>,
  sender: string,
  channelId: string,
  cursor: PageCursor | undefined,
  now: number,
): Promise<void> {
  if (cursor === undefined) {
    // After every command, so it goes past the query builder.
    await tx.db.$executeRaw`DELETE FROM page_cursors WHERE sender = ${sender} AND channel_id = ${channelId}`
    return
  }
  const { command, values, position } = cursor
  const expiresAt = new Date(now + PAGE_LIFETIME)
  const row = { sender, channelId, command, arguments: JSON.stringify(values), position, expiresAt }
  const sealed = { ...row, seal: await tx.seal('page_cursors', row) }
  await tx.db.pageCursor.upsert({
    where: { sender_channelId: { sender, channelId } },
    create: sealed,
    update: sealed,
  })
}
