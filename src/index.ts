export type { NewAuditLog } from './app/api/audit-log-repository.ts'
export type { Attached, Chatwarden, ChatwardenOptions, HostSettings } from './app/chatwarden.ts'
export {
  AuditLogger,
  AuditLogRepository,
  cleanupExpiredAuditLogs,
  isSchedulerRunning,
  openChatwarden,
  startAuditLogCleanupScheduler,
  stopAuditLogCleanupScheduler,
  UserRepository,
} from './app/defaults.ts'
export type { AuditFilter, AuditQuery } from './audit/entry/audit-filter.ts'
export type { AuditLog } from './audit/entry/entry.ts'
export { AuditCategory, defineEvent, type EventType } from './audit/entry/event-type.ts'
export type { EventTypes } from './audit/entry/event-types.ts'
export type { AuditStatistics } from './audit/read/stored-entries.repository.ts'
export type { Person } from './audit/write/audit-logger.ts'
export type { LogResult } from './audit/write/observations.ts'
export type { ChatAdapter, Content, Destination, Send } from './chat/adapter.ts'
export type { HostClient, HostMessage } from './chat/whatsapp/host-client.ts'
export type { Admission } from './commands/gate.ts'
export type { Config, Environment } from './config.ts'
export { type CircuitBreaker, CircuitOpenError, createCircuitBreaker } from './guards/circuit-breaker.ts'
export { createErrorHandler, type ErrorHandler, PermissionError } from './guards/error-handler.ts'
export { createModeration, type Moderate, type Moderation, type ModerationVerdict } from './guards/moderation.ts'
export { openAiModeration } from './guards/openai-moderation.ts'
export { createRateLimiter, type RateLimiter, type RateVerdict } from './guards/rate-limiter.ts'
export { ChatwardenError, ERRORS, type ErrorCode } from './kernel/errors.ts'
export type { Attachment, Chat, Handled, IncomingMessage, Reply, Sender, Source, Status } from './kernel/message.ts'
export { Role } from './roles/role.ts'
export type { User } from './roles/user.ts'
export { defineSetting, type Setting, type SettingOptions } from './settings/setting.ts'
export type { PoolUse } from './storage/contract.ts'
