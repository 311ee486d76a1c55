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
