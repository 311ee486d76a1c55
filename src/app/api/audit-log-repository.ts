import type { AuditFilter, AuditQuery } from '../../audit/entry/audit-filter.ts'
import { type AuditEntry, type AuditLog, SYSTEM } from '../../audit/entry/entry.ts'
import type { AuditCategory } from '../../audit/entry/event-type.ts'
import { isReserved } from '../../audit/entry/event-types.ts'
import { exportToText } from '../../audit/export/export-text.ts'
import type { Exporter } from '../../audit/export/exporter.ts'
import type { ExportFormat, ExportProfile } from '../../audit/export/formats.ts'
import type { AuditStatistics, StoredEntries } from '../../audit/read/stored-entries.repository.ts'
import type { Erasure } from '../../audit/remove/erasure.ts'
import { type Retention, removeExpired } from '../../audit/remove/retention.ts'
import { actorOf, type Person } from '../../audit/write/audit-logger.ts'
import type { AuditWriter } from '../../audit/write/audit-writer.ts'
import { ChatwardenError } from '../../kernel/errors.ts'

/** What a new entry needs; category and description come from the action's event type. */
export interface NewAuditLog extends Omit<Person, 'id' | 'role'> {
  readonly action: string
  readonly userId?: string
  readonly userRole?: string
  readonly metadata?: Readonly<Record<string, unknown>>
}

export interface ExportOptions {
  /** Whose columns a CSV has: document 002's, or those of the moderation runbook (document 000). */
  readonly profile?: ExportProfile
  /** The time zone that the manifest names. */
  readonly timeZone?: string
}

/** The documented repository of the trail (document 002). Lists are newest first. */
export class AuditLogRepository {
  readonly #logs: StoredEntries
  readonly #writer: AuditWriter
  readonly #retention: Retention
  readonly #erasure: Erasure
  readonly #exporter: Exporter
  readonly #isUser: (userId: string) => Promise<boolean>

  constructor(
    logs: StoredEntries,
    writer: AuditWriter,
    retention: Retention,
    erasure: Erasure,
    exporter: Exporter,
    isUser: (userId: string) => Promise<boolean>,
  ) {
    this.#erasure = erasure
    this.#exporter = exporter
    this.#logs = logs
    this.#writer = writer
    this.#retention = retention
    this.#isUser = isUser
  }

  /**
   * Writes one entry. Actions are Chatwarden's own or registered with `openChatwarden({ events })`.
   * @throws {ChatwardenError} `INVALID_EVENT`, or `AUDIT_UNAVAILABLE` if it could not be written.
   */
  async create(entry: NewAuditLog): Promise<AuditLog> {
    const { action, userId, userRole, metadata = {}, ...person } = entry
    if (isReserved(action)) throw new ChatwardenError('INVALID_EVENT', `Only Chatwarden itself writes ${action}.`)
    const actor = actorOf({ ...person, id: userId, role: userRole })
    const [stored] = await this.#writer.append({ action, actor, place: { source: 'api' }, metadata, reported: true })
    return { ...(stored as AuditEntry), phoneNumber: (stored as AuditEntry).account }
  }

  /**
   * Entries that match, all of them or at most `limit` (1 to 1000).
   * @throws {ChatwardenError} `INVALID_ARGUMENT`; `RESULT_TOO_LARGE` where `iterate` should be used.
   */
  query(query: AuditQuery = {}): Promise<AuditLog[]> {
    return this.#logs.query(query)
  }

  /** All entries that match, without holding them in memory. */
  iterate(filter: AuditFilter = {}): AsyncGenerator<AuditLog> {
    return this.#logs.iterate(filter)
  }

  count(filter: AuditFilter = {}): Promise<number> {
    return this.#logs.count(filter)
  }

  findByUser(userId: string, limit = 50): Promise<AuditLog[]> {
    return this.query({ userId, limit })
  }

  findByPhoneNumber(phoneNumber: string, limit = 50): Promise<AuditLog[]> {
    return this.query({ phoneNumber, limit })
  }

  findByCategory(category: AuditCategory, limit = 50): Promise<AuditLog[]> {
    return this.query({ category, limit })
  }

  findByAction(action: string, limit = 50): Promise<AuditLog[]> {
    return this.query({ action, limit })
  }

  findByDateRange(startDate: Date, endDate: Date, limit?: number): Promise<AuditLog[]> {
    return this.query({ startDate, endDate, limit })
  }

  getRecent(limit = 50): Promise<AuditLog[]> {
    return this.query({ limit })
  }

  getStatistics(filter: AuditFilter = {}): Promise<AuditStatistics> {
    return this.#logs.statistics(filter)
  }

  /** A JSON array. @throws {ChatwardenError} `EXPORT_TOO_LARGE`, where `exportTo` should be used. */
  exportToJSON(filter: AuditFilter = {}): Promise<string> {
    return exportToText(this.#logs, filter, 'json')
  }

  /** RFC 4180 with a header line. @throws {ChatwardenError} `EXPORT_TOO_LARGE`, where `exportTo` should be used. */
  exportToCSV(filter: AuditFilter = {}): Promise<string> {
    return exportToText(this.#logs, filter, 'csv')
  }

  /**
   * Streams entries to a file, which appears when it is complete, with a signed manifest (`.manifest`) and a
   * `.sha256` beside it. A name that ends in `.gz` is compressed.
   * @returns how many entries it holds.
   */
  async exportTo(
    path: string,
    format: ExportFormat,
    filter: AuditFilter = {},
    { profile, timeZone = 'UTC' }: ExportOptions = {},
  ): Promise<number> {
    const gzip = path.endsWith('.gz')
    const { count } = await this.#exporter.write({ path, format, filter, profile, gzip, timeZone, by: 'SYSTEM (api)' })
    return count
  }

  /** Removes entries older than `days` days (1 to 3650). @returns how many. */
  deleteExpired(days: number): Promise<number> {
    return removeExpired(this.#retention, days)
  }

  /**
   * Erases the entries by and about one user but those of AUTH and CONFIG, which stay until their retention.
   * @returns how many were erased.
   * @throws {ChatwardenError} `USER_NOT_FOUND`; `UNDER_HOLD` while a legal hold keeps them.
   */
  async deleteByUser(userId: string): Promise<number> {
    const isKnown = (await this.#isUser(userId)) || (await this.#logs.count({ userId }, 1)) > 0
    if (!isKnown) throw new ChatwardenError('USER_NOT_FOUND', JSON.stringify(userId))
    const request = { subject: { userId, accounts: [] }, actor: SYSTEM, place: { source: 'api' } } as const
    const { erased } = await this.#writer.transaction((tx) => this.#erasure.erase(tx, request))
    return erased
  }
}
