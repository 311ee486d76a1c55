/**
 * What `attach` needs of a whatsapp-web.js `Client`, by shape, so that nobody needs that library's types who does not
 * use it.
 */
export interface HostClient {
  on(event: string, listener: (...values: unknown[]) => void): unknown
  off(event: string, listener: (...values: unknown[]) => void): unknown
  sendMessage(chatId: string, ...rest: unknown[]): Promise<unknown>
}

/** What of a whatsapp-web.js `Message` tells whether it is a command. */
export interface HostMessage {
  readonly body: string
}

/** Chatwarden on a client of the host's. */
export interface Attached {
  /** Whether Chatwarden answers this message, so that the host leaves it alone. */
  isCommand(message: HostMessage): boolean
  /** Removes exactly the listeners that were added. Resolves when what was taken has been answered. */
  detach(): Promise<void>
}
