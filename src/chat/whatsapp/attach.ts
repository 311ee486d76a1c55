import type { Client, Message } from 'whatsapp-web.js'
import type { IncomingMessage } from '../../kernel/message.ts'
import { readArrival, readOwnChat, readSent } from './arrival.ts'
import { ClientLink } from './client-link.ts'
import type { HostClient, HostMessage } from './host-client.ts'
import { toChatter } from './to-incoming.ts'
import { createWhatsApp, type WhatsAppChat, type WhatsAppParts } from './whatsapp.ts'

/**
 * A chat on a client of a host, ready or not yet, beside whatever the host does with it. The host initializes the
 * client and destroys it.
 */
export const attachedTo = (client: HostClient, parts: WhatsAppParts): WhatsAppChat =>
  // A shape of the library's own Client, so that the public types do without that library.
  createWhatsApp(new ClientLink(client as unknown as Client, parts.log), parts)

/** What a host's client was sent, as ours, as far as it can be one; nobody is looked up for it. */
export function readHostMessage(message: HostMessage): IncomingMessage | undefined {
  const arrival = readSent(message as unknown as Message)
  return arrival && toChatter(arrival)
}

/** The same of a text alone, as commands are; also of one that the owner of the account wrote to himself, where that is answered. */
export function readHostText(message: HostMessage, answersOwnChat: boolean): IncomingMessage | undefined {
  const given = message as unknown as Message
  const arrival = readArrival(given) ?? (answersOwnChat && given?.fromMe ? readOwnChat(given) : undefined)
  return arrival && toChatter(arrival)
}
