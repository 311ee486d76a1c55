import type { Message } from 'whatsapp-web.js'
import { type Account, accountOn } from '../../kernel/account.ts'
import type { Logger } from '../../kernel/log.ts'
import type { IncomingMessage, Sender } from '../../kernel/message.ts'
import { accountOf } from '../../kernel/phone.ts'
import type { Arrival } from './arrival.ts'
import { phonesOnCards } from './contact-card.ts'
import type { Identity } from './identity.ts'
import { DEADLINE, type Link } from './link.ts'

/** No command names more people, and each may cost a lookup. */
const MOST_MENTIONS = 5

interface Parts {
  readonly link: Link
  readonly identity: Identity
  /** Whether somebody may send a command that names others. */
  readonly mayName: (account: Account) => Promise<boolean>
  readonly log: Logger
}

/** An ordinary message: nobody is looked up for it. */
export const toChatter = (arrival: Arrival): IncomingMessage => ({
  ...envelope(arrival),
  sender: { ...senderOf(arrival), unverified: true },
})

/** What may be a command: who wrote, who is quoted and who is mentioned, as far as the platform tells. */
export async function toCommand(arrival: Arrival, parts: Parts): Promise<IncomingMessage> {
  const who = await parts.identity.whoIs(arrival.senderId)
  const sender = { ...senderOf(arrival), ...who }
  // Who is nobody may do nothing, so nobody is looked up on their word.
  // If the database can't say, whoever handles the command finds that out too.
  const account = who.phone ?? accountOn('whatsapp', arrival.senderId)
  const mayName = account !== undefined && (await parts.mayName(account).catch(() => false))
  if (!mayName) return { ...envelope(arrival), sender }
  const [quoted, mentions] = await Promise.all([quotedIn(arrival, parts), mentionsIn(arrival, parts)])
  return { ...envelope(arrival), sender, ...(quoted && { quoted }), ...(mentions.length > 0 && { mentions }) }
}

const envelope = ({ id, chat, text, message }: Arrival) => ({
  id,
  chat,
  text,
  source: 'whatsapp' as const,
  ...(isForwarded(message) && { forwarded: true }),
})

/** The library says so in two ways, of which some versions of the page fill only one. */
const isForwarded = ({ isForwarded, forwardingScore }: Message): boolean =>
  isForwarded === true || (typeof forwardingScore === 'number' && forwardingScore > 0)

function senderOf({ senderId, message }: Arrival): Sender {
  const { notifyName } = (message.rawData ?? {}) as { readonly notifyName?: unknown }
  return { id: senderId, ...(typeof notifyName === 'string' && notifyName !== '' && { name: notifyName }) }
}

async function person(id: string, { senderId }: Arrival, identity: Identity): Promise<Sender> {
  const phone = await identity.phoneOf(id, accountOf(senderId))
  return { id, ...(phone && { phone }) }
}

async function quotedIn(arrival: Arrival, parts: Parts): Promise<IncomingMessage['quoted']> {
  const { message } = arrival
  if (!message.hasQuotedMsg) return undefined
  try {
    const quoted = await parts.link.call('quoted message', DEADLINE.lookup, () => message.getQuotedMessage())
    const { _serialized: id } = quoted.id
    if (CARDS.has(quoted.type)) return { id, contacts: contactsOn(quoted) }
    const writer = quoted.author ?? quoted.from
    // Who replies to the bot means nobody.
    const sender =
      typeof writer === 'string' && !quoted.fromMe ? await person(writer, arrival, parts.identity) : undefined
    return { id, ...(sender && { sender }) }
  } catch (err) {
    parts.log.warn({ err }, 'WhatsApp: a quoted message could not be read')
    return undefined
  }
}

/** The types of a message that is one contact card, or several. */
const CARDS: ReadonlySet<string> = new Set(['vcard', 'multi_vcard'])

const contactsOn = ({ vCards }: Message): Sender[] =>
  phonesOnCards(vCards ?? []).map((phone) => ({ id: `${phone.slice(1)}@c.us`, phone }))

function mentionsIn(arrival: Arrival, { identity }: Parts): Promise<NonNullable<IncomingMessage['mentions']>> {
  const ids = (arrival.message.mentionedIds ?? []).map(idOf).slice(0, MOST_MENTIONS)
  return Promise.all(
    ids.map(async (id) => ({ text: `@${accountOf(id).split('@')[0]}`, sender: await person(id, arrival, identity) })),
  )
}

/** Declared as text, and by the library's own code sometimes an object. */
const idOf = (id: Message['mentionedIds'][number] | { readonly _serialized: string }): string =>
  typeof id === 'string' ? id : id._serialized
