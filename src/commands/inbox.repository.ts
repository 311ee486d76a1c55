import type { IncomingMessage } from '../kernel/message.ts'
import type { Reader, WriteTransaction } from '../storage/database.ts'

type Key = Pick<IncomingMessage, 'source' | 'id'>

const key = ({ source, id }: Key) => ({ source_messageId: { source, messageId: id } })

/** Whether a message was acted upon before. */
export async function wasProcessed(reader: Pick<Reader, 'processedMessage'>, message: Key): Promise<boolean> {
  return (await reader.processedMessage.findUnique({ where: key(message) })) !== null
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
