import { join } from 'node:path'
import { makeDirectory } from '../../kernel/durable-file.ts'
import { auditEvent, SYSTEM, SYSTEM_PLACE } from '../entry/entry.ts'
import type { DailyExportParts } from './daily-export-parts.ts'
import { uploadDays } from './daily-upload.ts'
import { DAILY, folderOf, nameOf } from './day-files.ts'
import { ExportAttempts } from './export-attempts.ts'
import { type DayName, daysDue, momentsOf } from './export-days.ts'
import { exportedDays, nextDay, saveExported } from './exported-day.repository.ts'
import { removeOldDays } from './old-days.ts'

/** Exports each day (UTC) once, as files in a folder of its own. One run at a time, of all processes. */
export class DailyExport {
  readonly #parts: DailyExportParts

  constructor(parts: DailyExportParts) {
    this.#parts = parts
  }

  /** Whether there is something to export or to upload. */
  async isDue(): Promise<boolean> {
    const { reader, clock, keepDays, objects } = this.#parts
    if (daysDue(await nextDay(reader, clock.now()), clock.now(), keepDays).length > 0) return true
    return objects !== undefined && (await exportedDays(reader)).some(({ uploadedAt }) => uploadedAt === null)
  }

  /**
   * Exports the days that are due, uploads what is not uploaded yet and removes what is old enough. What cannot be
   * done is told, and is done by a later run. Between two files it ends when `stopping` says so.
   * @throws what went wrong, when everything else is done; or the reason of `stopping`, as something may be left.
   */
  async run(stopping: AbortSignal = new AbortController().signal): Promise<void> {
    const attempts = new ExportAttempts(this.#parts)
    await this.#exportDays(attempts, stopping)
    await uploadDays(this.#parts, attempts, stopping)
    await removeOldDays(this.#parts, attempts, stopping)
    attempts.end()
    stopping.throwIfAborted()
  }

  async #exportDays(attempts: ExportAttempts, stopping: AbortSignal): Promise<void> {
    const { reader, clock, keepDays, log } = this.#parts
    const now = clock.now()
    const next = await nextDay(reader, now)
    const due = daysDue(next, now, keepDays)
    if (next !== undefined && due[0] !== undefined && due[0] > next)
      log.warn({ from: next, to: due[0] }, 'Days before the second of these are too long ago to be exported')
    for (const day of due) {
      if (stopping.aborted) return
      // A day that failed is not passed over: it would never be due again.
      if ((await attempts.attempt('export', day, () => this.#exportDay(day, stopping))) !== undefined) return
    }
  }

  async #exportDay(day: DayName, stopping: AbortSignal): Promise<void> {
    const { directory, exporter } = this.#parts
    const folder = folderOf(directory, day)
    await makeDirectory(directory)
    await makeDirectory(folder)
    const files: ExportedFile[] = []
    for (const { extension, ...kind } of DAILY) {
      if (stopping.aborted) return
      const file = nameOf(day, extension)
      const request = { path: join(folder, file), filter: momentsOf(day), ...kind, by: 'SYSTEM', timeZone: 'UTC' }
      const { count, sha256 } = await exporter.write(request)
      files.push({ format: extension, recordCount: count, file, sha256 })
    }
    await this.#record(day, files)
  }

  /** Last of all: until then the day counts as not exported. No later entry can be of that day, as these are not. */
  async #record(day: DayName, files: readonly ExportedFile[]): Promise<void> {
    const { writer, clock } = this.#parts
    const { startDate, endDate } = momentsOf(day)
    const filters = { since: startDate.toISOString(), until: endDate.toISOString() }
    await writer.transaction(async (tx) => {
      if (!(await saveExported(tx.db, day, new Date(clock.now())))) return
      for (const file of files)
        await tx.append(auditEvent('AUDIT_LOG_EXPORTED', SYSTEM, SYSTEM_PLACE, { ...file, filters, by: 'directory' }))
    })
  }
}

interface ExportedFile {
  readonly format: string
  readonly recordCount: number
  readonly file: string
  readonly sha256: string
}
