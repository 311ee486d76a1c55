import type { DailyExportParts } from './daily-export-parts.ts'
import { daysWithFolder, presentNames, removeDay } from './day-files.ts'
import type { ExportAttempts } from './export-attempts.ts'
import { type DayName, firstKept } from './export-days.ts'
import { exportedInTime, forgetExported } from './exported-day.repository.ts'

/**
 * Removes the files of days that are no longer kept; where there is an object store, only of those that are in it. None while the
 * clock is in doubt.
 */
export async function removeOldDays(
  parts: DailyExportParts,
  attempts: ExportAttempts,
  stopping: AbortSignal,
): Promise<void> {
  const { directory, keepDays, reader, writer, clock, objects } = parts
  const now = clock.now()
  const before = firstKept(now, keepDays)
  const exported = await exportedInTime(reader, now)
  const uploaded = new Set(exported.filter(({ uploadedAt }) => uploadedAt !== null).map(({ day }) => day))
  // The last one says where to go on.
  const old = exported.slice(0, -1).filter(({ day }) => day < before)
  await attempts.attempt('clean-up', before, async () => {
    const days = await daysWithFolder(directory, before)
    if (days.length + old.length === 0 || !(await writer.transaction((tx) => tx.isClockTrusted()))) return
    for (const day of days) {
      if (stopping.aborted) return
      if (objects === undefined || uploaded.has(day))
        await attempts.attempt('clean-up', day, () => removeDay(directory, day))
    }
    await forgetGone(
      parts,
      old.map(({ day }) => day),
    )
  })
}

async function forgetGone({ directory, writer }: DailyExportParts, days: readonly DayName[]): Promise<void> {
  const gone: DayName[] = []
  for (const day of days) if ((await presentNames(directory, day)).length === 0) gone.push(day)
  if (gone.length > 0) await writer.transaction(({ db }) => forgetExported(db, gone))
}
