// The shapes that whatsapp-web.js handles inside the page: emitters, ids, messages, chats, collections.
// Own properties must be plain data, because the library carries these objects to Node as JSON.

/** WhatsApp Web's models are Backbone-like: several event names in one string, the model as the first argument. */
export class Events {
  #listeners = {}
  #heard = {}

  on(names, listener) {
    for (const name of names.split(' ')) {
      this.#listeners[name] = [...(this.#listeners[name] ?? []), listener]
      this.#heard[name]?.resolve()
    }
  }

  off(name, listener) {
    this.#listeners[name] = this.#listeners[name]?.filter((each) => each !== listener)
  }

  trigger(name, ...args) {
    for (const listener of this.#listeners[name] ?? []) listener(...args)
  }

  /** Resolves when somebody listens. The real page does not wait for its library, and sometimes speaks too early. */
  heard(name) {
    if (this.#listeners[name]?.length) return Promise.resolve()
    this.#heard[name] ??= Promise.withResolvers()
    return this.#heard[name].promise
  }
}

/** An id: `15550001111@c.us`, `123@lid`, `123:21@lid` (one device of that account), `120363001@g.us`. */
export class Wid {
  constructor(text) {
    const [, user, device, server] = /^([^:@]+)(?::(\d+))?@(.+)$/.exec(text) ?? []
    if (!server) throw new Error(`wid error: invalid wid: ${text}`)
    Object.assign(this, { server, user, _serialized: text }, device && { device: Number(device) })
  }
  toString() {
    return this._serialized
  }
  isLid() {
    return this.server === 'lid'
  }
  isGroup() {
    return this.server === 'g.us'
  }
  isStatus() {
    return false
  }
  /** The account that a device belongs to. Chats and contacts are kept by account. */
  withoutDevice() {
    return new Wid(`${this.user}@${this.server}`)
  }
}

export const wid = (id) => (id instanceof Wid ? id : new Wid(id._serialized ?? id))

/** The library builds one with `new` for each message it sends. */
export class MsgKey {
  constructor({ to, id, participant, selfDir }) {
    this.fromMe = selfDir === 'out'
    this.remote = to
    this.id = id
    if (participant) this.participant = participant
    this._serialized = [this.fromMe, to, id, participant].filter((part) => part !== undefined).join('_')
  }
  static newId() {
    return `3EB0${crypto.randomUUID().replaceAll('-', '').slice(0, 18).toUpperCase()}`
  }
}

class Model {
  constructor(fields) {
    Object.assign(this, fields)
  }
  serialize() {
    return JSON.parse(JSON.stringify(this))
  }
}

export class Msg extends Model {
  unsafe() {
    return this
  }
  /** What a message that quotes this one carries along. `quotedId` is ours: the outbox shows it. */
  msgContextInfo() {
    return {
      quotedMsg: { type: this.type, body: this.body },
      quotedStanzaID: this.id.id,
      quotedParticipant: this.author ?? this.from,
      quotedId: this.id._serialized,
    }
  }
}

export class Chat extends Model {
  unreadCount = 0
  mute = { expiration: 0 }
}

/** Who is in a group. The library asks for it to be refreshed, then serializes it. */
export class GroupMetadata extends Model {}

export class Collection extends Events {
  #models = new Map()
  #hidden = new Set()

  get(id) {
    const key = String(id?._serialized ?? id)
    return this.#hidden.delete(key) ? undefined : this.#models.get(key)
  }
  /** The next who asks for it does not get it. */
  hideOnce(id) {
    this.#hidden.add(id._serialized)
  }
  add(model) {
    this.#models.set(model.id._serialized, model)
    this.trigger('add', model)
    return model
  }
  getModelsArray() {
    return [...this.#models.values()]
  }
  /** WhatsApp Web would look into its database here. Ours has everything in memory, so there is nothing to find. */
  async getMessagesById() {
    return { messages: [] }
  }
}
