import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { run as archiveCommand } from '../../src/cli/archive.ts'
import { DAY } from '../../src/kernel/clock.ts'
import type { AtEnd } from './at-end.ts'
import { FakeClock, OWNER, openTestWarden, STRANGER, type TestWarden, temporaryFolder } from './chatwarden.ts'
import { onCommandLine } from './command-line.ts'
import { codeIn } from './confirming.ts'
import { environmentOf } from './database.ts'
import type { S3Server } from './s3-server.ts'
import { findingsIn, keyIn } from './tamper.ts'

export const DAYS = 30

export async function openArchiving({
  clock = new FakeClock(),
  env = {} as Record<string, string>,
  atEnd = undefined as AtEnd | undefined,
} = {}) {
  const folder = atEnd && temporaryFolder(atEnd)
  const settings = { AUDIT_ARCHIVE: 'on', AUDIT_LOG_RETENTION_DAYS: String(DAYS), ...env }
  const warden = await openTestWarden({ clock, env: settings }, folder, atEnd)
  const directory = `${warden.path}.archive`
  const cli = (...args: string[]) =>
    onCommandLine(() => archiveCommand(args), { ...environmentOf(warden.path), ...env })
  return { warden, clock, directory, cli, cleanUp: () => warden.cleanupExpiredAuditLogs() }
}

export const envOf = ({ place: { bucket, endpoint, credentials } }: S3Server): Record<string, string> => ({
  S3_BUCKET: bucket,
  S3_ENDPOINT: endpoint,
  S3_ACCESS_KEY_ID: credentials.accessKeyId,
  S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
})

export type Opened = Awaited<ReturnType<typeof openArchiving>>

export const log = (warden: TestWarden, count: number, phoneNumber: string = STRANGER) =>
  Promise.all(
    Array.from({ length: count }, () => warden.AuditLogger.logRateLimitViolation({ phoneNumber, limitType: 'user' })),
  )

/** By the only owner. */
export async function erase(warden: TestWarden, phone: string): Promise<void> {
  const text = await warden.ask(OWNER, `!config audit erase ${phone}`)
  const { status } = await warden.say(OWNER, `!config confirm ${codeIn(text)}`)
  if (status !== 'answered') throw new Error(`Not erased: ${status}`)
}

export const filesIn = (directory: string): string[] =>
  existsSync(directory) ? readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort() : []
export const archivesIn = (directory: string): string[] => filesIn(directory).filter((name) => name.endsWith('.gz'))

export function entriesIn(directory: string): { seq: number; action: string; account: string }[] {
  return archivesIn(directory)
    .flatMap((name) =>
      gunzipSync(readFileSync(join(directory, name)))
        .toString()
        .split('\n'),
    )
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .sort((a, b) => a.seq - b.seq)
}

export const seqs = (warden: TestWarden): number[] =>
  warden.sql<{ seq: number }>('SELECT seq FROM audit_logs ORDER BY seq').map(({ seq }) => seq)
export const findings = ({ warden, clock }: Pick<Opened, 'warden' | 'clock'>) =>
  findingsIn(warden.path, { keys: [keyIn(warden.folder)], now: clock.now() })

/** A trail of which the first entries are archived and gone. */
export async function archived(count = 20, env: Record<string, string> = {}) {
  const opened = await openArchiving({ env })
  await log(opened.warden, count)
  const before = await opened.warden.AuditLogRepository.query({ action: 'RATE_LIMIT_VIOLATION' })
  opened.clock.advance((DAYS + 1) * DAY)
  await opened.cleanUp()
  return { ...opened, before: before.reverse(), name: archivesIn(opened.directory)[0] ?? '' }
}
