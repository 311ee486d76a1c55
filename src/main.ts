import { hostname } from 'node:os'
import { join } from 'node:path'
import { AuditLogs } from './audit/audit-log.repository.ts'
import { AuditLogRepository } from './audit/audit-log-repository.ts'
import { AuditEvents } from './audit/audit-logger.ts'
import { AuditWriter } from './audit/audit-writer.ts'
import { EVENT_TYPES } from './audit/event-types.ts'
import { follow } from './audit/follow.ts'
import { removeExpired } from './audit/retention.ts'
import type { ChatAdapter } from './chat/adapter.ts'
import { type Delivery, deliver } from './chat/deliver.ts'
import type { WhatsAppParts } from './chat/whatsapp/whatsapp.ts'
import type { Chatwarden, ChatwardenOptions } from './chatwarden.ts'
import { callerOf } from './commands/caller.ts'
import { removeStale } from './commands/outgoing.ts'
import { Router } from './commands/router.ts'
import { type Config, readConfig } from './config.ts'
import { jobs } from './jobs.ts'
import { KeptReplies } from './kept-replies.ts'
import { DAY, systemClock } from './kernel/clock.ts'
import { newId } from './kernel/ids.ts'
import { InFlight } from './kernel/in-flight.ts'
import { createLogger } from './kernel/log.ts'
import type { IncomingMessage, Reply, Status } from './kernel/message.ts'
import { atLeast } from './roles/role.ts'
import { seed } from './roles/seed.ts'
import { findUserById } from './roles/user.repository.ts'
import { UserRepository } from './roles/user-repository.ts'
import { Scheduler } from './schedule/scheduler.ts'
import { serve } from './serve.ts'
import { openDatabase } from './storage/database.ts'
import { Leases } from './storage/leases.ts'
import { english } from './text/english.ts'
import { timeFormat } from './text/time.ts'
import { whatsAppParts } from './whatsapp-parts.ts'

/** An instance with what transports need; what only a host's client needs (`attach`) is loaded with the package alone. */
export interface Opened extends Omit<Chatwarden, 'attach'> {
  readonly whatsApp: WhatsAppParts
}

/**
 * Opens Chatwarden: reads the configuration, brings the database up to date and seeds roles.
 * @throws {ChatwardenError} `CONFIG_INVALID` or `MIGRATION_FAILED`; nothing is left open then.
 */
export async function openChatwarden(options: ChatwardenOptions = {}): Promise<Opened> {
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
  const router = new Router(
    writer,
    events,
    services,
    log,
    outgoing,
    config.chats.find((chat) => chat === 'whatsapp'),
  )
  const scheduler = new Scheduler(
    jobs(config, database, writer, logs, clock, outgoing),
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

  const kept = new KeptReplies(database, log)
  const whatsApp = whatsAppParts(config, database, (message) => router.isCommand(message), clock, log)
  const working = new InFlight()
  const ending = new AbortController()
  let closing: Promise<void> | undefined
  const served = new Set<ChatAdapter>()
  const close = async () => {
    ending.abort()
    // A reply that waits for a connection would be waited for.
    await Promise.all([...served].map((adapter) => adapter.stop()))
    await scheduler.stop()
    await working.settled()
    await events.flush()
    await writer.flush()
    await kept.flush()
    await database.close()
  }
  const answer = (message: IncomingMessage, delivery: Delivery, keepsReplies: boolean): Promise<Status> =>
    working.track(async () => {
      let told = Promise.resolve()
      const onProgress = (reply: Reply) => {
        // In a group it would be one more notice there, about nothing yet.
        if (message.chat.kind === 'private')
          told = told.then(async () => void (await deliver(message, [reply], delivery)))
      }
      const { status, replies } = await router.handle({ message, onProgress, keepsReplies })
      kept.note(replies)
      await told
      const isComplete = await deliver(message, replies, delivery)
      return status === 'answered' && !isComplete ? 'failed' : status
    })
  const serveChat = (adapter: ChatAdapter): Promise<void> => {
    const delivery: Delivery = { send: adapter.send, texts: english, log, giveUp: (id) => kept.settle(id) }
    served.add(adapter)
    void adapter.ended.then(() => served.delete(adapter))
    return serve(adapter, {
      kept,
      log,
      signal: ending.signal,
      maySee: async ({ message, role }) =>
        role === undefined ||
        atLeast((await callerOf({ ...message, source: adapter.source, text: '' }, reader)).role, role),
      answer: async (message, keepsReplies) => void (await answer(message, delivery, keepsReplies)),
    })
  }
  try {
    await seedRoles(false)
    await removeStale(outgoing, clock.now() - 7 * DAY)
    if (options.jobs ?? true) scheduler.start()
  } catch (error) {
    await close()
    throw error
  }
  return {
    config,
    whatsApp,
    AuditLogger: events,
    AuditLogRepository: new AuditLogRepository(
      logs,
      writer,
      clock,
      async (id) => (await findUserById(reader, id))?.phoneNumber,
    ),
    UserRepository: new UserRepository(reader, writer, clock),
    serve: serveChat,
    respond: (message, send) => answer(message, { send, texts: english, log }, false),
    handle: (message, onProgress = () => {}) =>
      working.track(() => router.handle({ message, onProgress, keepsReplies: false })),
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

function configuredRoles({ ownerPhoneNumbers, adminPhoneNumbers, operatorPhoneNumbers }: Config) {
  return [
    ...ownerPhoneNumbers.map((phone) => [phone, 'OWNER'] as const),
    ...adminPhoneNumbers.map((phone) => [phone, 'ADMIN'] as const),
    ...operatorPhoneNumbers.map((phone) => [phone, 'OPERATOR'] as const),
  ]
}
