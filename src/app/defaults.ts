import { AuditEvents } from '../audit/write/audit-logger.ts'
import type { Lost } from '../audit/write/gap.ts'
import type { LogResult } from '../audit/write/observations.ts'
import { AuditLogRepository as Logs } from './api/audit-log-repository.ts'
import { UserRepository as Users } from './api/user-repository.ts'
import { attach } from './attach.ts'
import type { Chatwarden, ChatwardenOptions } from './chatwarden.ts'
import { openChatwarden as open } from './open.ts'

// The only state of a module: the documented names, imported from the package, mean this process's instance.
let current: Promise<Chatwarden> | undefined
let opened: Chatwarden | undefined
/** Events that came while no instance could be opened: the first one that opens tells of them. */
let lost: Lost | undefined

/** Opens Chatwarden and makes it the instance that the names imported from the package work on. */
export async function openChatwarden(options?: ChatwardenOptions): Promise<Chatwarden> {
  const chatwarden = await open(options)
  const instance: Chatwarden = {
    ...chatwarden,
    attach: (client) => attach(chatwarden, client),
    close: () => {
      if (opened === instance) current = opened = undefined
      return chatwarden.close()
    },
  }
  opened = instance
  current = Promise.resolve(instance)
  if (lost !== undefined) instance.AuditLogger.missed(lost)
  lost = undefined
  return instance
}

/** This process's instance; if there is none, one from the environment, without jobs. */
function instance(): Promise<Chatwarden> {
  current ??= openChatwarden({ jobs: false }).catch((error) => {
    // An opening that failed is tried again at the next call.
    current = undefined
    throw error
  })
  return current
}

type Method = (...values: unknown[]) => unknown

/** An object with the methods of a class, each of which opens the instance if need be and is called there. */
function forwarded<T extends object>(type: { prototype: T }, pick: (instance: Chatwarden) => T): T {
  const names = Object.getOwnPropertyNames(type.prototype).filter((name) => name !== 'constructor')
  const forward =
    (name: string) =>
    async (...values: unknown[]) => {
      const target = pick(await instance())
      return (target[name as keyof T] as Method).apply(target, values)
    }
  return Object.fromEntries(names.map((name) => [name, forward(name)])) as T
}

/** The calls never reject, not even where the instance cannot be opened: they resolve to `lost`. */
export const AuditLogger: AuditEvents = Object.fromEntries(
  Object.entries(forwarded(AuditEvents, (instance) => instance.AuditLogger)).map(([name, call]) => [
    name,
    (...values: unknown[]): Promise<LogResult> =>
      (call as (...values: unknown[]) => Promise<LogResult>)(...values).catch((error: unknown) => {
        const now = Date.now()
        lost = { count: (lost?.count ?? 0) + 1, first: lost?.first ?? now, last: now }
        process.emitWarning(`An audit event is lost: ${String(error)}`, 'ChatwardenWarning')
        return 'lost'
      }),
  ]),
) as unknown as AuditEvents

export const AuditLogRepository: Logs = Object.assign(
  forwarded(Logs, (instance) => instance.AuditLogRepository),
  {
    async *iterate(...values: Parameters<Logs['iterate']>) {
      yield* (await instance()).AuditLogRepository.iterate(...values)
    },
  },
)

export const UserRepository: Users = forwarded(Users, (instance) => instance.UserRepository)

/** Removes entries older than `days` days (default: the configured retention). @returns how many. */
export async function cleanupExpiredAuditLogs(days?: number): Promise<number> {
  return (await instance()).cleanupExpiredAuditLogs(days)
}

/** Schedules the clean-up, as `AUDIT_CLEANUP_CRON` says. Starting twice is the same as once. */
export async function startAuditLogCleanupScheduler(): Promise<void> {
  const { startAuditLogCleanupScheduler: start } = await instance()
  start()
}

export async function stopAuditLogCleanupScheduler(): Promise<void> {
  await opened?.stopAuditLogCleanupScheduler()
}

/** Whether the daily clean-up is scheduled in this process. */
export const isSchedulerRunning = (): boolean => opened?.isSchedulerRunning() ?? false
