import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { operatorName } from '../app/operator.ts'
import { settingParts } from '../app/setting-parts.ts'
import { UsageError } from '../app/usage-error.ts'
import { auditEvent, SYSTEM } from '../audit/entry/entry.ts'
import { EVENT_TYPES } from '../audit/entry/event-types.ts'
import { StoredEntries } from '../audit/read/stored-entries.repository.ts'
import { AuditWriter } from '../audit/write/audit-writer.ts'
import { checkSigningKey } from '../audit/write/check-key.ts'
import { SigningKey } from '../audit/write/signing-key.ts'
import { sparkline } from '../charts/sparkline.ts'
import { type Config, readConfig } from '../config.ts'
import { type Clock, systemClock } from '../kernel/clock.ts'
import { writeWhole } from '../kernel/durable-file.ts'
import { ChatwardenError } from '../kernel/errors.ts'
import { createLogger } from '../kernel/log.ts'
import { mustBeMakeable } from '../kernel/must-be-makeable.ts'
import { mustBeReplaceable } from '../kernel/must-be-replaceable.ts'
import { documentOf } from '../report/document.ts'
import { type LocalTime, localTime } from '../report/local-time.ts'
import { isPeriodName, type PeriodName } from '../report/period.ts'
import { makeReport, type Report } from '../report/report.ts'
import { reportHtml } from '../report/report-html.ts'
import { reportText } from '../report/report-text.ts'
import { databaseLabel, isMissing } from '../storage/beside-database.ts'
import type { Database } from '../storage/contract.ts'
import { openDatabase } from '../storage/database.ts'
import { withSnapshot } from '../storage/snapshot.ts'
import { fileNamed, folderNamed, mustNotBeOwn } from './given-path.ts'
import { type Print, print, printLines } from './print.ts'

const MOST_ENTRIES = { text: 50, html: 500 } as const

/** `chatwarden report daily|weekly`. @returns the exit code. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { html: { type: 'string' } } })
  const [period = '', ...others] = positionals
  if (!isPeriodName(period) || others.length > 0) throw new UsageError('report needs one word: daily or weekly.')
  if (values.html !== undefined) {
    fileNamed('--html', values.html, 'The report itself is what goes to stdout.')
    folderNamed('--html', dirname(values.html))
  }
  await report(readConfig(), { period, html: values.html }, systemClock, print)
  return 0
}

interface Wanted {
  readonly period: PeriodName
  /** Where a page is saved too. */
  readonly html: string | undefined
}

/** Prints a report, once the entry is written that says so. */
export async function report(config: Config, { period, html }: Wanted, clock: Clock, print: Print): Promise<void> {
  const { databaseUrl } = config
  if (html !== undefined) mustNotBeOwn('--html', [html], config)
  if (isMissing(databaseUrl))
    throw new ChatwardenError('CONFIG_INVALID', `There is no database ${databaseLabel(databaseUrl)}.`)
  if (html !== undefined) await asHtml(html, async () => mustBeSavable(html))
  const database = await openDatabase(config.databaseUrl)
  try {
    const { made, local } = await make(config, database, period, clock)
    await recordView(config, database, period, clock)
    printLines(reportText(documentOf(made, local, MOST_ENTRIES.text), sparkline), print)
    if (html !== undefined) await save(html, reportHtml(documentOf(made, local, MOST_ENTRIES.html)), print)
  } finally {
    await database.close()
  }
}

async function make(
  config: Config,
  { reader }: Database,
  period: PeriodName,
  clock: Clock,
): Promise<{ made: Report; local: LocalTime }> {
  const { settings, own } = await settingParts({ config, reader, clock, log: createLogger(config.logLevel) })
  const logs = new StoredEntries(reader)
  const made = await withSnapshot(config.databaseUrl, (snapshot) =>
    makeReport(snapshot, {
      period,
      now: clock.now(),
      retentionDays: settings.get(own.retentionDays),
      keptForGood: (old) => logs.keptForGood(old),
    }),
  )
  return { made, local: localTime(settings.get(own.timeZone)) }
}

/** Whoever looks at the trail is in it; where that can't be written, nothing is shown. */
async function recordView(config: Config, database: Database, period: PeriodName, clock: Clock): Promise<void> {
  const key = new SigningKey(config)
  await checkSigningKey(database.reader, key)
  const actor = { ...SYSTEM, operator: operatorName() }
  const filters = { view: 'report', period }
  const writer = new AuditWriter(database, EVENT_TYPES, clock, key)
  await writer.append(auditEvent('AUDIT_LOG_VIEWED', actor, { source: 'cli' }, { filters }))
  await writer.flush()
}

/** Before any work. */
function mustBeSavable(path: string): void {
  mustBeMakeable(dirname(path))
  if (existsSync(dirname(path))) mustBeReplaceable(path)
}

async function asHtml(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    throw new ChatwardenError('CONFIG_INVALID', `--html ${path}: ${(cause as Error).message}`, { cause })
  }
}

async function save(path: string, page: string, print: Print): Promise<void> {
  await asHtml(path, () => writeWhole(path, page))
  print('')
  print(`Saved: ${path}`)
}
