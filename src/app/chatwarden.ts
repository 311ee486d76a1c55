import type { AuditLog } from '../audit/entry/entry.ts'
import type { EventTypes } from '../audit/entry/event-types.ts'
import type { AuditEvents, Person } from '../audit/write/audit-logger.ts'
import type { ChatAdapter, Send } from '../chat/adapter.ts'
import type { HostClient, HostMessage } from '../chat/whatsapp/host-client.ts'
import type { Admission } from '../commands/gate.ts'
import type { OnProgress } from '../commands/request.ts'
import type { Config, Environment } from '../config.ts'
import type { CircuitBreaker, CircuitBreakerOptions } from '../guards/circuit-breaker.ts'
import type { Moderate, ModerationVerdict } from '../guards/moderation.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/log.ts'
import type { Handled, IncomingMessage, Status } from '../kernel/message.ts'
import type { Setting } from '../settings/setting.ts'
import type { OnSettingChange } from '../settings/settings.ts'
import type { PoolUse } from '../storage/contract.ts'
import type { AuditLogRepository } from './api/audit-log-repository.ts'
import type { UserRepository } from './api/user-repository.ts'

export interface ChatwardenOptions {
  /** Variables that win over those of the process, e.g. `{ OWNER_PHONE_NUMBERS: '+15550001111' }`. */
  readonly env?: Environment
  /** Whether this process runs what is done by itself: clean-up, exports, checkpoints and the like. It does by default. */
  readonly jobs?: boolean
  /** Event types of the host's own, by action. */
  readonly events?: EventTypes
  /** Settings of the host's own, made with `defineSetting`, for `!config get`, `set` and `reset`. */
  readonly settings?: readonly Setting[]
  /** Looks at messages for `moderate`, in place of the service that `MODERATION_URL` names. */
  readonly moderate?: Moderate
  readonly clock?: Clock
  readonly log?: Logger
}

/** Chatwarden on a whatsapp-web.js client of the host's. */
export interface Attached {
  /** Whether Chatwarden answers this message, so that the host leaves it alone. */
  isCommand(message: HostMessage): boolean
  /** `Chatwarden.admit` for a message of the client's: who wrote it is looked up first. Never rejects. */
  admit(message: HostMessage): Promise<Admission>
  /** Removes exactly the listeners that were added. Resolves when what was taken has been answered. */
  detach(): Promise<void>
}

/** The settings as a host sees them. */
export interface HostSettings {
  /** The value of a setting at this moment. */
  get<T>(setting: Setting<T>): T
  /** Calls `listener` with each setting whose value has changed, here or elsewhere, until the returned function is called. */
  onChange(listener: OnSettingChange): () => void
}

/** What a host says of a service that may fail; that its changes go into the trail goes without saying. */
export type BreakerOptions = Omit<CircuitBreakerOptions, 'onChange'>

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
  /** What is set in the chat: effective in every process within five seconds. */
  readonly settings: HostSettings
  /**
   * Whether a message that is no command should be answered, by the rules that hold for commands: blocks, whitelist,
   * rate limits. What keeps it from being answered is in the trail. Never rejects.
   */
  admit(message: IncomingMessage): Promise<Admission>
  /** Whether a text may pass. What was flagged is in the trail by its categories alone. Never rejects. */
  moderate(sender: Person, text: string): Promise<ModerationVerdict>
  /** A breaker for a service that may fail: while it is open the service is left alone. Its changes are in the trail. */
  circuitBreaker(options: BreakerOptions): CircuitBreaker
  /** Does something for somebody. A `PermissionError` of it is in the trail, and is thrown on like any other. */
  reportDenials<T>(person: Person, work: () => Promise<T>): Promise<T>
  /**
   * Adds to what the bot spent, in the unit of `cost-threshold-day` and `cost-threshold-month`. Going over one of them
   * is in the trail, once.
   * @throws {ChatwardenError} `INVALID_ARGUMENT`, or `AUDIT_UNAVAILABLE` if it could not be added.
   */
  addCost(amount: number): Promise<void>
  /** Every entry from `fromSeq` on, once, in order, as it is committed here or elsewhere, until `signal` aborts. */
  follow(fromSeq: number, signal: AbortSignal): AsyncGenerator<AuditLog>
  /**
   * Removes entries older than `days` days (default: the configured retention); none while the clock is in doubt, after days without
   * the bot or when it was set (docs/trail.md, “The clock”). @returns how many.
   */
  cleanupExpiredAuditLogs(days?: number): Promise<number>
  startAuditLogCleanupScheduler(): void
  stopAuditLogCleanupScheduler(): Promise<void>
  isSchedulerRunning(): boolean
  /** How much of the connections to PostgreSQL that may be open is in use, in percent of each pool; of a file, none. */
  poolUse(): readonly PoolUse[]
  /** Gives the configured numbers their roles; with `force` also those that were given theirs before. */
  seed(force: boolean): Promise<void>
  /** Stops the chats that are served, detaches, stops the jobs and closes the database. Closing twice is fine. */
  close(): Promise<void>
}
