import type { Account } from '../kernel/account.ts'
import type { Arrived } from '../kernel/arrived.ts'
import type { Attachment, IncomingMessage, NumberFound, Source } from '../kernel/message.ts'
import type { Phone } from '../kernel/phone.ts'

/** Where a message goes: into a chat, or to one person in private. */
export type Destination =
  | { readonly kind: 'chat'; readonly chatId: string }
  /** The person who wrote, by the id with which they wrote. */
  | { readonly kind: 'sender'; readonly senderId: string; readonly phone: string | undefined }
  /** Somebody else, by one of their accounts. */
  | { readonly kind: 'person'; readonly account: Account }

export interface Content {
  /** WhatsApp markup. The caption where there is an attachment, and then it may be empty. */
  readonly text: string
  /** The file at its path is only read; whoever sends removes it later. */
  readonly attachment?: Attachment
  /** The id of the message that this one answers. */
  readonly quotedId?: string
  /** By which the database knows this message until it has arrived; a transport that keeps none ignores it. */
  readonly outboxId?: string
  /** Whether it lets others go first: it is for somebody without a role, of whom there may be many. */
  readonly yields?: boolean
  /** Whether it may have been sent before: then it says so. */
  readonly again?: boolean
}

/** It did not go out and still may, after the next start: what the database keeps stays there. */
export class Postponed extends Error {}

/** Sends one message. Rejects if it did not go out, as far as anybody knows. */
export type Send = (to: Destination, content: Content) => Promise<void>

/** Handles a message, which a transport may have counted as it arrived. Resolves when the next of its chat may follow. */
export type OnMessage = (message: IncomingMessage, arrived?: Arrived) => Promise<void>

/**
 * A transport: it brings messages and takes messages, and knows no command. Every one passes the same contract
 * (`test/support/chat-contract.ts`).
 */
export interface ChatAdapter {
  readonly source: Source
  /**
   * Begins to hand over messages, each once, in the order of its chat, the next of a chat after the one before has
   * been handled. Resolves when it is ready to send.
   */
  start(onMessage: OnMessage): Promise<void>
  readonly send: Send
  /**
   * Tells of each message with an `outboxId` when the platform has it for certain, or never will. A transport whose
   * platform does not tell leaves this out, and nothing is kept for it.
   */
  onSettled?(listener: (outboxId: string) => void): void
  /**
   * Asks the platform whether somebody has a number there, where it has numbers. `by`: by whose word, so that one person
   * uses up nobody else's questions. Never rejects, and waits for no connection.
   */
  findNumber?(phone: Phone, by: string): Promise<NumberFound>
  /** Resolves when all that was handed over has been handled and nothing runs any more. Stopping twice is fine. */
  stop(): Promise<void>
  /** Resolves when the chat has ended, by itself (an input that ends) or because it was stopped. */
  readonly ended: Promise<void>
}
