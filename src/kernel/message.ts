import type { Account } from './account.ts'
import type { Phone } from './phone.ts'

/**
 * Where a command or an event came from: a platform by its word, which is that of its accounts (`telegram` of
 * `telegram:42`); the terminal, a command line, the host's code, a job, or the log of another system.
 */
export type Source = 'whatsapp' | 'terminal' | 'cli' | 'api' | 'system' | 'import' | (string & Record<never, never>)

/** Who wrote, as the platform says it. Only `id`, `phone` and `account` count for authority; a name never does. */
export interface Sender {
  /**
   * The platform's own lasting id, never a name or handle: `15550001111@c.us`, `15550001111:3@c.us`, `123456@lid` of
   * WhatsApp, `42` of Telegram. Where `source` is `api`, `cli` or `terminal`, a whole account: `telegram:42`, a phone number.
   */
  readonly id: string
  /** The phone that the platform itself gives for this id, where the id does not hold it (LID). */
  readonly phone?: string
  /**
   * The platform's own lasting id of the account, where it tells one (WhatsApp: the LID). A phone number may come to
   * belong to somebody else; this never does. As the platform writes it, e.g. `123456@lid`.
   */
  readonly account?: string
  /**
   * The platform has accounts, and this sender's was not looked up or could not be. A number that is linked to an
   * account does not count then.
   */
  readonly unverified?: boolean
  /** The name that the person chose. Shown, never trusted. */
  readonly name?: string
  /** The operating system's user and host, where somebody types in another person's place. */
  readonly operator?: string
}

/**
 * What a platform says of a number: that somebody has it there, and by which number that is; that nobody does; or
 * nothing (`unknown`), as it cannot be asked.
 */
export type NumberFound = { readonly kind: 'found'; readonly phone: Phone } | { readonly kind: 'none' | 'unknown' }

export interface Chat {
  readonly id: string
  readonly kind: 'private' | 'group'
}

/** A message as a transport hands it over. */
export interface IncomingMessage {
  /** Unique within `source`: the same id twice is the same message delivered twice. */
  readonly id: string
  readonly source: Source
  readonly chat: Chat
  readonly sender: Sender
  readonly text: string
  /** When it was sent, as the platform says it: by this it is known that the clock is right. Left out where only this machine says so. */
  readonly sentAt?: Date
  /** The message this one replies to. */
  readonly quoted?: {
    readonly id: string
    readonly sender?: Sender
    /** It is a contact card with these people on it, none where it is not certain whose: then its sender is not meant. */
    readonly contacts?: readonly Sender[]
  }
  /** Somebody wrote it elsewhere, and this sender only passes it on: no command in it is carried out. */
  readonly forwarded?: boolean
  /** People mentioned, with the text that stands for them in `text`, e.g. `@15550001111`. */
  readonly mentions?: readonly { readonly text: string; readonly sender: Sender }[]
}

/** What has to be known of a message to answer it. */
export type Answered = Pick<IncomingMessage, 'id' | 'chat' | 'sender'>

/** A file to hand over. It lies at `path` until it is delivered, and is removed then. */
export interface Attachment {
  readonly kind: 'document' | 'image'
  readonly name: string
  readonly mimeType: string
  readonly path: string
  /** A line of text in its place, for where a picture cannot be shown. */
  readonly preview?: string
}

/**
 * One message to send. `audience` says who may see it: the chat the command came from, its sender alone
 * (in private, also when asked in a group), or another person by an account of theirs.
 */
export interface Reply {
  readonly audience: 'chat' | 'sender' | { readonly account: Account }
  /** WhatsApp markup, at most 4,000 characters. The caption where there is an attachment. */
  readonly text: string
  readonly attachment?: Attachment
  /** The least role that the person it is for must still have when it is sent, where it depends on one. */
  readonly role?: string
  /** By which the database keeps it until it has arrived. */
  readonly outboxId?: string
}

export const MAX_REPLY_LENGTH = 4000

/**
 * How a message ended. `failed`: nothing was changed, unless the reply says that nobody knows; `unsent`: it was carried
 * out, and not all of the answer could be sent to whoever asked. `ignored` is no command; `duplicate` was answered before; `blocked` is of somebody who may not
 * use the bot; `limited` came after too many others.
 */
export type Status =
  | 'answered'
  | 'usage'
  | 'not-found'
  | 'denied'
  | 'blocked'
  | 'limited'
  | 'failed'
  | 'unsent'
  | 'ignored'
  | 'duplicate'

export interface Handled {
  readonly status: Status
  readonly replies: readonly Reply[]
}
