import { DAY, SKEW } from '../../kernel/clock.ts'
import { objectIn } from '../../kernel/json.ts'
import { ownTime } from '../../kernel/own-time.ts'
import type { Reader, WriteTransaction } from '../../storage/contract.ts'
import { countEntries } from '../read/entry-counts.repository.ts'
import { asking, rangeOf } from '../read/seq-range.repository.ts'
import { type DayName, dayAfter, isDayName, lastEnded, momentsOf } from './export-days.ts'

export interface ExportedDay {
  readonly day: DayName
  /** When its files were read back from the object store; `null`: not yet. */
  readonly uploadedAt: Date | null
}

/** The same without those of a clock that was ahead. */
export const exportedInTime = (db: Pick<Reader, 'exportedDay'>, now: number): Promise<ExportedDay[]> =>
  db.exportedDay.findMany({ where: { NOT: isTooEarly(now) }, ...AS_IT_IS })

const AS_IT_IS = { select: { day: true, uploadedAt: true }, orderBy: { day: 'asc' } } as const

/** The days that were exported and of which something is still to be done, and the last one; in their order. */
export const exportedDays = (db: Pick<Reader, 'exportedDay'>): Promise<ExportedDay[]> =>
  db.exportedDay.findMany(AS_IT_IS)

/** Exported by a clock that was wrong, before there was all of it: it counts for none. */
const isTooEarly = (now: number) => ({ exportedAt: { gt: new Date(now + SKEW) } })

/** The first day that is not exported yet; before the first export one that failed, and `undefined` if none has. */
export async function nextDay(
  db: Pick<Reader, 'exportedDay' | '$queryRaw'>,
  now: number,
): Promise<DayName | undefined> {
  const last = await db.exportedDay.findFirst({ where: { NOT: isTooEarly(now) }, orderBy: { day: 'desc' } })
  if (last !== null) return dayAfter(last.day)
  const failed = (await failures(db, new Date(0))).filter(({ reason }) => reason.startsWith('export:'))
  return failed.map(({ day }) => day).sort()[0]
}

/** Which exports failed since then and up to now, and why, as the trail says. */
async function failures(
  db: Pick<Reader, '$queryRaw'>,
  since: Date,
  now = Number.POSITIVE_INFINITY,
): Promise<{ readonly day: DayName; readonly reason: string }[]> {
  const rows = await db.$queryRaw<{ createdAt: Date; metadata: string }[]>`
    SELECT created_at AS "createdAt", metadata FROM audit_logs
    WHERE action = 'SCHEDULED_EXPORT_FAILED' AND created_at > ${since}`
  const isOfThen = (at: Date) => at > since && at.getTime() <= now + SKEW
  return rows.filter((row) => isOfThen(ownTime(row))).flatMap(({ metadata }) => failureIn(metadata))
}

/** None in an entry that somebody changed. */
function failureIn(metadata: string): { readonly day: DayName; readonly reason: string }[] {
  const { day, reason } = objectIn(metadata) ?? {}
  return typeof day === 'string' && isDayName(day) && typeof reason === 'string' ? [{ day, reason }] : []
}

/** How many entries there are of a day, by the times of the trail. */
export async function countOfDay(db: Pick<Reader, '$queryRaw' | 'dialect'>, day: DayName): Promise<number> {
  const ask = asking(db.dialect, (question) => db.$queryRaw(question))
  return countEntries({}, await rangeOf(momentsOf(day), ask, 'trail'), ask)
}

/** @returns whether it was not there yet. */
export async function saveExported(tx: WriteTransaction, day: DayName, exportedAt: Date): Promise<boolean> {
  await tx.exportedDay.deleteMany({ where: { day, ...isTooEarly(exportedAt.getTime()) } })
  if ((await tx.exportedDay.count({ where: { day } })) > 0) return false
  await tx.exportedDay.create({ data: { day, exportedAt } })
  return true
}

/**
 * Where days are exported: those that have ended by now are not exported again. A trail that was restored from a backup
 * has less of them than their files, which would be replaced.
 */
export async function passOverDays(tx: WriteTransaction, now: number): Promise<void> {
  const last = await tx.exportedDay.findFirst({ where: { NOT: isTooEarly(now) }, orderBy: { day: 'desc' } })
  const newest = lastEnded(now)
  if (last === null || last.day >= newest) return
  const moment = new Date(now)
  await tx.exportedDay.deleteMany({ where: { day: newest } })
  await tx.exportedDay.create({ data: { day: newest, exportedAt: moment, uploadedAt: moment } })
}

export async function saveUploaded(tx: WriteTransaction, day: DayName, uploadedAt: Date): Promise<void> {
  await tx.exportedDay.updateMany({ where: { day }, data: { uploadedAt } })
}

export async function forgetExported(tx: WriteTransaction, days: readonly DayName[]): Promise<void> {
  await tx.exportedDay.deleteMany({ where: { day: { in: [...days] } } })
}

/** Whether the trail has said within a day that the export of this day failed, for this reason. */
export async function hasFailureEntry(
  tx: WriteTransaction,
  { day, reason }: { readonly day: DayName; readonly reason: string },
  now: number,
): Promise<boolean> {
  return (await failures(tx, new Date(now - DAY), now)).some(
    (failure) => failure.day === day && failure.reason === reason,
  )
}
