import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Archiving } from '../audit/archive/archiving.ts'
import { EVENT_TYPES } from '../audit/entry/event-types.ts'
import { DailyExport } from '../audit/export/daily-export.ts'
import type { ExportFailure } from '../audit/export/export-failure.ts'
import { follow } from '../audit/read/follow.ts'
import { AuditLogs } from '../audit/read/stored-entries.repository.ts'
import { mayBeErased } from '../audit/remove/erasure.ts'
import { removeExpired } from '../audit/remove/retention.ts'
import { Evidence } from '../audit/verify/evidence.ts'
import { checkSigningKey } from '../audit/write/appender.ts'
import { AuditEvents } from '../audit/write/audit-logger.ts'
import { AuditWriter } from '../audit/write/audit-writer.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import { Observations } from '../audit/write/observations.ts'
import { SigningKey } from '../audit/write/signing-key.ts'
import { Spool } from '../audit/write/spool.ts'
import { sparkline } from '../charts/sparkline.ts'
import { drawStackedDays } from '../charts/stacked-days.ts'
import type { WhatsAppParts } from '../chat/whatsapp/whatsapp.ts'
import { ExpiredShares } from '../commands/expired-shares.ts'
import { Gate } from '../commands/gate.ts'
import { removeStale } from '../commands/outgoing.ts'
import { Router } from '../commands/router.ts'
import { tellExportFailed } from '../commands/tell-export-failed.ts'
import { sendDailyCheckpoint } from '../commands/witness.ts'
import { type Config, readConfig } from '../config.ts'
import { type Clock, DAY, systemClock } from '../kernel/clock.ts'
import { newId } from '../kernel/ids.ts'
import { createLogger, type Logger } from '../kernel/log.ts'
import { secretFile } from '../kernel/secret-file.ts'
import { seed } from '../roles/seed.ts'
import { findUser, findUserById } from '../roles/stored-user.repository.ts'
import { effectiveRole } from '../roles/user.ts'
import { Scheduler } from '../schedule/scheduler.ts'
import { instancePath, spoolDirectory } from '../storage/beside-database.ts'
import type { Database } from '../storage/contract.ts'
import { openDatabase } from '../storage/database.ts'
import { Leases } from '../storage/leases.ts'
import { watchPools } from '../storage/pool-watch.ts'
import { RateLimits } from '../storage/rate-limits.ts'
import { openSnapshot } from '../storage/snapshot.ts'
import { english } from '../text/english.ts'
import { CostMeter } from '../usage/cost-meter.ts'
import { Answering } from './answering.ts'
import { AuditLogRepository } from './api/audit-log-repository.ts'
import { UserRepository } from './api/user-repository.ts'
import type { Chatwarden, ChatwardenOptions } from './chatwarden.ts'
import { erasureOf } from './erasure-parts.ts'
import { fileParts } from './file-parts.ts'
import { guardParts } from './guard-parts.ts'
import { jobs } from './jobs.ts'
import { KeptReplies } from './kept-replies.ts'
import { replaysOf } from './replays.ts'
import { type SettingParts, settingParts } from './setting-parts.ts'
import { whatsAppParts } from './whatsapp-parts.ts'

/** An instance with what transports need; what only a host's client needs (`attach`) is loaded with the package alone. */
export interface Opened extends Omit<Chatwarden, 'attach'> {
  readonly whatsApp: WhatsAppParts
  readonly archiving: Archiving
}

/**
 * Opens Chatwarden: reads the configuration, brings the database up to date and seeds roles.
 * @throws {ChatwardenError} `CONFIG_INVALID` or `MIGRATION_FAILED`; nothing is left open then.
 */
export async function openChatwarden(options: ChatwardenOptions = {}): Promise<Opened> {
  const config = readConfig(options.env)
  const clock = options.clock ?? systemClock
  const log = options.log ?? createLogger(config.logLevel)
  const database = await openDatabase(config.databaseUrl, { poolSize: config.databasePoolSize })
  try {
    return await compose(config, database, options, clock, log)
  } catch (error) {
    await database.close()
    throw error
  }
}

async function compose(
  config: Config,
  database: Database,
  options: ChatwardenOptions,
  clock: Clock,
  log: Logger,
): Promise<Opened> {
  const { reader } = database
  const key = new SigningKey(config)
  await checkSigningKey(reader, key)
  const writer = new AuditWriter(database, { ...options.events, ...EVENT_TYPES }, clock, key)
  const logs = new AuditLogs(reader)
  const instance = secretFile(instancePath(config), newId)
  const spool = new Spool(spoolDirectory(config), log)
  const erasure = erasureOf(config, clock, (subject) => spool.removeMatching((draft) => mayBeErased(draft, subject)))
  const observations = new Observations(writer, spool, clock, log, (text) => erasure.hashOf(text))
  const events = new AuditEvents(observations)
  const outgoing = join(config.dataDir, 'outgoing')
  const { commandPrefix: prefix, defaultCountry } = config
  const parts = await settingParts(config, reader, options.settings ?? [], clock, log)
  const { settings, own } = parts
  writer.onCommit(() => settings.committed())
  const charts = { stackedDays: drawStackedDays, sparkline }
  const evidence = new Evidence({
    reader,
    key,
    clock,
    openSnapshot: () => openSnapshot(config.databaseUrl),
    replays: replaysOf,
  })
  const files = fileParts(config, { database, writer, key, clock, log })
  const { exporter, objects, sharedObjects, archiving, archive } = files
  const retention = { writer, logs, clock, archive }
  const services = {
    ...parts,
    logs,
    reader,
    clock,
    charts,
    evidence,
    erasure,
    ...files,
    log,
    instance,
    texts: english,
    prefix,
    defaultCountry,
  }
  const roleOf = async (phone: string) => effectiveRole(await findUser(reader, phone))
  const counter = database.shared && new RateLimits(database.shared.aside, clock)
  const guards = guardParts(config, settings, own, events, roleOf, log, options.moderate, counter)
  const notesBy = config.chats.find((chat) => chat === 'whatsapp')
  const router = new Router(writer, events, services, guards.limit, log, outgoing, notesBy)
  const gate = new Gate(writer, services, guards.limit, log)
  const costs = costMeter(writer, parts, clock)
  const retentionDays = () => settings.get(own.retentionDays)
  const checkpoint = async (tx: AuditTransaction) => {
    if (notesBy !== undefined) await sendDailyCheckpoint(tx, notesBy, services)
  }
  const tell = async (tx: AuditTransaction, failure: ExportFailure) => {
    if (notesBy !== undefined) await tellExportFailed(tx, notesBy, services, failure)
  }
  const { directory, keepDays } = config.exports
  const dailyExport =
    directory === undefined
      ? undefined
      : new DailyExport({ directory, keepDays, exporter, writer, reader, objects, clock, log, tell })
  const expiredShares = objects && new ExpiredShares(objects, sharedObjects, clock, log)
  const scheduler = new Scheduler(
    jobs({
      config,
      reader,
      writer,
      retention,
      archiving,
      clock,
      outgoing,
      retentionDays,
      checkpoint,
      dailyExport,
      expiredShares,
    }),
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

  const kept = new KeptReplies(database, instance, log)
  const whatsApp = whatsAppParts(config, database, (message) => router.isCommand(message), clock, log)
  const answering = new Answering({ router, services, kept, log })
  const { working } = answering
  const unwatchPools = watchPools(database.shared, log)
  let closing: Promise<void> | undefined
  const close = async () => {
    await answering.stop()
    await scheduler.stop()
    settings.unwatch()
    unwatchPools()
    await working.settled()
    await observations.close()
    await writer.flush()
    await kept.close()
    objects?.close()
    await database.close()
  }
  try {
    await spool.open()
    await seedRoles(false)
    observations.start()
    await removeStale(outgoing, clock.now() - 7 * DAY)
    settings.watch()
    if (options.jobs ?? true) scheduler.start()
  } catch (error) {
    await close()
    throw error
  }
  return {
    config,
    whatsApp,
    archiving,
    AuditLogger: events,
    AuditLogRepository: new AuditLogRepository(
      logs,
      writer,
      retention,
      erasure,
      exporter,
      async (id) => (await findUserById(reader, id))?.phoneNumber,
    ),
    UserRepository: new UserRepository(reader, writer, clock),
    serve: (adapter) => answering.serve(adapter),
    respond: (message, send) => answering.respond(message, send),
    handle: (message, onProgress = () => {}) =>
      working.track(() => router.handle({ message, onProgress, keepsReplies: false })),
    isCommand: (message) => router.isCommand(message),
    settings,
    admit: (message) => working.track(() => gate.admit(message)),
    moderate: (sender, text) => working.track(() => guards.moderate(sender, text)),
    circuitBreaker: guards.breaker,
    reportDenials: guards.errors.run,
    addCost: (amount) => working.track(() => costs.add(amount)),
    follow: (fromSeq, signal) => follow(writer, logs, fromSeq, signal),
    cleanupExpiredAuditLogs: (days = retentionDays()) => removeExpired(retention, days),
    startAuditLogCleanupScheduler: () => {
      if (closing === undefined) scheduler.start()
    },
    stopAuditLogCleanupScheduler: () => scheduler.stop(),
    isSchedulerRunning: () => scheduler.isRunning,
    poolUse: () => database.shared?.poolUse() ?? [],
    seed: seedRoles,
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

function costMeter(writer: AuditWriter, { settings, own, time }: SettingParts, clock: Clock): CostMeter {
  const dayOf = (moment: number) => time(new Date(moment)).slice(0, 10)
  const day = () => settings.get(own.costThresholdDay)
  const month = () => settings.get(own.costThresholdMonth)
  return new CostMeter({ writer, clock, dayOf, thresholds: { day, month } })
}

function configuredRoles({ ownerPhoneNumbers, adminPhoneNumbers, operatorPhoneNumbers }: Config) {
  return [
    ...ownerPhoneNumbers.map((phone) => [phone, 'OWNER'] as const),
    ...adminPhoneNumbers.map((phone) => [phone, 'ADMIN'] as const),
    ...operatorPhoneNumbers.map((phone) => [phone, 'OPERATOR'] as const),
  ]
}
