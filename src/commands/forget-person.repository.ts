import type { Who } from '../audit/entry/audit-filter.ts'
import { objectIn } from '../kernel/json.ts'
import type { WriteTransaction } from '../storage/contract.ts'
import { type Trace, tracesOf } from './traces.ts'

/**
 * Forgets a person wherever the conversation with the bot left something of them: messages answered, replies on their
 * way, pages, denials and messages that are counted, commands that wait for a code.
 */
export async function forgetConversation(tx: WriteTransaction, who: Who): Promise<void> {
  for (const trace of tracesOf(who)) await forgetTrace(tx, trace)
  const { userId } = who
  if (userId !== undefined)
    await tx.confirmation.deleteMany({ where: { OR: [{ requestedBy: userId }, { confirmer: userId }] } })
}

async function forgetTrace(tx: WriteTransaction, { core: contains, isIn, isId }: Trace): Promise<void> {
  const messages = await tx.processedMessage.findMany({ where: { messageId: { contains } } })
  for (const { source, messageId } of messages)
    if (isIn(messageId)) await tx.processedMessage.deleteMany({ where: { source, messageId } })
  const replies = await tx.outboxMessage.findMany({
    where: { OR: [{ message: { contains } }, { reply: { contains } }] },
  })
  const gone = replies.filter(({ message, reply }) => isIn(message) || isIn(reply) || idsIn(message).some(isId))
  await tx.outboxMessage.deleteMany({ where: { id: { in: gone.map(({ id }) => id) } } })
  const cursors = await tx.pageCursor.findMany({
    where: {
      OR: ['sender', 'channelId', 'arguments', 'position'].map((column) => ({ [column]: { contains } })),
    },
  })
  for (const { sender, channelId, arguments: values, position } of cursors)
    if (isId(channelId) || [sender, channelId, values, position].some(isIn))
      await tx.pageCursor.deleteMany({ where: { sender, channelId } })
  const windows = await tx.denialWindow.findMany({ where: { sender: { contains } } })
  const senders = windows.map(({ sender }) => sender).filter(isIn)
  await tx.denialWindow.deleteMany({ where: { sender: { in: senders } } })
  const limits = await tx.rateLimit.findMany({ where: { key: { contains } } })
  const keys = limits.map(({ key }) => key).filter(isIn)
  await tx.rateLimit.deleteMany({ where: { key: { in: keys } } })
  const asked = await tx.confirmation.findMany({ where: { arguments: { contains } } })
  const requests = asked.filter((each) => isIn(each.arguments)).map(({ requestId }) => requestId)
  await tx.confirmation.deleteMany({ where: { requestId: { in: requests } } })
}

/** The platform's ids of the chat and the sender of a message that is kept. */
function idsIn(message: string): string[] {
  const { chat, sender } = objectIn(message) ?? {}
  return [chat, sender]
    .map((each) => (each as { id?: unknown } | undefined | null)?.id)
    .filter((id) => typeof id === 'string')
}
