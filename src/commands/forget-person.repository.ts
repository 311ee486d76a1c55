import type { WriteTransaction } from '../storage/contract.ts'

/**
 * Forgets a person wherever the conversation with the bot left something of them: messages answered, replies on their
 * way, pages, denials and messages that are counted, commands that wait for a code. Ids of messages and chats may hold
 * the digits.
 */
export async function forgetConversation(
  tx: WriteTransaction,
  phoneNumber: string,
  accounts: readonly string[],
): Promise<void> {
  const digits = [phoneNumber, ...accounts].map((id) => id.replace(/^\+|@.*$/gs, '')).filter(Boolean)
  for (const contains of digits) await forgetDigits(tx, contains)
  await tx.confirmation.deleteMany({ where: { OR: [{ requestedBy: phoneNumber }, { confirmer: phoneNumber }] } })
}

async function forgetDigits(tx: WriteTransaction, contains: string): Promise<void> {
  // Not within the longer number of somebody else: what was answered to them must stay answered.
  const alone = new RegExp(`(?<![0-9])${contains.replace(/[^0-9A-Za-z]/g, '\\$&')}(?![0-9])`)
  const has = (...texts: readonly string[]) => texts.some((text) => alone.test(text))
  const messages = await tx.processedMessage.findMany({ where: { messageId: { contains } } })
  for (const { source, messageId } of messages)
    if (has(messageId)) await tx.processedMessage.deleteMany({ where: { source, messageId } })
  const replies = await tx.outboxMessage.findMany({
    where: { OR: [{ message: { contains } }, { reply: { contains } }] },
  })
  const gone = replies.filter(({ message, reply }) => has(message, reply)).map(({ id }) => id)
  await tx.outboxMessage.deleteMany({ where: { id: { in: gone } } })
  const cursors = await tx.pageCursor.findMany({
    where: {
      OR: ['phoneNumber', 'channelId', 'arguments', 'position'].map((column) => ({ [column]: { contains } })),
    },
  })
  for (const { phoneNumber, channelId, arguments: values, position } of cursors)
    if (has(phoneNumber, channelId, values, position))
      await tx.pageCursor.deleteMany({ where: { phoneNumber, channelId } })
  const windows = await tx.denialWindow.findMany({ where: { sender: { contains } } })
  const senders = windows.map(({ sender }) => sender).filter((sender) => has(sender))
  await tx.denialWindow.deleteMany({ where: { sender: { in: senders } } })
  const limits = await tx.rateLimit.findMany({ where: { key: { contains } } })
  const keys = limits.map(({ key }) => key).filter((key) => has(key))
  await tx.rateLimit.deleteMany({ where: { key: { in: keys } } })
  const asked = await tx.confirmation.findMany({ where: { arguments: { contains } } })
  const requests = asked.filter((each) => has(each.arguments)).map(({ requestId }) => requestId)
  await tx.confirmation.deleteMany({ where: { requestId: { in: requests } } })
}
