import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { DailyExport } from '../../src/audit/export/daily-export.ts'
import { Exporter } from '../../src/audit/export/exporter.ts'
import { tellOwners } from '../../src/commands/tell-owners.ts'
import { createLogger } from '../../src/kernel/log.ts'
import type { ObjectStore } from '../../src/kernel/object-store.ts'
import { openSnapshot } from '../../src/storage/snapshot.ts'
import { english } from '../../src/text/english.ts'
import { FakeClock, openTestWarden, type TestWarden, temporaryFolder } from './chatwarden.ts'
import { keyOf, openWriter } from './writer.ts'

export interface ExportOptions {
  /** When the trail begins, ISO 8601. */
  readonly from?: string
  readonly keepDays?: number
  readonly objects?: ObjectStore
}

/** A trail with daily exports, at whose times the test turns the clock. */
export async function openDailyExport({ from = '2026-06-12T12:00:00Z', ...options }: ExportOptions = {}) {
  const clock = new FakeClock(Date.parse(from))
  const folder = temporaryFolder()
  const directory = join(folder, 'exports')
  const warden = await openTestWarden({ clock }, folder)
  const another = () => openOn(warden, clock, directory, options)
  const daily = await another()
  const at = (time: string) => {
    clock.time = Date.parse(time)
  }
  return {
    warden,
    clock,
    directory,
    daily,
    /** The same in another process. */
    another,
    at,
    log: async (time: string, service: string) => {
      at(time)
      await warden.AuditLogger.logCircuitBreakerChange({ service, state: 'OPEN', failureCount: 1 })
    },
    run: async (time: string) => {
      at(time)
      await daily.run()
    },
    days: () => (existsSync(directory) ? readdirSync(directory).sort() : []),
    files: (day: string) => readdirSync(join(directory, day)).sort(),
    /** What was logged as, in the JSON of that day, oldest first. */
    services: (day: string) => servicesIn(join(directory, day, `audit-logs-${day}.json.gz`)),
  }
}

async function openOn(warden: TestWarden, clock: FakeClock, directory: string, options: Omit<ExportOptions, 'from'>) {
  const { writer, reader } = await openWriter(warden, clock)
  return new DailyExport({
    directory,
    keepDays: options.keepDays ?? 30,
    exporter: new Exporter(() => openSnapshot(warden.url), keyOf(warden.path), clock),
    writer,
    reader,
    objects: options.objects,
    clock,
    log: createLogger('silent'),
    tell: (tx, { day, reason }) => tellOwners(tx, 'whatsapp', english.exported.dailyFailed(day, reason), { clock }),
  })
}

function servicesIn(path: string): string[] {
  const entries = JSON.parse(gunzipSync(readFileSync(path)).toString()) as { metadata: { service?: string } }[]
  return entries.flatMap(({ metadata: { service } }) => service ?? []).reverse()
}

/** All names of the files of a day. */
export const namesOf = (day: string): string[] =>
  ['csv', 'json.gz'].flatMap((extension) =>
    ['', '.manifest', '.sha256'].map((suffix) => `audit-logs-${day}.${extension}${suffix}`),
  )

/** The entries of an action, oldest first. */
export const entriesOf = ({ sql }: TestWarden, action: string) =>
  sql<{ account: string; source: string; metadata: string }>(
    'SELECT account, source, metadata FROM audit_logs WHERE action = ? ORDER BY seq',
    action,
  ).map(({ metadata, ...entry }) => ({ ...entry, metadata: JSON.parse(metadata) }))

/** What waits to be sent to whom. */
export const notesIn = ({ sql }: TestWarden) =>
  sql<{ source: string; reply: string }>('SELECT source, reply FROM outbox_messages ORDER BY id').map((row) => {
    const { audience, text, role } = JSON.parse(row.reply)
    return { source: row.source, to: audience.account, text, role }
  })
