// How a message leaves, is acknowledged, and what can go wrong with it.

import { tell } from './link.js'
import { Msg } from './models.js'
import { Chats, Messages, store } from './store.js'

const never = new Promise(() => undefined)
const unacknowledged = new Map()

/** Has this fault been ordered? Each order is used up once. */
function strikes(fault) {
  if (!store.faults[fault]) return false
  store.faults[fault] -= 1
  tell({ did: 'strike' })
  return true
}

/** The library awaits the first promise (the message is in the chat), the second only with `waitUntilMsgSent`. */
export function addAndSendMsgToChat(chat, fields) {
  if (strikes('sendError')) return [Promise.reject(new Error('the stand-in refuses this message')), never]
  if (strikes('stallBefore')) return [never, never]
  if (strikes('blankBefore')) return [Promise.resolve(), never]
  const msg = Messages.add(new Msg(fields))
  if (strikes('loseSend')) return [Promise.resolve(msg), never]
  const result = Promise.withResolvers()
  unacknowledged.set(msg.id._serialized, result)
  tell({ did: 'send', message: report(chat, msg) })
  // The library looks the message up once more, and gives back what it finds.
  if (strikes('blankAfter')) Messages.hideOnce(msg.id)
  return [strikes('stallAfter') ? never : Promise.resolve(msg), result.promise]
}

function report(chat, msg) {
  return {
    id: msg.id._serialized,
    stanza: msg.id.id,
    chat: chat.id._serialized,
    author: msg.id.participant?._serialized,
    from: msg.from._serialized,
    to: chat.id._serialized,
    text: (msg.directPath ? msg.caption : msg.body) ?? '',
    timestamp: msg.t,
    quotedId: msg.quotedId,
    hasPreview: msg.preview,
    mentions: (msg.mentionedJidList ?? []).map((each) => each._serialized),
    media: msg.directPath && { hash: msg.directPath, type: msg.type, name: msg.filename, mimeType: msg.mimetype },
  }
}

export function acknowledge(id, ack) {
  const msg = Messages.get(id)
  if (!msg) return
  msg.ack = ack
  unacknowledged.get(id)?.resolve({ messageSendResult: ack < 0 ? 'ERROR_UNKNOWN' : 'OK' })
  Messages.trigger('change:ack', msg, ack)
}

export async function sendSeen({ chat }) {
  if (strikes('seenError')) throw new Error('the stand-in refuses to mark this chat as seen')
  Chats.get(chat.id).unreadCount = 0
}
