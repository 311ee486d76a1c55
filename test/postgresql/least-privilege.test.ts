import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { replaysOf } from '../../src/app/replays.ts'
import { verify } from '../../src/audit/verify/verify.ts'
import { run as archiveCommand } from '../../src/cli/archive.ts'
import { run as importCommand } from '../../src/cli/import.ts'
import { DAY } from '../../src/kernel/clock.ts'
import { migrateAsOwner } from '../../src/storage/postgresql/migrate-as-owner.ts'
import { openSnapshot } from '../../src/storage/snapshot.ts'
import { shareCleanUps } from '../support/at-end.ts'
import { ADMIN, FakeClock, OWNER, openTestWarden, STRANGER, type TestWarden, USER } from '../support/chatwarden.ts'
import { onCommandLine } from '../support/command-line.ts'
import { codeIn } from '../support/confirming.ts'
import { fileIn } from '../support/importing.ts'
import { ask, makeTwoRoles, type TwoRoles } from '../support/two-roles.ts'
import { keyOf } from '../support/writer.ts'

/** By the clock of the server nothing may be removed that is young. */
const NOW = Date.now()
const clock = new FakeClock(NOW - 120 * DAY)
const { add: atEnd } = shareCleanUps()
const MONTHS = "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'audit_logs'::regclass"
const CLEANED = "SELECT 1 FROM leases WHERE name = 'audit-cleanup' AND finished_at IS NOT NULL"
const monthName = (time: number): string => new Date(time).toISOString().replace(/^(\d+)-(\d+).*$/, 'audit_logs_y$1m$2')
let roles: TwoRoles
let warden: TestWarden
let env: Record<string, string>

beforeAll(async () => {
  roles = await makeTwoRoles(undefined, atEnd)
  await migrateAsOwner(roles.ownerUrl, roles.applicationUrl, 1)
  env = { DATABASE_URL: roles.applicationUrl, AUDIT_ARCHIVE: 'on', AUDIT_LOG_RETENTION_DAYS: '30' }
  warden = await openTestWarden({ clock, env }, undefined, atEnd)
  env.DATA_DIR = warden.folder
})

const log = (phoneNumber = STRANGER) => warden.AuditLogger.logRateLimitViolation({ phoneNumber, limitType: 'user' })
const say = (text: string) => warden.say(OWNER, `!config ${text}`)

async function findings() {
  const snapshot = await openSnapshot(roles.applicationUrl)
  try {
    const key = keyOf(join(warden.folder, roles.database)).current().verifier
    const found = await verify(snapshot, { keys: [key], replays: replaysOf(), now: new Date(clock.now()) })
    return { findings: found.findings, removed: found.removed.retention }
  } finally {
    await snapshot.close()
  }
}

const onCli = (run: () => Promise<number>) => onCommandLine(run, env)

describe('the whole bot works as a role that can only add to the trail', () => {
  test('roles, settings, whitelist, blocks, holds', async () => {
    for (const command of [
      `role promote ${USER} USER`,
      `role promote ${USER} OPERATOR`,
      'set page-size 8',
      'reset page-size',
      `whitelist add ${STRANGER}`,
      `whitelist remove ${STRANGER}`,
      `user block ${STRANGER} for 1h spam`,
      `user unblock ${STRANGER}`,
      `audit hold add ${ADMIN} case`,
      `audit hold remove ${ADMIN}`,
      'audit list 7',
      'audit stats',
    ]) {
      const { status } = await say(command)
      expect({ command, status }).toEqual({ command, status: 'answered' })
    }
    for (let n = 0; n < 5; n++) await log()
  })

  test('exports, in the chat and to a file', async () => {
    expect(await say('audit export 30')).toMatchObject({ status: 'answered' })
    const path = join(warden.folder, 'trail.jsonl')
    await warden.AuditLogRepository.exportTo(path, 'jsonl')
    expect(readFileSync(path, 'utf8').split('\n').length).toBeGreaterThan(10)
  })

  test('archives and removes what is old, and drops the months that it leaves empty', async () => {
    // A month in which nothing happens but what may go.
    clock.time = NOW - 80 * DAY
    await log()
    const emptied = monthName(clock.time)
    clock.time = NOW - 1000
    await log()
    const months = async () => (await ask<{ name: string }>(roles.adminUrl, MONTHS)).map(({ name }) => name)
    expect(await months()).toContain(emptied)
    expect(await warden.cleanupExpiredAuditLogs()).toBeGreaterThan(5)
    expect(await onCli(() => archiveCommand(['verify']))).toMatchObject({ code: 0 })
    warden.startAuditLogCleanupScheduler()
    await expect.poll(() => ask(roles.adminUrl, CLEANED), { timeout: 30_000 }).toHaveLength(1)
    await warden.stopAuditLogCleanupScheduler()
    expect(await months()).not.toContain(emptied)
    expect(await months()).toContain(monthName(NOW + 31 * DAY))
  })

  test('erases a person', async () => {
    await log(USER)
    const text = await warden.ask(OWNER, `!config audit erase ${USER}`)
    expect(await say(`confirm ${codeIn(text)}`)).toMatchObject({ status: 'answered' })
    expect(await warden.AuditLogRepository.count({ phoneNumber: USER, category: 'AUTH' })).toBe(0)
  })

  test('takes in the entries of another log', async () => {
    const line = { id: randomUUID(), action: 'ban_user', actor_id: 'a', created_at: '2026-02-03T10:00:00Z' }
    const path = fileIn(warden, 'other.jsonl', `${JSON.stringify(line)}\n`)
    expect(await onCli(() => importCommand([path]))).toMatchObject({ code: 0 })
  })

  test('and its trail verifies', async () => {
    expect(await findings()).toMatchObject({ findings: [] })
    expect((await findings()).removed).toBeGreaterThan(5)
  })
})
