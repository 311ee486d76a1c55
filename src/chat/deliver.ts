import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Logger } from '../kernel/log.ts'
import type { IncomingMessage, Reply } from '../kernel/message.ts'
import type { Texts } from '../text/english.ts'
import type { Destination, Send } from './adapter.ts'

/**
 * Sends the replies to a message, each to those who may see it. An answer for the sender alone never reaches a
 * group: there it is only said that it was sent, or that it could not be. Never rejects.
 * @returns whether the sender got everything that was for them; notes to others do not count.
 */
export async function deliver(
  send: Send,
  message: IncomingMessage,
  replies: readonly Reply[],
  texts: Texts,
  log: Logger,
): Promise<boolean> {
  let isComplete = true
  for (const reply of replies) {
    try {
      await deliverOne(send, message, reply, texts)
    } catch (error) {
      log.error({ err: error, message: message.id }, 'A reply could not be sent')
      if (typeof reply.audience === 'string') isComplete = false
      if (reply.attachment !== undefined && message.chat.kind === 'private') await sayUndelivered(send, message, texts)
    }
  }
  for (const { attachment } of replies) {
    // A folder that stays is removed by the daily clean-up.
    if (attachment !== undefined) await rm(dirname(attachment.path), { recursive: true, force: true }).catch(() => {})
  }
  return isComplete
}

/** Whoever waits for a file is told that it does not come; that this may fail too changes nothing. */
async function sayUndelivered(send: Send, { chat, id }: IncomingMessage, texts: Texts): Promise<void> {
  await send({ kind: 'chat', chatId: chat.id }, { text: texts.chat.fileNotSent, quotedId: id }).catch(() => {})
}

async function deliverOne(send: Send, message: IncomingMessage, reply: Reply, texts: Texts): Promise<void> {
  const { text, attachment, audience } = reply
  const { chat, sender } = message
  const content = { text, ...(attachment && { attachment }) }
  if (typeof audience === 'object') return send({ kind: 'person', phone: audience.phone }, content)
  const here: Destination = { kind: 'chat', chatId: chat.id }
  if (audience === 'chat' || chat.kind === 'private') return send(here, { ...content, quotedId: message.id })
  try {
    await send({ kind: 'sender', senderId: sender.id, phone: sender.phone }, content)
  } catch (error) {
    await send(here, { text: texts.chat.writeToMeFirst, quotedId: message.id })
    throw error
  }
  await send(here, { text: texts.chat.sentInPrivate, quotedId: message.id })
}
