import type { Message } from 'whatsapp-web.js'
import type { Logger } from '../../kernel/log.ts'
import type { IncomingMessage, Sender } from '../../kernel/message.ts'
import { accountOf, type Phone } from '../../kernel/phone.ts'
import type { Arrival } from './arrival.ts'
import type { Identity } from './identity.ts'
import { DEADLINE, type Link } from './link.ts'

/** No command names more people, and each may cost a lookup. */
const MOST_MENTIONS = 5

interface Parts {
  readonly link: Link
  readonly identity: Identity
  /** Whether somebody may send a command that names others. */
  readonly mayName: (phone: Phone) => Promise<boolean>
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
  const mayName = who.phone !== undefined && (await parts.mayName(who.phone).catch(() => false))
  if (!mayName) return { ...envelope(arrival), sender }
  const [quoted, mentions] = await Promise.all([quotedIn(arrival, parts), mentionsIn(arrival, parts)])
  return { ...envelope(arrival), sender, ...(quoted && { quoted }), ...(mentions.length > 0 && { mentions }) }
}

const envelope = ({ id, chat, text }: Arrival) => ({ id, chat, text, source: 'whatsapp' as const })

function senderOf({ senderId, message }: Arrival): Sender {
  const { notifyName } = (message.rawData ?? {}) as { readonly notifyName?: unknown }
  return { id: senderId, ...(typeof notifyName === 'string' && notifyName !== '' && { name: notifyName }) }
}

async function person(id: string, identity: Identity): Promise<Sender> {
  const phone = await identity.phoneOf(id)
  return { id, ...(phone && { phone }) }
}

async function quotedIn({ message }: Arrival, parts: Parts): Promise<IncomingMessage['quoted']> {
  if (!message.hasQuotedMsg) return undefined
  try {
    const quoted = await parts.link.call('quoted message', DEADLINE.lookup, () => message.getQuotedMessage())
    const writer = quoted.author ?? quoted.from
    const sender = typeof writer === 'string' ? await person(writer, parts.identity) : undefined
    return { id: quoted.id._serialized, ...(sender && { sender }) }
  } catch (err) {
    parts.log.warn({ err }, 'WhatsApp: a quoted message could not be read')
    return undefined
  }
}

function mentionsIn({ message }: Arrival, { identity }: Parts): Promise<NonNullable<IncomingMessage['mentions']>> {
  const ids = (message.mentionedIds ?? []).map(idOf).slice(0, MOST_MENTIONS)
  return Promise.all(
    ids.map(async (id) => ({ text: `@${accountOf(id).split('@')[0]}`, sender: await person(id, identity) })),
  )
}

/** Declared as text, and by the library's own code sometimes an object. */
const idOf = (id: Message['mentionedIds'][number] | { readonly _serialized: string }): string =>
  typeof id === 'string' ? id : id._serialized
