import { join } from 'node:path'
import { ChatwardenError } from '../../kernel/errors.ts'
import type { ObjectStore } from '../../kernel/object-store.ts'
import type { DailyExportParts } from './daily-export-parts.ts'
import { folderOf, namesOf, presentNames } from './day-files.ts'
import type { ExportAttempts } from './export-attempts.ts'
import { type DayName, firstKept } from './export-days.ts'
import { FilesMissing } from './export-failure.ts'
import { exportedDays, saveUploaded } from './exported-day.repository.ts'

/** Uploads the files of the days that are not in the object store yet, where there is one. */
export async function uploadDays(
  parts: DailyExportParts,
  attempts: ExportAttempts,
  stopping: AbortSignal,
): Promise<void> {
  const { reader, objects } = parts
  if (objects === undefined) return
  for (const { day, uploadedAt } of await exportedDays(reader)) {
    if (stopping.aborted) return
    if (uploadedAt !== null) continue
    const failed = await attempts.attempt('upload', day, () => uploadDay(parts, objects, day, stopping))
    // A store that takes nothing takes nothing of the next day either: one problem, and told as one.
    if (failed?.cause instanceof ChatwardenError) return
  }
}

async function uploadDay(
  { directory, keepDays, writer, clock }: DailyExportParts,
  objects: ObjectStore,
  day: DayName,
  stopping: AbortSignal,
): Promise<void> {
  const present = await presentNames(directory, day)
  // Nothing is left to upload, and it is forgotten.
  if (present.length === 0 && day < firstKept(clock.now(), keepDays)) return
  if (present.length < namesOf(day).length) throw new FilesMissing()
  for (const name of present) {
    if (stopping.aborted) return
    await objects.put(`audit-logs/${day}/${name}`, join(folderOf(directory, day), name))
  }
  await writer.transaction(({ db }) => saveUploaded(db, day, new Date(clock.now())))
}
