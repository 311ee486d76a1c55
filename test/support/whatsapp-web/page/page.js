// The page that stands in for WhatsApp Web: it connects, shows a QR code until it is linked, synchronizes, and then
// does as the server says. Each command is one function below.

import { connect, hang, tell } from './link.js'
import { require } from './modules.js'
import { acknowledge } from './sending.js'
import { forgetSession, loadSession, saveSession } from './session.js'
import { addGroup, Cmd, Conn, chatFor, Messages, Socket, setState, store, toMsg } from './store.js'

/** A page with `deaf` set works in every way, but never says that a message has come. */
let deaf = false
const announce = Messages.trigger.bind(Messages)
Messages.trigger = (name, ...args) => {
  if (!(deaf && name === 'add')) announce(name, ...args)
}

/** Both `authenticated` and `ready` hang on this one event. To miss it is to miss both. */
async function synchronize() {
  Socket.hasSynced = true
  await Socket.heard('change:hasSynced')
  Socket.trigger('change:hasSynced')
  await Messages.heard('add')
  tell({ did: 'listen' })
}

const commands = {
  hello({ linked, ref, me, people, groups, history, missReady, deaf: startsDeaf }) {
    Object.assign(store, { me, people })
    deaf = startsDeaf
    groups.forEach(addGroup)
    for (const record of history) Messages.add(toMsg(record, false))
    Conn.ref = ref
    setState(linked ? 'CONNECTED' : 'UNPAIRED')
    if (linked && missReady) Socket.hasSynced = true
    else if (linked) synchronize()
  },

  // Pairing
  qr({ ref }) {
    Conn.ref = ref
    Conn.trigger('change:ref', Conn, ref)
  },
  async paired({ device }) {
    await saveSession(device)
    setState('PAIRING')
    setState('CONNECTED')
    tell({ did: 'link' })
    synchronize()
  },

  // What reaches every linked device
  message({ record }) {
    const msg = toMsg(record, true)
    const chat = chatFor(msg.id.remote)
    chat.t = msg.t
    if (!record.fromMe) chat.unreadCount += 1
    Messages.add(msg)
  },
  ack: ({ id, ack }) => acknowledge(id, ack),
  people: ({ people }) => Object.assign(store, { people }),
  group: ({ group }) => addGroup(group),

  // Faults
  again({ id }) {
    const msg = Messages.get(id)
    msg.isNewMsg = true
    Messages.trigger('add', msg)
  },
  fault: ({ fault, times }) => Object.assign(store.faults, { [fault]: times }),
  deafen() {
    deaf = true
  },
  state: ({ state }) => setState(state),
  syncAgain: () => Socket.trigger('change:hasSynced'),
  reload: () => location.reload(),
  hang,
  async logout() {
    await forgetSession()
    Cmd.trigger('logout')
    location.replace('/')
  },
}

const delivered = new Set()

function obey({ command, delivery, ...args }) {
  // A delivery is repeated until it is confirmed, on the next page if need be; on this page it counts once.
  if (delivery !== undefined && delivered.has(delivery)) return
  commands[command](args)
  if (delivery === undefined) return
  delivered.add(delivery)
  tell({ did: 'receive', delivery })
}

window.require = require
// The library begins as soon as it sees a version, so this comes last.
window.Debug = { VERSION: 'stand-in' }
connect(await loadSession(), obey)
