import type { WriteTransaction } from '../storage/database.ts'

/**
 * Forgets a person wherever the conversation with the bot left something of them: messages answered, replies on their
 * way, pages, denials that are counted, commands that wait for a code. Ids of messages and chats may hold the digits.
 */
export async function forgetConversation(tx: WriteTransaction, phoneNumber: string): Promise<void> {
  const contains = phoneNumber.replace(/^\+/, '')
  await tx.processedMessage.deleteMany({ where: { messageId: { contains } } })
  await tx.outboxMessage.deleteMany({ where: { OR: [{ message: { contains } }, { reply: { contains } }] } })
  await tx.pageCursor.deleteMany({
    where: {
      OR: [{ phoneNumber }, { channelId: { contains } }, { arguments: { contains } }, { position: { contains } }],
    },
  })
  await tx.denialWindow.deleteMany({ where: { sender: { contains } } })
  await tx.confirmation.deleteMany({ where: { OR: [{ requestedBy: phoneNumber }, { arguments: { contains } }] } })
}
