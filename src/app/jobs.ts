import type { Archiving } from '../audit/archive/archiving.ts'
import type { DailyExport } from '../audit/export/daily-export.ts'
import type { ClockTrust } from '../audit/remove/clock-trust.ts'
import { type Retention, removeExpired } from '../audit/remove/retention.ts'
import type { AuditWriter } from '../audit/write/audit-writer.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import { keepMonths } from '../audit/write/months.repository.ts'
import { forgetReplayed } from '../audit/write/replayed.repository.ts'
import { forgetConfirmations } from '../commands/confirmation.repository.ts'
import { hasEndedWindows } from '../commands/denial-window.repository.ts'
import { tellCountedDenials } from '../commands/denials.ts'
import type { ExpiredShares } from '../commands/expired-shares.ts'
import { forgetProcessed } from '../commands/inbox.repository.ts'
import { forgetReplies } from '../commands/outbox.repository.ts'
import { removeStale } from '../commands/outgoing.ts'
import { hasDueReminders } from '../commands/reminders.ts'
import type { Config } from '../config.ts'
import { type Clock, DAY, MINUTE } from '../kernel/clock.ts'
import type { Countdown } from '../kernel/countdown.ts'
import { forgetBlocks } from '../roles/block.repository.ts'
import { forgetClaims } from '../roles/claim.repository.ts'
import { forgetAccounts } from '../roles/known-account.repository.ts'
import { countNewOwners } from '../roles/new-owner.repository.ts'
import { forgetRefusals } from '../roles/refusal.repository.ts'
import type { Job } from '../schedule/scheduler.ts'
import type { Reader } from '../storage/contract.ts'
import { forgetRateLimits } from '../storage/rate-limits.ts'
import { forgetCosts } from '../usage/cost.repository.ts'

interface Given {
  readonly config: Config
  readonly reader: Reader
  readonly writer: AuditWriter
  readonly retention: Retention
  readonly clockTrust: ClockTrust
  readonly archiving: Archiving
  readonly clock: Clock
  /** Where files lie on their way. */
  readonly outgoing: string
  retentionDays(): number
  checkpoint(tx: AuditTransaction): Promise<void>
  /** Reminds of what waits for an owner's code. */
  remind(tx: AuditTransaction): Promise<void>
  readonly probation: Countdown
  readonly dailyExport: DailyExport | undefined
  readonly expiredShares: ExpiredShares | undefined
}

/** What is done by itself, besides what is asked for. */
export function jobs(parts: Given): Job[] {
  const { reader, writer, archiving, clock, clockTrust, checkpoint, expiredShares } = parts
  return [
    {
      name: 'audit-checkpoint',
      cron: '0 6 * * *',
      exclusive: true,
      run: () => writer.transaction(checkpoint),
    },
    {
      // In every process: each counts for how long it runs, and hears others tell the time.
      name: 'clock',
      every: MINUTE,
      exclusive: false,
      isDue: () => clockTrust.isDue(),
      run: () => writer.transaction(async (tx) => void (await clockTrust.settle(tx))),
    },
    ...cleanupJobs(parts),
    {
      // In every process: each has files of its own machine.
      name: 'stale-files',
      every: 10 * MINUTE,
      exclusive: false,
      isDue: async () => !(await clockTrust.isInDoubt()),
      run: () => removeStale(parts.outgoing, clock.now() - 7 * DAY),
    },
    {
      // Looks and tells in one transaction, so that several processes tell of each once.
      name: 'denial-windows',
      every: MINUTE,
      exclusive: false,
      isDue: () => hasEndedWindows(reader, clock.now()),
      run: () => writer.transaction((tx) => tellCountedDenials(tx, clock.now())),
    },
    {
      // Soon, and again until it is done: whoever was erased is not to be found in archives either.
      name: 'audit-archive-erasures',
      every: MINUTE,
      exclusive: true,
      isDue: () => archiving.isBehind(),
      run: (stopping) => archiving.erase(stopping),
    },
    {
      // Looks and reminds in one transaction, so that several processes remind once.
      name: 'confirmation-reminders',
      every: MINUTE,
      exclusive: false,
      isDue: () => hasDueReminders(reader, clock.now()),
      run: () => writer.transaction((tx) => parts.remind(tx)),
    },
    {
      // In every process that runs: what counts is how long any of them does.
      name: 'new-owners',
      every: 5 * MINUTE,
      exclusive: false,
      run: () => countNewOwners(writer, reader, parts.probation),
    },
    ...exportJobs(parts.dailyExport),
    ...shareJobs(expiredShares),
  ]
}

/** What the clock kept from being removed is not left until the next day. */
function cleanupJobs(parts: Given): Job[] {
  const { config, clockTrust } = parts
  const job = { exclusive: true, lease: 'audit-cleanup', run: (stopping: AbortSignal) => cleanUp(parts, stopping) }
  const isTrusted = async () => !(await clockTrust.isInDoubt())
  return [
    { ...job, name: 'audit-cleanup', cron: config.cleanupCron, isDue: isTrusted },
    { ...job, name: 'audit-cleanup-again', every: 10 * MINUTE, isDue: () => clockTrust.isOwed() },
  ]
}

/** Where nothing is shared by links, nothing of it expires. */
function shareJobs(expiredShares: ExpiredShares | undefined): Job[] {
  if (expiredShares === undefined) return []
  const run = () => expiredShares.remove()
  return [{ name: 'shared-objects', every: MINUTE, exclusive: false, atStart: true, run }]
}

/** Days are those of UTC, so the time is, too. What failed, or was due while no process ran, is not left until then. */
function exportJobs(dailyExport: DailyExport | undefined): Job[] {
  if (dailyExport === undefined) return []
  const job = { timezone: 'UTC', exclusive: true, lease: 'audit-export' }
  const run = (stopping: AbortSignal) => dailyExport.run(stopping)
  return [
    { ...job, name: 'audit-export', cron: '0 2 * * *', run },
    { ...job, name: 'audit-export-again', cron: '*/15 * * * *', isDue: () => dailyExport.isDue(), run },
  ]
}

async function cleanUp(
  { writer, retention, archiving, clock, retentionDays }: Given,
  stopping: AbortSignal,
): Promise<void> {
  await removeExpired(retention, retentionDays(), stopping)
  await keepMonths(writer, new Date(clock.now()))
  await archiving.removeOld(stopping)
  await writer.transaction(async (tx) => {
    if (!(await tx.isClockTrusted())) return
    const weekAgo = new Date(clock.now() - 7 * DAY)
    const { db } = tx
    await forgetProcessed(db, weekAgo)
    await forgetReplies(db, clock.now())
    await forgetAccounts(db, new Date(clock.now() - 90 * DAY))
    const monthAgo = new Date(clock.now() - 30 * DAY)
    await forgetClaims(db, monthAgo)
    await forgetRefusals(db, monthAgo)
    await forgetBlocks(db, monthAgo)
    await forgetConfirmations(db, clock.now())
    await forgetReplayed(db, new Date(clock.now() - 400 * DAY))
    await forgetRateLimits(db, clock.now())
    await forgetCosts(db, new Date(clock.now() - 400 * DAY).toISOString().slice(0, 10))
  })
}
