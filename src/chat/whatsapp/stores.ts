import type { Account } from '../../kernel/account.ts'
import type { Arrived } from '../../kernel/arrived.ts'
import type { IncomingMessage } from '../../kernel/message.ts'
import type { Phone } from '../../kernel/phone.ts'

/** What the platform last said about an account. */
export interface KnownAccount {
  /** The LID, without a device. */
  readonly account: string
  readonly phone: Phone
  /** When it said so, in milliseconds. */
  readonly toldAt: number
}

/** What the platform said about accounts, kept in the database. Written only from the platform's answers. */
export interface AccountStore {
  find(account: string): Promise<KnownAccount | undefined>
  findOf(phone: Phone): Promise<KnownAccount | undefined>
  save(known: KnownAccount): Promise<void>
  /** Whether it matters which account has this number: there is something to gain from having it. */
  matters(phone: Phone): Promise<boolean>
  /** Whether somebody may send a command that names others. */
  mayName(account: Account): Promise<boolean>
}

/** Whether a message was acted upon before, here or by a process before this one. */
export interface InboxStore {
  wasHandled(id: string): Promise<boolean>
}

/** Counts a message as it arrives, and as one that waits. */
export type Arrive = (message: IncomingMessage) => Arrived
