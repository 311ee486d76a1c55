import type { Archiving } from './audit/archive/archiving.ts'
import type { AuditTransaction, AuditWriter } from './audit/audit-writer.ts'
import { type Retention, removeExpired } from './audit/retention.ts'
import { forgetConfirmations } from './commands/confirmation.repository.ts'
import { hasEndedWindows } from './commands/denial-window.repository.ts'
import { tellCountedDenials } from './commands/denials.ts'
import { forgetProcessed } from './commands/inbox.repository.ts'
import { forgetReplies } from './commands/outbox.repository.ts'
import { removeStale } from './commands/outgoing.ts'
import type { Config } from './config.ts'
import { type Clock, DAY } from './kernel/clock.ts'
import { forgetBlocks } from './roles/block.repository.ts'
import { forgetClaims } from './roles/claim.repository.ts'
import { forgetAccounts } from './roles/known-account.repository.ts'
import { forgetRefusals } from './roles/refusal.repository.ts'
import type { Job } from './schedule/scheduler.ts'
import type { Database } from './storage/database.ts'
import { forgetCosts } from './usage/cost.repository.ts'

/** What is done by itself, besides what is asked for. `outgoing` is where files lie on their way. */
export function jobs(
  config: Config,
  { reader }: Database,
  writer: AuditWriter,
  retention: Retention,
  archiving: Archiving,
  clock: Clock,
  outgoing: string,
  retentionDays: () => number,
  checkpoint: (tx: AuditTransaction) => Promise<void>,
): Job[] {
  return [
    {
      name: 'audit-checkpoint',
      cron: '0 6 * * *',
      exclusive: true,
      run: () => writer.transaction(checkpoint),
    },
    {
      name: 'audit-cleanup',
      cron: config.cleanupCron,
      exclusive: true,
      run: async () => {
        await removeExpired(retention, retentionDays())
        await archiving.erase()
        await archiving.removeOld()
        const weekAgo = new Date(clock.now() - 7 * DAY)
        await removeStale(outgoing, weekAgo.getTime())
        await writer.transaction(async ({ db }) => {
          await forgetProcessed(db, weekAgo)
          await forgetReplies(db, weekAgo)
          await forgetAccounts(db, new Date(clock.now() - 90 * DAY))
          const monthAgo = new Date(clock.now() - 30 * DAY)
          await forgetClaims(db, monthAgo)
          await forgetRefusals(db, monthAgo)
          await forgetBlocks(db, monthAgo)
          await forgetConfirmations(db, weekAgo)
          await forgetCosts(db, new Date(clock.now() - 400 * DAY).toISOString().slice(0, 10))
        })
      },
    },
    {
      name: 'denial-windows',
      cron: '* * * * *',
      exclusive: false,
      run: async () => {
        if (!(await hasEndedWindows(reader, clock.now()))) return
        await writer.transaction((tx) => tellCountedDenials(tx, clock.now()))
      },
    },
  ]
}
