import { randomBytes } from 'node:crypto'
import type { Group, MessageRecord, Person, SentReport } from './wire.ts'

/** A message on its way to the account under test. Ids are digits (a phone), or whole ids such as `123:21@lid`. */
export interface Incoming {
  readonly from: string
  /** The group it is written in; else it is private. */
  readonly group?: string
  readonly text: string
  /** The id of the message that it replies to. */
  readonly quoted?: string
  /** Ids of the people whom `text` names as `@<digits>`. */
  readonly mentions?: readonly string[]
  /** The sender's part of the message id; made up if not given. */
  readonly id?: string
  /** Seconds since 1970; now if not given. */
  readonly timestamp?: number
  /** Fields of the page's own message, e.g. `{ type: 'image' }`, `{ broadcast: true }`. */
  readonly extra?: Readonly<Record<string, unknown>>
}

/** A message typed on the telephone of the account under test: "message yourself", or any other chat. */
export interface Own extends Omit<Incoming, 'from' | 'group'> {
  readonly chat: string
}

export const idOf = (text: string) => (text.includes('@') ? text : `${text.replace(/^\+/, '')}@c.us`)
const withoutDevice = (id: string) => id.replace(/:\d+@/, '@')

function matches(person: Person, id: string): boolean {
  const [user, server] = withoutDevice(id).split('@')
  return (server === 'lid' ? person.lid : person.phone) === user
}

/** What WhatsApp's servers know: the account under test, everyone else, and all messages. */
export class Account {
  readonly me: Person & { readonly phone: string; readonly lid: string }
  readonly people: Person[] = []
  readonly groups: Group[] = []
  readonly messages = new Map<string, MessageRecord>()

  constructor(me: Partial<Person>) {
    this.me = { phone: '15550009999', lid: '99900009999', name: 'Bot', ...me }
  }

  get id(): string {
    return idOf(this.me.phone)
  }

  /** A person of the same LID is replaced; the same phone with another LID is a second account of that phone. */
  addPerson(person: Person): void {
    const same = (each: Person) => each.lid === person.lid && (person.lid !== undefined || each.phone === person.phone)
    const known = this.people.findIndex(same)
    if (known < 0) this.people.push(person)
    else this.people[known] = person
  }

  knows(id: string): boolean {
    return [this.me, ...this.people].some((each) => matches(each, id))
  }

  received(incoming: Incoming): MessageRecord {
    const from = idOf(incoming.from)
    const chat = incoming.group ?? withoutDevice(from)
    const author = incoming.group && from
    const name = this.people.find((each) => matches(each, from))?.name
    return this.#record({ ...incoming, fromMe: false, chat, author, from: incoming.group ?? from, to: this.id, name })
  }

  own(own: Own): MessageRecord {
    const chat = idOf(own.chat)
    return this.#record({ ...own, fromMe: true, chat, author: undefined, from: this.id, to: chat, name: this.me.name })
  }

  sent(report: SentReport): MessageRecord {
    const record = { ...report, fromMe: true, ack: 0, quoted: this.#quote(report.quotedId) }
    this.messages.set(record.id, record)
    return record
  }

  #record(message: Draft): MessageRecord {
    const stanza = message.id ?? `3EB0${randomBytes(9).toString('hex').toUpperCase()}`
    const participant = message.author && withoutDevice(message.author)
    const id = [message.fromMe, message.chat, stanza, participant].filter((part) => part !== undefined).join('_')
    const { fromMe, chat, author, from, to, text, name, extra } = message
    const timestamp = message.timestamp ?? Math.floor(Date.now() / 1000)
    const mentions = (message.mentions ?? []).map(idOf)
    const quoted = this.#quote(message.quoted)
    const who = { fromMe, chat, author, from, to, name }
    const record = { id, stanza, ...who, text, timestamp, quoted, mentions, extra, ack: 1 }
    this.messages.set(id, record)
    return record
  }

  #quote(id: string | undefined): MessageRecord['quoted'] {
    if (id === undefined) return undefined
    const quoted = this.messages.get(id)
    if (!quoted) throw new Error(`No message ${id} to quote`)
    const { stanza, author, from, text, extra } = quoted
    return { stanza, author: author ?? from, text, extra }
  }
}

type Draft = Pick<MessageRecord, 'fromMe' | 'chat' | 'author' | 'from' | 'to' | 'text' | 'name'> &
  Pick<Incoming, 'id' | 'timestamp' | 'mentions' | 'quoted' | 'extra'>
