import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Logger } from '../kernel/log.ts'
import type { Answered, Attachment, Reply } from '../kernel/message.ts'
import { readable } from '../kernel/readable.ts'
import type { Texts } from '../text/english.ts'
import { type Destination, Postponed, type Send } from './adapter.ts'

export interface Delivery {
  readonly send: Send
  readonly texts: Texts
  readonly log: Logger
  /** Whether what the sender gets lets others go first. */
  readonly yields?: boolean
  /** Whether the replies may have been sent before. */
  readonly again?: boolean
  /** Called with each kept reply that certainly does not arrive any more. */
  readonly giveUp?: (outboxId: string) => void
}

/**
 * Sends the replies to a message, each to those who may see it. An answer for the sender alone never reaches a
 * group: there it is only said that it was sent, or that it could not be. Never rejects.
 * @returns whether the sender got everything that was for them; notes to others do not count.
 */
export async function deliver(message: Answered, replies: readonly Reply[], given: Delivery): Promise<boolean> {
  const delivery: Delivery = { ...given, send: readably(given.send) }
  let isComplete = true
  for (const reply of replies) {
    const isSent = await tryDelivering(message, reply, delivery)
    if (!isSent && typeof reply.audience === 'string') isComplete = false
    // The file of a kept reply is kept as long as the reply. A folder that stays is removed by the daily clean-up.
    if (reply.attachment && reply.outboxId === undefined) await removeFile(reply.attachment)
  }
  return isComplete
}

/** A host's may throw at once, promise nothing, or throw what fails again as soon as it is looked at. */
const readably =
  (send: Send): Send =>
  async (to, content) => {
    try {
      await send(to, content)
    } catch (thrown) {
      throw isPostponed(thrown) ? thrown : readable(thrown)
    }
  }

function isPostponed(thrown: unknown): thrown is Postponed {
  try {
    return thrown instanceof Postponed
  } catch {
    return false
  }
}

/** Each file that is handed over has a folder of its own. */
export async function removeFile({ path }: Attachment): Promise<void> {
  await rm(dirname(path), { recursive: true, force: true }).catch(() => {})
}

async function tryDelivering(message: Answered, reply: Reply, delivery: Delivery): Promise<boolean> {
  try {
    await deliverOne(message, reply, delivery)
    return true
  } catch (error) {
    const isPostponed = error instanceof Postponed
    delivery.log[isPostponed ? 'warn' : 'error']({ err: error, message: message.id }, 'A reply could not be sent')
    if (isPostponed) return false
    if (reply.attachment !== undefined && message.chat.kind === 'private') await sayUndelivered(message, delivery)
    if (reply.outboxId !== undefined) delivery.giveUp?.(reply.outboxId)
    return false
  }
}

/** Whoever waits for a file is told that it does not come; that this may fail too changes nothing. */
async function sayUndelivered({ chat, id }: Answered, { send, texts }: Delivery): Promise<void> {
  await send({ kind: 'chat', chatId: chat.id }, { text: texts.chat.fileNotSent, quotedId: id }).catch(() => {})
}

async function deliverOne({ id, chat, sender }: Answered, reply: Reply, delivery: Delivery): Promise<void> {
  const { send, texts, again, yields } = delivery
  const { text, attachment, audience, outboxId } = reply
  const share = yields === true && typeof audience === 'string' ? { yields } : {}
  const content = {
    text,
    ...share,
    ...(attachment && { attachment }),
    ...(outboxId && { outboxId }),
    ...(again && { again }),
  }
  if (typeof audience === 'object') return send({ kind: 'person', account: audience.account }, content)
  const here: Destination = { kind: 'chat', chatId: chat.id }
  if (audience === 'chat' || chat.kind === 'private') return send(here, { ...content, quotedId: id })
  try {
    await send({ kind: 'sender', senderId: sender.id, phone: sender.phone }, content)
  } catch (error) {
    if (!(error instanceof Postponed)) await send(here, { text: texts.chat.writeToMeFirst, quotedId: id, ...share })
    throw error
  }
  await send(here, { text: texts.chat.sentInPrivate, quotedId: id, ...share })
}
