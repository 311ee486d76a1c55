import { auditEvent, SYSTEM, SYSTEM_PLACE } from '../audit/entry/entry.ts'
import type { AuditWriter } from '../audit/write/audit-writer.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import { DAY } from '../kernel/clock.ts'
import type { Countdown } from '../kernel/countdown.ts'
import type { Reader, WriteTransaction } from '../storage/contract.ts'
import { accountsOfUser } from './link.repository.ts'

/**
 * For how long who was made OWNER in a chat confirms nothing, in milliseconds of running time: long enough that the other
 * owners hear of it first. A second number of one's own is no second owner.
 */
export const PROBATION = DAY

/** Call it only together with the entry that makes them OWNER, of the number `since`. */
export const beginProbation = (tx: AuditTransaction, userId: string, since: number): Promise<void> =>
  save(tx, { userId, since, remaining: PROBATION })

/** Call it only together with an entry that says so. @returns whether it had not ended. */
export async function endProbation(tx: WriteTransaction, userId: string): Promise<boolean> {
  return (await tx.newOwner.deleteMany({ where: { userId } })).count > 0
}

/**
 * Counts what this process has run. Where somebody else wrote how much is left, all is.
 * @returns how much is left of each.
 */
export async function countRunning(tx: AuditTransaction, countdown: Countdown): Promise<readonly NewOwner[]> {
  const counted: NewOwner[] = []
  for (const row of await tx.db.newOwner.findMany()) {
    const { userId, since } = row
    const written = tx.seals.isSealed('new_owners', row) ? row.remaining : undefined
    const owner = { userId, since, remaining: countdown.left(since, written) }
    await save(tx, owner)
    counted.push(owner)
  }
  return counted
}

/** Counts at the start and end of a process, so that it counts over restarts, be it without jobs. */
export async function countNewOwners(writer: AuditWriter, reader: Reader, countdown: Countdown): Promise<void> {
  if ((await reader.newOwner.count()) > 0) await writer.transaction(async (tx) => void (await stillNew(tx, countdown)))
}

/** Counts the same, and ends what has ended, with an entry. @returns who is a new owner still, by their ids. */
export async function stillNew(tx: AuditTransaction, countdown: Countdown): Promise<Set<string>> {
  const still = new Set<string>()
  for (const { userId, since, remaining } of await countRunning(tx, countdown)) {
    if (remaining > 0) still.add(userId)
    else {
      await endProbation(tx.db, userId)
      const [targetUser = userId] = await accountsOfUser(tx.db, userId)
      await tx.append(auditEvent('OWNER_PROBATION_ENDED', SYSTEM, SYSTEM_PLACE, { targetUser, since }, userId))
    }
  }
  return still
}

interface NewOwner {
  readonly userId: string
  readonly since: number
  readonly remaining: number
}

async function save(tx: Pick<AuditTransaction, 'db' | 'seal'>, row: NewOwner): Promise<void> {
  const sealed = { ...row, seal: await tx.seal('new_owners', row) }
  await tx.db.newOwner.upsert({ where: { userId: row.userId }, create: sealed, update: sealed })
}
