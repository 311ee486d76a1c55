import { join } from 'node:path'
import { makeDirectory } from '../../kernel/durable-file.ts'
import { auditEvent, SYSTEM, SYSTEM_PLACE } from '../entry/entry.ts'
import type { DailyExportParts } from './daily-export-parts.ts'
import { uploadDays } from './daily-upload.ts'
import { DAILY, entriesInFiles, folderOf, nameOf } from './day-files.ts'
import { ExportAttempts } from './export-attempts.ts'
import { type DayName, daysDue, momentsOf } from './export-days.ts'
import { countOfDay, exportedDays, nextDay, saveExported } from './exported-day.repository.ts'
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
    const { directory, reader } = this.#parts
    const folder = folderOf(directory, day)
    await makeDirectory(directory)
    await makeDirectory(folder)
    for (let isWhole = false; !isWhole && !stopping.aborted; ) {
      // Either that was by a clock ahead, or this one is behind: what the files have more is kept.
      const isLess = entriesInFiles(directory, day) > (await countOfDay(reader, day))
      const files = isLess ? [] : await this.#writeFiles(day, folder, stopping)
      isWhole = !stopping.aborted && (await this.#record(day, files))
    }
  }

  async #writeFiles(day: DayName, folder: string, stopping: AbortSignal): Promise<ExportedFile[]> {
    const files: ExportedFile[] = []
    for (const { extension, ...kind } of DAILY) {
      if (stopping.aborted) break
      const file = nameOf(day, extension)
      // By the times of the trail each entry is of one day, which has not been exported yet, whatever was done to the clock.
      const how = { by: 'SYSTEM', timeZone: 'UTC', times: 'trail' } as const
      const request = { path: join(folder, file), filter: momentsOf(day), ...kind, ...how }
      const { count, sha256 } = await this.#parts.exporter.write(request)
      files.push({ format: extension, recordCount: count, file, sha256 })
    }
    return files
  }

  /**
   * Last of all: until then the day counts as not exported. No later entry can be of that day, as these are not.
   * @returns whether the files have all of it: another process whose clock is behind may have written meanwhile.
   */
  async #record(day: DayName, files: readonly ExportedFile[]): Promise<boolean> {
    const { writer, clock } = this.#parts
    const { startDate, endDate } = momentsOf(day)
    const filters = { since: startDate.toISOString(), until: endDate.toISOString() }
    return writer.transaction(async (tx) => {
      const [first] = files
      if (first !== undefined && first.recordCount !== (await countOfDay(tx.db, day))) return false
      if (!(await saveExported(tx.db, day, new Date(clock.now())))) return true
      for (const file of files)
        await tx.append(auditEvent('AUDIT_LOG_EXPORTED', SYSTEM, SYSTEM_PLACE, { ...file, filters, by: 'directory' }))
      return true
    })
  }
}

interface ExportedFile {
  readonly format: string
  readonly recordCount: number
  readonly file: string
  readonly sha256: string
}
