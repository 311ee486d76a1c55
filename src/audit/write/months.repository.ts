import { setTimeout as sleep } from 'node:timers/promises'
import { ChatwardenError } from '../../kernel/errors.ts'
import { isLockTimeout } from '../../storage/database-error.ts'
import type { AuditWriter } from './audit-writer.ts'
import { prepareMonths } from './trail.repository.ts'

/** How many months ahead have their place: a bot that cannot do this for a quarter of a year still writes. */
const MONTHS_AHEAD = 3
/** How often a month is tried while others read, and how long after each. */
const ATTEMPTS = 40
const PAUSE_MS = 250

/** Where the trail is kept in months: makes those to come, and drops those that are over and have no entries left. */
export async function keepMonths(writer: AuditWriter, now: Date): Promise<void> {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()]
  const ahead = Array.from({ length: MONTHS_AHEAD + 1 }, (_, index) => new Date(Date.UTC(year, month + index)))
  const isPartitioned = await writer.transaction(async ({ db }) => {
    await prepareMonths(db, ahead)
    return db.dialect.isPartitioned
  })
  if (isPartitioned) while ((await dropEmptyMonth(writer)) !== null);
}

/** @returns its name; `null` if there is none, or if somebody read all the time: then it is dropped another day. */
async function dropEmptyMonth(writer: AuditWriter): Promise<string | null> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await writer.transaction(async ({ db }) => {
        const [row] = await db.$queryRaw<{ name: string | null }[]>`SELECT audit_drop_empty_month() AS name`
        return row?.name ?? null
      })
    } catch (error) {
      if (!(error instanceof ChatwardenError && isLockTimeout(error.cause))) throw error
      if (attempt === ATTEMPTS) return null
      await sleep(PAUSE_MS)
    }
  }
}
