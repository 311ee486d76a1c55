import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Logger } from '../kernel/log.ts'
import type { IncomingMessage, Reply } from '../kernel/message.ts'
import type { Texts } from '../text/english.ts'
import type { Destination, Send } from './adapter.ts'

/**
 * Sends the replies to a message, each to those who may see it. An answer for the sender alone never reaches a
 * group: there it is only said that it was sent, or that it could not be. Never rejects.
 */
export async function deliver(
  send: Send,
  message: IncomingMessage,
  replies: readonly Reply[],
  texts: Texts,
  log: Logger,
): Promise<void> {
  for (const reply of replies) {
    try {
      await deliverOne(send, message, reply, texts)
    } catch (error) {
      log.error({ err: error, message: message.id }, 'A reply could not be sent')
    }
  }
  for (const { attachment } of replies) {
    // A folder that stays is removed by the daily clean-up.
    if (attachment !== undefined) await rm(dirname(attachment.path), { recursive: true, force: true }).catch(() => {})
  }
}

async function deliverOne(send: Send, message: IncomingMessage, reply: Reply, texts: Texts): Promise<void> {
  const { text, attachment, audience } = reply
  const { chat, sender } = message
  const content = { text, ...(attachment && { attachment }) }
  if (typeof audience === 'object') return send({ kind: 'person', phone: audience.phone }, content)
  const here: Destination = { kind: 'chat', chatId: chat.id }
  if (audience === 'chat' || chat.kind === 'private') return send(here, { ...content, quotedId: message.id })
  let notice = texts.chat.sentInPrivate
  try {
    await send({ kind: 'sender', senderId: sender.id, phone: sender.phone }, content)
  } catch {
    notice = texts.chat.writeToMeFirst
  }
  await send(here, { text: notice, quotedId: message.id })
}
