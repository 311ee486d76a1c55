import type { Message } from 'whatsapp-web.js'
import type { Chat } from '../../kernel/message.ts'
import { accountOf } from '../../kernel/phone.ts'

/** What somebody wrote to us, before it is known who they are. */
export interface Arrival {
  readonly id: string
  readonly chat: Chat
  readonly senderId: string
  /** Of a picture and the like, what stands under it. */
  readonly text: string
  /** When it was written, in milliseconds. */
  readonly at: number
  readonly message: Message
}

/** The only chats there are for a bot: no status, no broadcast list, no newsletter. */
const CHAT = /@(?:c\.us|lid|g\.us)$/

/** Nobody sends these: WhatsApp, or the library, tells of something by them. */
const NOTICES: ReadonlySet<string> = new Set([
  'broadcast_notification',
  'call_log',
  'ciphertext',
  'debug',
  'e2e_notification',
  'gp2',
  'group_notification',
  'notification',
  'notification_template',
  'protocol',
  'reaction',
  'revoked',
])

/** A text; `undefined` for what is none, from nobody, or from nowhere that can be answered. */
export function readArrival(message: Message): Arrival | undefined {
  const arrival = readSent(message)
  return arrival !== undefined && isText(message) ? arrival : undefined
}

/** The same of whatever somebody sends: a text, a picture, a voice message. */
export function readSent(message: Message): Arrival | undefined {
  // A host may hand over what is no message of the library.
  if (typeof message !== 'object' || message === null || message.fromMe) return undefined
  return isGroup(chatOf(message)) ? arrival(message, message.author) : arrival(message, message.from)
}

/** A text that the owner of the bot's account wrote to himself; `me` is the account's id, where it is known. */
export function readOwnChat(message: Message, me = message.from): Arrival | undefined {
  const chat = accountOf(message.to)
  const isOwnChat = chat === accountOf(me) || chat === accountOf(message.from)
  return message.fromMe && isOwnChat && isText(message) ? arrival(message, me) : undefined
}

/** What stands under a picture is left to others: it is about the picture. */
const isText = ({ type, body }: Message): boolean => type === TEXT && typeof body === 'string' && body !== ''
const TEXT: string = 'chat'

function arrival(message: Message, senderId: string | null | undefined): Arrival | undefined {
  const chatId = chatOf(message)
  const { type, body }: { readonly type: unknown; readonly body: unknown } = message
  if (typeof type !== 'string' || NOTICES.has(type) || message.isStatus || message.broadcast || !CHAT.test(chatId))
    return undefined
  if (message.id?._serialized === undefined || typeof senderId !== 'string') return undefined
  const chat: Chat = { id: chatId, kind: isGroup(chatId) ? 'group' : 'private' }
  const text = typeof body === 'string' ? body : ''
  return { id: message.id._serialized, chat, senderId, text, at: message.timestamp * 1000, message }
}

const isGroup = (chatId: string): boolean => chatId.endsWith('@g.us')

/** The chat's own id. `from` may name the device that wrote (`123:21@lid`), which is no chat. */
const chatOf = (message: Message): string => (message.id as Message['id'] | undefined)?.remote ?? message.from ?? ''
