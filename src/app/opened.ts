import type { Archiving } from '../audit/archive/archiving.ts'
import { follow } from '../audit/read/follow.ts'
import { removeExpired } from '../audit/remove/retention.ts'
import type { WhatsAppParts } from '../chat/whatsapp/whatsapp.ts'
import type { Outcome } from '../commands/command.ts'
import { decideAsOperator, type WaitingRequest, waiting } from '../commands/decide.ts'
import type { Admission } from '../commands/gate.ts'
import { readOnce } from '../commands/host-message.ts'
import type { Arrived } from '../kernel/arrived.ts'
import type { IncomingMessage } from '../kernel/message.ts'
import { findUserById } from '../roles/stored-user.repository.ts'
import { AuditLogRepository } from './api/audit-log-repository.ts'
import { UserRepository } from './api/user-repository.ts'
import type { ChatParts } from './chat-parts.ts'
import type { Chatwarden } from './chatwarden.ts'
import type { CommandParts } from './command-parts.ts'
import type { FileParts } from './file-parts.ts'
import type { Ground } from './ground.ts'
import type { GuardParts } from './guard-parts.ts'
import type { JobParts } from './job-parts.ts'
import type { Life } from './life.ts'
import { systemOperator } from './operator.ts'
import { ownFileAt } from './own-file.ts'
import type { SettingParts } from './setting-parts.ts'
import type { TrailParts } from './trail-parts.ts'

/** An instance with what transports need; what only a host's client needs (`attach`) is loaded with the package alone. */
export interface Opened extends Omit<Chatwarden, 'attach'> {
  readonly whatsApp: WhatsAppParts
  readonly archiving: Archiving
  /** What owners asked for that waits for another owner. */
  waiting(): Promise<WaitingRequest[]>
  /** With where it was counted when it arrived. */
  admit(message: IncomingMessage, arrived?: Arrived): Promise<Admission>
  /** Confirms it as whoever runs the bot. */
  decide(code: string): Promise<Outcome>
}

export type Parts = TrailParts & SettingParts & FileParts & GuardParts & CommandParts & ChatParts & JobParts

/** The public face of the parts. */
export function opened({ config, reader, clock, heard, database }: Ground, parts: Parts, life: Life): Opened {
  const { writer, logs, retention, erasure, exporter, answering, intake, gate, costs, scheduler } = parts
  const { working } = answering
  const isUser = async (id: string) => (await findUserById(reader, id)) !== undefined
  const ownFile = (path: string) => ownFileAt(config, path)
  return {
    config,
    whatsApp: parts.whatsApp,
    archiving: parts.archiving,
    AuditLogger: parts.events,
    AuditLogRepository: new AuditLogRepository(logs, writer, retention, erasure, exporter, isUser, ownFile),
    UserRepository: new UserRepository(reader, writer, clock),
    serve: (adapter) => answering.serve(adapter),
    respond: (message, send) => answering.respond(readOnce(message), send),
    handle: (given, onProgress = () => {}) => {
      const message = readOnce(given)
      heard.hear(message?.sentAt)
      return working.track(() => intake.handle({ message, onProgress, keepsReplies: false }))
    },
    isCommand: (message) => intake.isCommand(readOnce(message as IncomingMessage)),
    settings: parts.settings,
    admit: (given, arrived) => {
      const message = readOnce(given)
      heard.hear(message?.sentAt)
      return working.track(() => gate.admit(message, arrived))
    },
    moderate: (sender, text) => working.track(() => parts.moderate(sender, text)),
    circuitBreaker: parts.breaker,
    reportDenials: parts.errors.run,
    addCost: (amount) => working.track(() => costs.add(amount)),
    follow: (fromSeq, signal) => follow(writer, logs, fromSeq, signal),
    cleanupExpiredAuditLogs: (days = parts.retentionDays()) => removeExpired(retention, days),
    startAuditLogCleanupScheduler: () => life.startJobs(),
    stopAuditLogCleanupScheduler: () => scheduler.stop(),
    isSchedulerRunning: () => scheduler.isRunning,
    poolUse: () => database.shared?.poolUse() ?? [],
    waiting: () => waiting(parts.services),
    decide: (code) =>
      working.track(() => decideAsOperator(code, systemOperator(), writer, parts.services, parts.notesBy)),
    seed: (force) => life.seed(force),
    close: () => life.close(),
  }
}
