import { hostname } from 'node:os'
import { join } from 'node:path'
import { AuditLogs } from './audit/audit-log.repository.ts'
import { AuditLogRepository } from './audit/audit-log-repository.ts'
import { AuditEvents } from './audit/audit-logger.ts'
import { AuditWriter } from './audit/audit-writer.ts'
import type { AuditLog } from './audit/entry.ts'
import { EVENT_TYPES, type EventTypes } from './audit/event-types.ts'
import { follow } from './audit/follow.ts'
import { removeExpired } from './audit/retention.ts'
import type { Send } from './chat/adapter.ts'
import { deliver } from './chat/deliver.ts'
import { hasEndedWindows } from './commands/denial-window.repository.ts'
import { tellCountedDenials } from './commands/denials.ts'
import { forgetProcessed } from './commands/inbox.repository.ts'
import { removeStale } from './commands/outgoing.ts'
import { type OnProgress, Router } from './commands/router.ts'
import { type Config, type Environment, readConfig } from './config.ts'
import { type Clock, DAY, systemClock } from './kernel/clock.ts'
import { newId } from './kernel/ids.ts'
import { InFlight } from './kernel/in-flight.ts'
import { createLogger, type Logger } from './kernel/log.ts'
import type { Handled, IncomingMessage, Status } from './kernel/message.ts'
import { seed } from './roles/seed.ts'
import { findUserById } from './roles/user.repository.ts'
import { UserRepository } from './roles/user-repository.ts'
import { type Job, Scheduler } from './schedule/scheduler.ts'
import { type Database, openDatabase } from './storage/database.ts'
import { Leases } from './storage/leases.ts'
import { english } from './text/english.ts'
import { timeFormat } from './text/time.ts'

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
  /** Waits for what is being written, stops the jobs and closes the database. Closing twice is fine. */
  close(): Promise<void>
}

/**
 * Opens Chatwarden: reads the configuration, brings the database up to date and seeds roles.
 * @throws {ChatwardenError} `CONFIG_INVALID` or `MIGRATION_FAILED`; nothing is left open then.
 */
export async function openChatwarden(options: ChatwardenOptions = {}): Promise<Chatwarden> {
  const config = readConfig(options.env)
  const clock = options.clock ?? systemClock
  const log = options.log ?? createLogger(config.logLevel)
  const database = await openDatabase(config.databaseUrl)
  const { reader } = database
  const writer = new AuditWriter(database, { ...options.events, ...EVENT_TYPES }, clock)
  const logs = new AuditLogs(reader)
  const events = new AuditEvents(writer, clock, log)
  const outgoing = join(config.dataDir, 'outgoing')
  const { commandPrefix: prefix, defaultCountry } = config
  const services = { logs, reader, clock, texts: english, prefix, defaultCountry, time: timeFormat(config.timeZone) }
  const router = new Router(writer, events, services, log, outgoing)
  const scheduler = new Scheduler(
    jobs(config, database, writer, logs, clock),
    new Leases(database, clock, `${hostname()}:${process.pid}:${newId()}`),
    clock,
    log,
    config.timeZone,
  )
  const seedRoles = (force: boolean) =>
    seed(
      writer,
      reader,
      { numbers: configuredRoles(config), trialOwner: config.chats.includes('terminal'), force },
      clock,
    )

  const working = new InFlight()
  let closing: Promise<void> | undefined
  const close = async () => {
    await scheduler.stop()
    await working.settled()
    await events.flush()
    await writer.flush()
    await database.close()
  }
  try {
    await seedRoles(false)
    await removeStale(outgoing, clock.now() - DAY)
    if (options.jobs ?? true) scheduler.start()
  } catch (error) {
    await close()
    throw error
  }
  return {
    config,
    AuditLogger: events,
    AuditLogRepository: new AuditLogRepository(
      logs,
      writer,
      clock,
      async (id) => (await findUserById(reader, id))?.phoneNumber,
    ),
    UserRepository: new UserRepository(reader, writer, clock),
    respond: (message, send) =>
      working.track(async () => {
        let told = Promise.resolve()
        const { status, replies } = await router.handle(message, (reply) => {
          // In a group it would be one more notice there, about nothing yet.
          if (message.chat.kind === 'private')
            told = told.then(async () => void (await deliver(send, message, [reply], english, log)))
        })
        await told
        const isComplete = await deliver(send, message, replies, english, log)
        return status === 'answered' && !isComplete ? 'failed' : status
      }),
    handle: (message, onProgress) => working.track(() => router.handle(message, onProgress)),
    isCommand: (message) => router.isCommand(message),
    follow: (fromSeq, signal) => follow(writer, logs, fromSeq, signal),
    cleanupExpiredAuditLogs: (days = config.retentionDays) => removeExpired(writer, logs, clock, days),
    startAuditLogCleanupScheduler: () => {
      if (closing === undefined) scheduler.start()
    },
    stopAuditLogCleanupScheduler: () => scheduler.stop(),
    isSchedulerRunning: () => scheduler.isRunning,
    seed: seedRoles,
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

function jobs(config: Config, { reader }: Database, writer: AuditWriter, logs: AuditLogs, clock: Clock): Job[] {
  return [
    {
      name: 'audit-cleanup',
      cron: config.cleanupCron,
      exclusive: true,
      run: async () => {
        await removeExpired(writer, logs, clock, config.retentionDays)
        await writer.transaction((tx) => forgetProcessed(tx.db, new Date(clock.now() - 7 * DAY)))
      },
    },
    {
      name: 'denial-windows',
      cron: '* * * * *',
      exclusive: false,
      run: async () => {
        if (!(await hasEndedWindows(reader, clock.now()))) return
        await writer.transaction((tx) => tellCountedDenials(tx, clock.now()))
      },
    },
  ]
}

function configuredRoles({ ownerPhoneNumbers, adminPhoneNumbers, operatorPhoneNumbers }: Config) {
  return [
    ...ownerPhoneNumbers.map((phone) => [phone, 'OWNER'] as const),
    ...adminPhoneNumbers.map((phone) => [phone, 'ADMIN'] as const),
    ...operatorPhoneNumbers.map((phone) => [phone, 'OPERATOR'] as const),
  ]
}
