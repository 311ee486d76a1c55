import type { IncomingMessage } from '../kernel/message.ts'
import type { Reader, WriteTransaction } from '../storage/contract.ts'

type Key = Pick<IncomingMessage, 'source' | 'id'>

/** Whether a message was acted upon before. */
export async function wasProcessed(reader: Pick<Reader, '$queryRaw'>, { source, id }: Key): Promise<boolean> {
  const rows = await reader.$queryRaw<unknown[]>`
    SELECT 1 AS found FROM processed_messages WHERE source = ${source} AND message_id = ${id}`
  return rows.length > 0
}

/** Marks a message as acted upon, in the commit of what it does. @returns `false` if it was before. */
export async function claim(tx: WriteTransaction, message: Key, createdAt: Date): Promise<boolean> {
  const added = await tx.$executeRaw`
    INSERT INTO processed_messages (source, message_id, created_at) VALUES (${message.source}, ${message.id}, ${createdAt})
    ON CONFLICT (source, message_id) DO NOTHING`
  return added > 0
}

/** Platforms deliver again within hours, not weeks. */
export async function forgetProcessed(tx: WriteTransaction, before: Date): Promise<void> {
  await tx.processedMessage.deleteMany({ where: { createdAt: { lt: before } } })
}
