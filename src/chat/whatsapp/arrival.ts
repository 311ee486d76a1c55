import type { Message } from 'whatsapp-web.js'
import type { Chat } from '../../kernel/message.ts'
import { accountOf } from '../../kernel/phone.ts'

/** A text that somebody wrote to us, before it is known who they are. */
export interface Arrival {
  readonly id: string
  readonly chat: Chat
  readonly senderId: string
  readonly text: string
  /** When it was written, in milliseconds. */
  readonly at: number
  readonly message: Message
}

/** The only chats there are for a bot: no status, no broadcast list, no newsletter. */
const CHAT = /@(?:c\.us|lid|g\.us)$/

/** `undefined` for what is no text, from nobody, or from nowhere that can be answered. */
export function readArrival(message: Message): Arrival | undefined {
  // A host may hand over what is no message of the library.
  if (typeof message !== 'object' || message === null || message.fromMe) return undefined
  return isGroup(chatOf(message)) ? arrival(message, message.author) : arrival(message, message.from)
}

/** A text that the owner of the bot's account wrote to himself; `me` is the account's id. */
export function readOwnChat(message: Message, me: string): Arrival | undefined {
  const chat = accountOf(message.to)
  const isOwnChat = chat === accountOf(me) || chat === accountOf(message.from)
  return message.fromMe && isOwnChat ? arrival(message, me) : undefined
}

function arrival(message: Message, senderId: string | null | undefined): Arrival | undefined {
  const chatId = chatOf(message)
  const type: string = message.type
  if (type !== 'chat' || message.isStatus || message.broadcast || !CHAT.test(chatId)) return undefined
  if (typeof message.body !== 'string' || message.body === '' || typeof senderId !== 'string') return undefined
  const chat: Chat = { id: chatId, kind: isGroup(chatId) ? 'group' : 'private' }
  if (message.id?._serialized === undefined) return undefined
  return { id: message.id._serialized, chat, senderId, text: message.body, at: message.timestamp * 1000, message }
}

const isGroup = (chatId: string): boolean => chatId.endsWith('@g.us')

/** The chat's own id. `from` may name the device that wrote (`123:21@lid`), which is no chat. */
const chatOf = (message: Message): string => (message.id as Message['id'] | undefined)?.remote ?? message.from ?? ''
