import type { AuditLogRepository } from './audit/audit-log-repository.ts'
import type { AuditEvents } from './audit/audit-logger.ts'
import type { AuditLog } from './audit/entry.ts'
import type { EventTypes } from './audit/event-types.ts'
import type { ChatAdapter, Send } from './chat/adapter.ts'
import type { Attached, HostClient } from './chat/whatsapp/host-client.ts'
import type { OnProgress } from './commands/request.ts'
import type { Config, Environment } from './config.ts'
import type { Clock } from './kernel/clock.ts'
import type { Logger } from './kernel/log.ts'
import type { Handled, IncomingMessage, Status } from './kernel/message.ts'
import type { UserRepository } from './roles/user-repository.ts'

export interface ChatwardenOptions {
  /** Variables that win over those of the process, e.g. `{ OWNER_PHONE_NUMBERS: '+15550001111' }`. */
  readonly env?: Environment
  /** Whether this process runs the daily clean-up. */
  readonly jobs?: boolean
  /** Event types of the host's own, by action. */
  readonly events?: EventTypes
  readonly clock?: Clock
  readonly log?: Logger
}

/** An open Chatwarden: one database, one writer of its trail, and the commands. */
export interface Chatwarden {
  readonly config: Config
  readonly AuditLogger: AuditEvents
  readonly AuditLogRepository: AuditLogRepository
  readonly UserRepository: UserRepository
  /**
   * Answers the commands that somebody writes to a whatsapp-web.js client of the host's, ready or not yet. None of the
   * host's handlers is touched, and no message but commands.
   */
  attach(client: HostClient): Attached
  /**
   * Answers the commands in a chat of one's own making. First goes out what a process before this one left to send, if
   * the adapter tells what has arrived. Resolves when the adapter has started; who made it stops it.
   */
  serve(adapter: ChatAdapter): Promise<void>
  /**
   * Answers a message if it is a command, through the host's `send`: each reply to those who may see it, an answer
   * about other people never into a group. Never rejects.
   */
  respond(message: IncomingMessage, send: Send): Promise<Status>
  /** What the answer to a message is, for a host that delivers it itself and minds each reply's `audience`. Never rejects. */
  handle(message: IncomingMessage, onProgress?: OnProgress): Promise<Handled>
  /** Whether that message is a command, so that the host leaves the message alone. */
  isCommand(message: Pick<IncomingMessage, 'text'> & Partial<IncomingMessage>): boolean
  /** Every entry from `fromSeq` on, once, in order, as it is committed here or elsewhere, until `signal` aborts. */
  follow(fromSeq: number, signal: AbortSignal): AsyncGenerator<AuditLog>
  /** Removes entries older than `days` days (default: the configured retention). @returns how many. */
  cleanupExpiredAuditLogs(days?: number): Promise<number>
  startAuditLogCleanupScheduler(): void
  stopAuditLogCleanupScheduler(): Promise<void>
  isSchedulerRunning(): boolean
  /** Gives the configured numbers their roles; with `force` also those that were given theirs before. */
  seed(force: boolean): Promise<void>
  /** Stops the chats that are served, detaches, stops the jobs and closes the database. Closing twice is fine. */
  close(): Promise<void>
}
