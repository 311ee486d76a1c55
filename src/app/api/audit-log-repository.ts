import { basename } from 'node:path'
import {
  type AuditFilter,
  type AuditQuery,
  checkQuery,
  filterInEntry,
  subjectOfFilter,
} from '../../audit/entry/audit-filter.ts'
import { type Actor, type AuditEntry, type AuditLog, auditEvent, type Place, SYSTEM } from '../../audit/entry/entry.ts'
import type { AuditCategory } from '../../audit/entry/event-type.ts'
import { isReserved, type MetadataOf } from '../../audit/entry/event-types.ts'
import { type ExportedText, exportToText } from '../../audit/export/export-text.ts'
import type { Exporter } from '../../audit/export/exporter.ts'
import type { ExportFormat, ExportProfile } from '../../audit/export/formats.ts'
import { manifestOf, sidecarOf } from '../../audit/export/sidecar.ts'
import type { AuditStatistics, StoredEntries } from '../../audit/read/stored-entries.repository.ts'
import type { Erasure } from '../../audit/remove/erasure.ts'
import { type Retention, removeExpired } from '../../audit/remove/retention.ts'
import { actorOf, type Person } from '../../audit/write/audit-logger.ts'
import type { AuditWriter } from '../../audit/write/audit-writer.ts'
import { ChatwardenError } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { holdsControls } from '../../kernel/path-problem.ts'
import { shownLine } from '../../kernel/plain-text.ts'

/** What a new entry needs; category and description come from the action's event type. */
export interface NewAuditLog extends Omit<Person, 'id' | 'role'> {
  readonly action: string
  readonly userId?: string
  readonly userRole?: string
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** Who reads, which is an entry. A host that reads for itself, in a loop perhaps, names nobody. */
export interface ReadOptions {
  readonly by?: Person
}

export interface ExportOptions extends ReadOptions {
  /** Whose columns a CSV has: document 002's, or those of the moderation runbook (document 000). */
  readonly profile?: ExportProfile
  /** Whether a CSV begins with a byte order mark, by which Excel sees that it is UTF-8. */
  readonly bom?: boolean
  /** The time zone that the manifest names. */
  readonly timeZone?: string
}

const invalidPath = (path: string, problem: string): ChatwardenError =>
  new ChatwardenError('INVALID_ARGUMENT', shownLine(`${path} ${problem}.`))

const PLACE: Place = { source: 'api' }

/** The documented repository of the trail (document 002). Lists are newest first. */
export class AuditLogRepository {
  readonly #logs: StoredEntries
  readonly #writer: AuditWriter
  readonly #retention: Retention
  readonly #erasure: Erasure
  readonly #exporter: Exporter
  readonly #isUser: (userId: string) => Promise<boolean>
  readonly #ownFileAt: (path: string) => string | undefined

  constructor(
    logs: StoredEntries,
    writer: AuditWriter,
    retention: Retention,
    erasure: Erasure,
    exporter: Exporter,
    isUser: (userId: string) => Promise<boolean>,
    ownFileAt: (path: string) => string | undefined,
  ) {
    this.#erasure = erasure
    this.#exporter = exporter
    this.#logs = logs
    this.#writer = writer
    this.#retention = retention
    this.#isUser = isUser
    this.#ownFileAt = ownFileAt
  }

  /**
   * Writes one entry. Actions are Chatwarden's own or registered with `openChatwarden({ events })`.
   * @throws {ChatwardenError} `INVALID_EVENT`, or `AUDIT_UNAVAILABLE` if it could not be written.
   */
  async create(entry: NewAuditLog): Promise<AuditLog> {
    const { action, userId, userRole, metadata = {}, ...person } = entry
    if (isReserved(action)) throw new ChatwardenError('INVALID_EVENT', `Only Chatwarden itself writes ${action}.`)
    const actor = actorOf({ ...person, id: userId, role: userRole })
    const [stored] = await this.#writer.append({ action, actor, place: PLACE, metadata, reported: true })
    return { ...(stored as AuditEntry), phoneNumber: (stored as AuditEntry).account }
  }

  /**
   * Entries that match, all of them or at most `limit` (1 to 1000).
   * @throws {ChatwardenError} `INVALID_ARGUMENT`; `RESULT_TOO_LARGE` where `iterate` should be used; `AUDIT_UNAVAILABLE`
   * where it is to be an entry and can't be.
   */
  async query(query: AuditQuery = {}, { by }: ReadOptions = {}): Promise<AuditLog[]> {
    const entries = await this.#logs.query(query)
    await this.#viewed(query, by)
    return entries
  }

  /** All entries that match, without holding them in memory. */
  async *iterate(filter: AuditFilter = {}, { by }: ReadOptions = {}): AsyncGenerator<AuditLog> {
    checkQuery(filter)
    await this.#viewed(filter, by)
    yield* this.#logs.iterate(filter)
  }

  async count(filter: AuditFilter = {}, { by }: ReadOptions = {}): Promise<number> {
    const count = await this.#logs.count(filter)
    await this.#viewed(filter, by)
    return count
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

  async getStatistics(filter: AuditFilter = {}, { by }: ReadOptions = {}): Promise<AuditStatistics> {
    const statistics = await this.#logs.statistics(filter)
    await this.#viewed(filter, by)
    return statistics
  }

  /**
   * A JSON array. Like every export it is an entry, by `SYSTEM` where nobody is named.
   * @throws {ChatwardenError} `EXPORT_TOO_LARGE`, where `exportTo` should be used; `AUDIT_UNAVAILABLE` without its entry.
   */
  async exportToJSON(filter: AuditFilter = {}, { by }: ReadOptions = {}): Promise<string> {
    return this.#handedOver(await exportToText(this.#logs, filter, 'json'), 'json', filter, by)
  }

  /** The same in the form of RFC 4180, with a header line. */
  async exportToCSV(filter: AuditFilter = {}, { by }: ReadOptions = {}): Promise<string> {
    return this.#handedOver(await exportToText(this.#logs, filter, 'csv'), 'csv', filter, by)
  }

  /**
   * Streams entries to a file, which appears when it is complete, with a signed manifest (`.manifest`) and a
   * `.sha256` beside it. A name that ends in `.gz` is compressed. It is an entry, without which the file does not
   * appear.
   * @returns how many entries it holds.
   * @throws {ChatwardenError} `INVALID_ARGUMENT` for a path of Chatwarden's own files, or of several lines.
   */
  async exportTo(
    path: string,
    format: ExportFormat,
    filter: AuditFilter = {},
    { profile, bom, timeZone = 'UTC', by }: ExportOptions = {},
  ): Promise<number> {
    this.#checkPath(path)
    const gzip = path.endsWith('.gz')
    const actor = readerOf(by)
    const request = { path, format, filter, profile, bom, gzip, timeZone, by: `${actor.account} (api)` }
    const { count } = await this.#exporter.write(request, undefined, ({ count: recordCount, sha256 }) =>
      this.#exported(actor, filter, { format, recordCount, file: basename(path), sha256 }),
    )
    return count
  }

  #checkPath(path: string): void {
    if (holdsControls(path)) throw invalidPath(path, 'must be a path, without line breaks and other control characters')
    for (const file of [path, manifestOf(path), sidecarOf(path)]) {
      const own = this.#ownFileAt(file)
      if (own !== undefined) throw invalidPath(file, own)
    }
  }

  async #handedOver(
    { text, count: recordCount, sha256 }: ExportedText,
    format: string,
    filter: AuditFilter,
    by: Person | undefined,
  ): Promise<string> {
    await this.#exported(readerOf(by), filter, { format, recordCount, sha256 })
    return text
  }

  async #exported(actor: Actor, filter: AuditFilter, metadata: MetadataOf<'AUDIT_LOG_EXPORTED'>): Promise<void> {
    const filters = filterInEntry(filter)
    const event = auditEvent('AUDIT_LOG_EXPORTED', actor, PLACE, { ...metadata, filters }, subjectOfFilter(filter))
    await this.#writer.append(event)
  }

  async #viewed(filter: AuditFilter, by: Person | undefined): Promise<void> {
    if (!by) return
    const filters = filterInEntry(filter)
    await this.#writer.append(auditEvent('AUDIT_LOG_VIEWED', readerOf(by), PLACE, { filters }, subjectOfFilter(filter)))
  }

  /** Removes entries older than `days` days (1 to 3650); none while the clock is in doubt. @returns how many. */
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
    const place = { ...PLACE, requestId: newId() }
    const request = { subject: { userId, accounts: [] }, actor: SYSTEM, place }
    const { erased } = await this.#writer.transaction((tx) => this.#erasure.erase(tx, request))
    return erased
  }
}

const readerOf = (by: Person | undefined): Actor => (by ? actorOf(by) : SYSTEM)
