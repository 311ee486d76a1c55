import { setTimeout as sleep } from 'node:timers/promises'
import { DAY } from '../kernel/clock.ts'
import { ChatwardenError } from '../kernel/errors.ts'
import type { AuditWriter } from './audit-writer.ts'
import { prepareMonths } from './trail.repository.ts'

/** Who reads makes it give up at once, so that nobody waits behind it: then it is tried so often. */
const TRIES = 10
const PAUSE_MS = 500

/**
 * Where the trail is kept in parts by time: makes the next month's, so that its first entry need not, and drops those of
 * months that are over and have no entries left. One that somebody reads all the time stays until another day.
 */
export async function tendMonths(writer: AuditWriter, now: number): Promise<void> {
  const isPartitioned = await writer.transaction(async ({ db }) => {
    await prepareMonths(db, [new Date(now), new Date(now + 31 * DAY)])
    return db.dialect.isPartitioned
  })
  if (!isPartitioned) return
  for (let tries = 0; tries < TRIES; ) {
    try {
      if (!(await dropOne(writer))) return
    } catch (error) {
      if (!(error instanceof ChatwardenError && error.code === 'AUDIT_UNAVAILABLE')) throw error
      tries++
      await sleep(PAUSE_MS)
    }
  }
}

async function dropOne(writer: AuditWriter): Promise<boolean> {
  const [row] = await writer.transaction(
    ({ db }) => db.$queryRaw<{ month: string | null }[]>`SELECT audit_drop_empty_month() AS "month"`,
  )
  return row?.month != null
}
