import type { Client, Message, MessageAck } from 'whatsapp-web.js'

/** What the rest of the transport sees of the connection: a client that comes and goes, and its events. */
export interface Link {
  /**
   * Calls the library, at most for `deadline` ms. Rejects with `LinkDown` at once if there is no connection (the call
   * was certainly not made), with `Unanswered` if the deadline passed or the connection broke meanwhile (it may have
   * been made), else as the library does.
   */
  call<T>(what: string, deadline: number, action: (client: Client) => Promise<T>): Promise<T>
  /** Resolves when there is a connection. */
  up(signal?: AbortSignal): Promise<void>
  onMessage(listener: (message: Message) => void): void
  /** Own messages, as the platform shows them: also what was sent from the phone. */
  onOwnMessage(listener: (message: Message) => void): void
  onAck(listener: (message: Message, ack: MessageAck) => void): void
  /** Each time a connection is ready, also after a reconnection. `me` is the bot's own account id. */
  onReady(listener: (me: string) => void): void
}

/** There is no connection: nothing was sent. */
export class LinkDown extends Error {}
/** It is not known whether the call was carried out. */
export class Unanswered extends Error {}

/** How long the library gets for a call. */
export const DEADLINE = { text: 20_000, document: 180_000, lookup: 10_000, probe: 10_000 } as const
