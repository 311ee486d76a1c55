/** How the bot reaches WhatsApp. Every value comes from the configuration; times are milliseconds. */
export interface WhatsAppOptions {
  readonly sessionDirectory: string
  /** A browser; without it one is looked for. */
  readonly browserPath: string | undefined
  /** The whole list; without it the defaults. */
  readonly browserArguments: readonly string[] | undefined
  readonly webVersion: string | undefined
  /** Set: WhatsApp Web is loaded from this directory alone (local, strict). */
  readonly webCacheDirectory: string | undefined
  readonly authTimeout: number
  /** Pair by a code typed on this phone instead of by a QR code. */
  readonly pairingPhone: string | undefined
  /** Whether commands in the owner's own "message yourself" chat are answered. */
  readonly answersOwnChat: boolean
  /** How old a command may be that is found after an absence. */
  readonly commandAge: number
  /** Messages sent per minute at most, to one chat and in all; 0 means no limit. */
  readonly sendLimit: { readonly perChat: number; readonly inAll: number }
}
