import type { Who } from '../audit/entry/audit-filter.ts'
import { otherSpellings } from '../kernel/canonical-phone.ts'
import { isPhone } from '../kernel/phone.ts'
import type { WriteTransaction } from '../storage/contract.ts'

/**
 * Forgets a person wherever the conversation with the bot left something of them: messages answered, replies on their
 * way, pages, denials and messages that are counted, commands that wait for a code. Ids of messages and chats may hold
 * the digits of a number.
 */
export async function forgetConversation(tx: WriteTransaction, who: Who): Promise<void> {
  for (const trace of tracesOf(who)) await forgetTrace(tx, trace)
  const { userId } = who
  if (userId !== undefined)
    await tx.confirmation.deleteMany({ where: { OR: [{ requestedBy: userId }, { confirmer: userId }] } })
}

/** By what somebody stands among other text: digits of WhatsApp's, else the account, and its id; and the id of their user. */
export const tracesOf = ({ userId, accounts }: Who): string[] => [
  ...accounts.flatMap(tracesOfAccount),
  ...(userId === undefined ? [] : [userId]),
]

/** A shorter id may be anything. */
const LONG_ENOUGH = 7

function tracesOfAccount(account: string): string[] {
  if (isPhone(account)) return [account, ...otherSpellings(account)].map((phone) => phone.slice(1))
  const id = account.slice(account.indexOf(':') + 1)
  const lid = /^([0-9]+)@lid$/.exec(id)?.[1]
  if (lid !== undefined) return [lid]
  return id.length < LONG_ENOUGH ? [account] : [id]
}

async function forgetTrace(tx: WriteTransaction, contains: string): Promise<void> {
  // Not within the longer number of somebody else: what was answered to them must stay answered.
  const alone = new RegExp(`(?<![0-9A-Za-z])${contains.replace(/[^0-9A-Za-z]/g, '\\$&')}(?![0-9A-Za-z])`)
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
      OR: ['sender', 'channelId', 'arguments', 'position'].map((column) => ({ [column]: { contains } })),
    },
  })
  for (const { sender, channelId, arguments: values, position } of cursors)
    if (has(sender, channelId, values, position)) await tx.pageCursor.deleteMany({ where: { sender, channelId } })
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
