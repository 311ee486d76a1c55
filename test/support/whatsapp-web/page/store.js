// What the page knows: its connection, its people, its messages. Everything comes from the server.

import { Chat, Collection, Events, GroupMetadata, Msg, MsgKey, wid } from './models.js'

export const Socket = Object.assign(new Events(), { state: 'OPENING', hasSynced: false })
export const Cmd = Object.assign(new Events(), { refreshQR() {} })
export const Conn = Object.assign(new Events(), {
  ref: '',
  platform: 'android',
  serialize: () => ({ pushname: store.me.name, platform: Conn.platform }),
})

export const Messages = new Collection()
export const Chats = new Collection()

/** `people` are `{ phone?, lid?, name?, hidden? }`; `faults` count down as they strike. */
export const store = { me: {}, people: [], faults: {} }

export const me = () => wid(`${store.me.phone}@c.us`)
export const meLid = () => store.me.lid && wid(`${store.me.lid}@lid`)

/**
 * The last entry wins: a person who was given a new LID is listed twice. A device is a person of its own where it is
 * listed as one.
 */
export const person = (id) => {
  const { user, device, server } = wid(id)
  const listed = (name) =>
    [...store.people, store.me].findLast((each) => (server === 'lid' ? each.lid : each.phone) === name)
  return listed(`${user}:${device}`) ?? listed(user)
}

export function setState(state) {
  Socket.state = state
  Socket.trigger('change:state', Socket, state)
}

export function chatFor(id, fields) {
  const account = wid(id).withoutDevice()
  return Chats.get(account) ?? Chats.add(new Chat({ id: account, formattedTitle: account.user, ...fields }))
}

export function addGroup({ id, name, members, lidAddressing }) {
  const participants = members.map((member) => ({ id: wid(member), isAdmin: false, isSuperAdmin: false }))
  const groupMetadata = new GroupMetadata({ id: wid(id), subject: name, participants })
  groupMetadata.isLidAddressingMode = lidAddressing
  Object.assign(chatFor(id), { formattedTitle: name, groupMetadata })
}

/** From the server's record to what WhatsApp Web holds. A message that is not new raises no event in the library. */
export function toMsg(record, isNewMsg) {
  const { author, quoted, extra } = record
  const participant = author && wid(author).withoutDevice()
  return new Msg({
    id: new MsgKey({ to: wid(record.chat), id: record.stanza, participant, selfDir: record.fromMe ? 'out' : 'in' }),
    type: 'chat',
    body: record.text,
    t: record.timestamp,
    ack: record.ack,
    from: wid(record.from),
    to: wid(record.to),
    author: author && wid(author),
    notifyName: record.name,
    mentionedJidList: record.mentions,
    ...(quoted && {
      quotedMsg: { type: 'chat', body: quoted.text, ...quoted.extra },
      quotedStanzaID: quoted.stanza,
      quotedParticipant: wid(quoted.author),
    }),
    ...extra,
    isNewMsg,
  })
}
