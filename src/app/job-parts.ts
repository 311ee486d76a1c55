import { hostname } from 'node:os'
import { DailyExport } from '../audit/export/daily-export.ts'
import type { ExportFailure } from '../audit/export/export-failure.ts'
import { ClockTrust } from '../audit/remove/clock-trust.ts'
import type { Retention } from '../audit/remove/retention.ts'
import type { AuditTransaction } from '../audit/write/change.ts'
import { ExpiredShares } from '../commands/expired-shares.ts'
import { remind } from '../commands/reminders.ts'
import { tellOwners } from '../commands/tell-owners.ts'
import { sendDailyCheckpoint } from '../commands/witness.ts'
import { newId } from '../kernel/ids.ts'
import { Scheduler } from '../schedule/scheduler.ts'
import { Leases } from '../storage/leases.ts'
import type { CommandParts } from './command-parts.ts'
import type { FileParts } from './file-parts.ts'
import type { Ground } from './ground.ts'
import { jobs } from './jobs.ts'
import type { SettingParts } from './setting-parts.ts'
import type { TrailParts } from './trail-parts.ts'

/** What is done by itself, and the clean-up, which is also asked for. */
export interface JobParts {
  readonly scheduler: Scheduler
  readonly retention: Retention
  readonly clockTrust: ClockTrust
  /** How many days entries are kept, as it is set now. */
  retentionDays(): number
}

export function jobParts(
  ground: Ground,
  trail: TrailParts,
  { settings, own }: SettingParts,
  files: FileParts,
  { services, notesBy }: CommandParts,
): JobParts {
  const { config, database, clock, log } = ground
  const { objects, sharedObjects, archive } = files
  const tell = async (tx: AuditTransaction, text: string) => {
    if (notesBy !== undefined) await tellOwners(tx, notesBy, text, services)
  }
  const { texts, prefix } = services
  const clockTrust = new ClockTrust({
    ...ground,
    writer: trail.writer,
    tell: (tx, doubt) =>
      tell(tx, texts.clock.told(doubt, services.time(new Date(clock.now())), settings.get(own.timeZone), prefix)),
  })
  const retention: Retention = { writer: trail.writer, logs: trail.logs, clock, trust: clockTrust, archive }
  const retentionDays = () => settings.get(own.retentionDays)
  const parts = {
    ...ground,
    writer: trail.writer,
    archiving: files.archiving,
    retention,
    retentionDays,
    checkpoint: async (tx: AuditTransaction) => {
      if (notesBy !== undefined) await sendDailyCheckpoint(tx, notesBy, services)
    },
    remind: (tx: AuditTransaction) => remind(tx, notesBy, services),
    probation: services.probation,
    clockTrust,
    dailyExport: dailyExportOf(ground, trail, files, (tx, { day, reason }) =>
      tell(tx, texts.exported.dailyFailed(day, reason)),
    ),
    expiredShares: objects && new ExpiredShares(objects, sharedObjects, clock, log),
  }
  const leases = new Leases(database, clock, `${hostname()}:${process.pid}:${newId()}`)
  const scheduler = new Scheduler(jobs(parts), leases, clock, log, config.timeZone)
  return { scheduler, retention, clockTrust, retentionDays }
}

function dailyExportOf(
  { config, reader, clock, log }: Ground,
  { writer }: TrailParts,
  { exporter, objects }: FileParts,
  tell: (tx: AuditTransaction, failure: ExportFailure) => Promise<void>,
): DailyExport | undefined {
  const { directory, keepDays } = config.exports
  if (directory === undefined) return undefined
  return new DailyExport({ directory, keepDays, exporter, writer, reader, objects, clock, log, tell })
}
