import { writeFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/app/usage-error.ts'
import { auditEvent } from '../../src/audit/entry/entry.ts'
import { report, run } from '../../src/cli/report.ts'
import { readConfig } from '../../src/config.ts'
import { DAY, HOUR } from '../../src/kernel/clock.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { ADMIN, FakeClock, OWNER, STRANGER, temporaryFolder, USER } from '../support/chatwarden.ts'
import { CLI, runNode } from '../support/child.ts'
import { environmentOf, onPostgres, testDatabase } from '../support/database.ts'
import { linkAccount } from '../support/people.ts'
import { linesOf, NOW, openForReports, sectionOf } from '../support/report.ts'
import { refuseEntries } from '../support/trail.ts'

describe('the activity of a period', () => {
  test('counts by category, action and actor, beside the same time before', async () => {
    const { clock, flag, text } = await openForReports()
    await flag(NOW - 25 * HOUR, 2)
    await flag(NOW - 24 * HOUR, 5)
    await flag(NOW - HOUR, 1, '+15550000902')
    clock.time = NOW
    const lines = linesOf(sectionOf(await text(), 'Activity'))
    expect(lines).toContain('SECURITY | 6 | 2 | +4')
    expect(lines).toContain('AUTH | 0 | 0 | =')
    expect(lines).toContain('All | 6 | 2 | +4')
    expect(lines).toContain('MODERATION_FLAG | 6 | 2 | +4')
    expect(lines.slice(lines.findIndex((line) => line.startsWith('Most active')))).toEqual([
      'Most active | Entries | Before | Change',
      `${STRANGER} | 5 | 2 | +3`,
      '+15550000902 | 1 | 0 | +1',
    ])
  })

  test('of a week is that of seven days', async () => {
    const { clock, flag, text } = await openForReports()
    await flag(NOW - 8 * DAY, 4)
    await flag(NOW - 6 * DAY, 3)
    clock.time = NOW
    expect(linesOf(sectionOf(await text('weekly'), 'Activity'))).toContain('All | 3 | 4 | -1')
  })

  test('names the ten most active and says how many more there were', async () => {
    const { clock, flag, text } = await openForReports()
    for (let n = 0; n < 12; n++) await flag(NOW - HOUR, 1, `+1555000095${String(n).padStart(2, '0')}`)
    clock.time = NOW
    const activity = linesOf(sectionOf(await text(), 'Activity'))
    expect(activity.filter((line) => line.startsWith('+'))).toHaveLength(10)
    expect(activity.at(-1)).toBe('And 2 more.')
  })

  test('may be nothing at all', async () => {
    const { clock, text } = await openForReports()
    clock.time = NOW
    const printed = await text()
    expect(linesOf(sectionOf(printed, 'Activity'))).toEqual([
      'No entries in this period.',
      'Category | Entries | Before | Change',
      ...['AUTH', 'CONFIG', 'ADMIN', 'SECURITY', 'All'].map((name) => `${name} | 0 | 0 | =`),
    ])
    expect(linesOf(sectionOf(printed, 'Security incidents'))).toEqual([
      'No entries of SECURITY.',
      'Nobody was denied anything.',
    ])
    expect(sectionOf(printed, 'Completeness')).toMatch(/no entry until 2026-06-15 12:00 \(24 hours\)/)
  })

  test('of a trail without any entry is a report all the same', async () => {
    const config = readConfig(environmentOf(testDatabase(temporaryFolder(), 'empty').path))
    await (await openDatabase(config.databaseUrl)).close()
    const lines: string[] = []
    await report(config, { period: 'weekly', html: undefined }, new FakeClock(NOW), (line) => lines.push(line))
    expect(linesOf(sectionOf(lines.join('\n'), 'Retention'))).toContain('Oldest entry | none')
    expect(linesOf(sectionOf(lines.join('\n'), 'Size'))).toContain('Entries | 0')
  })
})

describe('the security incidents', () => {
  test('are the entries of SECURITY, the newest first, of which the text shows fifty', async () => {
    const { clock, flag, text, page } = await openForReports()
    await flag(NOW - 3 * HOUR, 52)
    await flag(NOW - HOUR, 1, '+15550000902')
    clock.time = NOW
    const lines = linesOf(sectionOf(await text(), 'Security incidents'))
    expect(lines.slice(0, 4)).toEqual([
      '53 entries of SECURITY:',
      'Time | Action | By | What',
      '2026-06-15 11:00 | MODERATION_FLAG | +15550000902 | Content flagged: spam',
      `2026-06-15 09:00 | MODERATION_FLAG | ${STRANGER} | Content flagged: spam`,
    ])
    expect(lines.filter((line) => line.startsWith('2026'))).toHaveLength(50)
    expect(lines).toContain('And 3 more.')
    expect((await page()).match(/<td>Content flagged: spam/g)).toHaveLength(53)
  })

  test('count denials per person, of which one entry may stand for several', async () => {
    const { warden, clock, text } = await openForReports()
    const denied = (phoneNumber: string, count?: number) =>
      warden.AuditLogger.record(
        auditEvent(
          'PERMISSION_DENIED',
          { account: phoneNumber, role: 'NONE' },
          { source: 'whatsapp' },
          {
            attemptedAction: 'LIST_ROLES',
            ...(count !== undefined && { count }),
          },
        ),
      )
    clock.time = NOW - HOUR
    for (const count of [undefined, undefined, 7]) await denied(STRANGER, count)
    await denied('+15550000902')
    clock.time = NOW
    const lines = linesOf(sectionOf(await text(), 'Security incidents'))
    expect(lines.slice(-4)).toEqual(
      ['Denied 10 times:', 'Person | Denials#', `${STRANGER} | 9`, '+15550000902 | 1'].map((line) =>
        line.replace('#', ''),
      ),
    )
  })

  test('say who typed in the place of whom they name', async () => {
    const { warden, clock, text } = await openForReports()
    clock.time = NOW
    const actor = { account: OWNER, role: 'OWNER', operator: 'eve@laptop', name: 'Ann", typed by nobody' }
    await warden.AuditLogger.record(
      auditEvent('MODERATION_FLAG', actor, { source: 'terminal' }, { flaggedCategories: ['spam'] }),
    )
    expect(sectionOf(await text(), 'Security incidents')).toContain(
      String.raw`${OWNER}, typed by eve@laptop, "Ann\", typed by nobody"`,
    )
  })
})

describe('the retention', () => {
  const old = async () => {
    const reports = await openForReports()
    await reports.flag(NOW - 100 * DAY, 4)
    await reports.flag(NOW - 100 * DAY, 2, USER)
    reports.clock.time = NOW
    return reports
  }
  const retention = async (text: () => Promise<string>) => linesOf(sectionOf(await text(), 'Retention'))

  test('tells what is too old, what of it is kept on purpose, and that nobody removes the rest', async () => {
    const { warden, text } = await old()
    await warden.say(OWNER, `!config audit hold add ${USER}`)
    const lines = await retention(text)
    expect(lines).toContain('Entries stay | 90 days')
    expect(lines).toContain('Oldest entry | 2025-06-15 12:00 (number 0)')
    expect(lines).toContain('Older than that | 10 entries')
    // Who has which role, of the four that were seeded, and what is about the one under the hold.
    expect(lines.find((line) => line.startsWith('Kept on purpose'))).toMatch(/\| 6 \(/)
    expect(lines).toContain('Left to remove | 4')
    expect(lines).toContain('Last clean-up | none')
    expect(lines.at(-1)).toMatch(/^! There are entries to remove, and no clean-up/)
  })

  test('keeps what a person did by any of their accounts while one of them is held', async () => {
    const { warden, clock, flag, text } = await openForReports()
    linkAccount(warden, 'telegram:42', ADMIN)
    await flag(NOW - 100 * DAY, 2, ADMIN)
    await flag(NOW - 100 * DAY, 3, 'telegram:42')
    await flag(NOW - 100 * DAY, 4, 'telegram:43')
    clock.time = NOW
    await warden.say(OWNER, '!config audit hold add telegram:42')
    expect(await retention(text)).toContain('Left to remove | 4')
  })

  test('tells after a clean-up that nothing is left, and when that was', async () => {
    const { warden, clock, text } = await old()
    await warden.cleanupExpiredAuditLogs()
    clock.advance(2 * DAY)
    const lines = await retention(text)
    expect(lines).toContain('Older than that | 4 entries')
    expect(lines).toContain('Left to remove | 0')
    expect(lines).toContain('Last clean-up | 2026-06-15 12:00: Removed 6 audit logs older than 90 days')
    expect(lines.join()).not.toContain('!')
  })

  test('under a hold on everything keeps everything', async () => {
    const { warden, text } = await old()
    await warden.say(OWNER, '!config audit hold add all')
    expect(await retention(text)).toContain('Left to remove | 0')
  })

  test('is the one set in the chat', async () => {
    const { warden, text } = await old()
    await warden.say(OWNER, '!config set retention-days 365')
    expect(await retention(text)).toContain('Entries stay | 365 days')
  })
})

describe('entries of unknown users', () => {
  test('are those of numbers and of ids that no user has, counted for each', async () => {
    const { warden, clock, flag, text } = await openForReports()
    await flag(NOW - 200 * DAY, 3)
    await flag(NOW, 2, '+15550000902')
    await flag(NOW, 1, OWNER)
    await flag(NOW, 1, '123456789@lid')
    const [user] = warden.sql<{ id: string }>('SELECT id FROM users LIMIT 1')
    for (const id of ['ghost', 'ghost', user?.id])
      await warden.AuditLogger.logConversationReset({ performedBy: { id, phoneNumber: ADMIN } })
    clock.time = NOW
    expect(linesOf(sectionOf(await text(), 'Entries of unknown users'))).toEqual([
      '6 entries with 3 accounts of no user:',
      'Account | Entries',
      `${STRANGER} | 3`,
      '+15550000902 | 2',
      'whatsapp:123456789@lid | 1',
      'Strangers who wrote to the bot are among them.',
      '2 entries with 1 user id that nobody has:',
      'User id | Entries',
      'ghost | 2',
      'What the bot reports may have ids of its own.',
      'Every entry has its time.',
    ])
  })

  test('are the twenty most frequent of many', async () => {
    const { flag, text } = await openForReports()
    for (let n = 0; n < 23; n++) await flag(NOW, 1, `+1555000095${String(n).padStart(2, '0')}`)
    const lines = linesOf(sectionOf(await text(), 'Entries of unknown users'))
    expect(lines[0]).toBe('23 entries with 23 accounts of no user:')
    expect(lines).toContain('And 3 more.')
  })

  // In PostgreSQL no month takes it, and no bot starts where there is another table for it.
  if (!onPostgres)
    test('include what lost its time', async () => {
      const { warden, clock, flag, text } = await openForReports()
      await flag(NOW)
      clock.time = NOW
      warden.sql(`INSERT INTO audit_logs SELECT 100000, 'x', 'never', source, 'SECURITY', action, description, user_id,
      account, actor_name, user_role, resource_type, resource_id, subject_id, channel_id, request_id, ip_address, user_agent,
      '{broken', nonce, leaf_hash FROM audit_logs WHERE seq = 4`)
      const printed = await text()
      expect(sectionOf(printed, 'Entries of unknown users')).toContain(
        '! 1 entry without a time. Run: chatwarden verify',
      )
      expect(linesOf(sectionOf(printed, 'Security incidents'))).toContain(
        `no time | MODERATION_FLAG | ${STRANGER} | Content flagged: spam`,
      )
    })
})

describe('the people', () => {
  test('are counted by role, with what changed about them in the period', async () => {
    const { warden, clock, text } = await openForReports()
    clock.time = NOW - HOUR
    await warden.say(OWNER, `!config role promote ${USER} USER`)
    await warden.say(OWNER, `!config whitelist add ${USER}`)
    await warden.say(OWNER, `!config user block ${USER}`)
    await warden.AuditLogger.logRoleChange({
      performedBy: { phoneNumber: ADMIN },
      targetUser: { phoneNumber: STRANGER },
      oldRole: 'USER',
      newRole: 'OWNER',
    })
    clock.time = NOW
    expect(linesOf(sectionOf(await text('weekly'), 'People'))).toEqual([
      'Now | People',
      'OWNER | 1',
      'ADMIN | 2',
      'OPERATOR | 1',
      'USER | 1',
      'On the whitelist | 1',
      'Blocked | 1',
      '4 changes of roles, whitelist and blocks:',
      'Time | Action | By | What',
      `2026-06-15 11:00 | ROLE_CHANGE | ${ADMIN} | Changed role of ${STRANGER} from USER to OWNER (reported by the bot)`,
      `2026-06-15 11:00 | USER_BLOCK | ${OWNER} | Blocked ${USER}`,
      `2026-06-15 11:00 | WHITELIST_ADD | ${OWNER} | Added ${USER} to the whitelist`,
      `2026-06-15 11:00 | ROLE_CHANGE | ${OWNER} | Added ${USER} as USER`,
    ])
  })
})

describe('whoever takes a report', () => {
  test('is in the trail, and nothing else of it is changed', async () => {
    const { warden, clock, text } = await openForReports()
    clock.time = NOW
    const before = await warden.AuditLogRepository.count()
    expect(sectionOf(await text('weekly'), 'Size')).toContain(`Entries   ${before}`)
    const [entry] = await warden.AuditLogRepository.getRecent()
    expect(await warden.AuditLogRepository.count()).toBe(before + 1)
    expect(entry).toMatchObject({ action: 'AUDIT_LOG_VIEWED', phoneNumber: 'SYSTEM', source: 'cli' })
    expect(JSON.parse(entry?.metadata ?? '{}')).toEqual({
      filters: { view: 'report', period: 'weekly' },
      operator: `${userInfo().username}@${hostname()}`,
    })
  })

  test('is shown nothing where that cannot be written', async () => {
    const { warden } = await openForReports()
    let refuse = () => void refuseEntries(warden)
    // Once it is open: a database in which something refuses entries is not opened.
    const clock = Object.assign(new FakeClock(NOW), {
      now: () => {
        refuse()
        refuse = () => {}
        return NOW
      },
    })
    const lines: string[] = []
    const taken = report(warden.config, { period: 'daily', html: undefined }, clock, (line) => lines.push(line))
    await expect(taken).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' })
    expect(lines).toEqual([])
  })

  test('is told of a file that cannot be saved', async () => {
    const { warden } = await openForReports()
    writeFileSync(join(warden.folder, 'file'), '')
    const html = join(warden.folder, 'file', 'report.html')
    const taken = report(warden.config, { period: 'daily', html }, new FakeClock(NOW), () => {})
    await expect(taken).rejects.toThrow(`--html ${html}`)
  })

  test('is told of a database that is not there, and none is made', async () => {
    const folder = temporaryFolder()
    const { code, stdout, stderr } = await runNode([CLI, 'report', 'daily'], { cwd: folder })
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toContain('There is no database')
  })

  test.each([[], ['hourly'], ['daily', 'weekly'], ['daily', '--html', ''], ['toString']].map((args) => [args]))(
    'is told how to ask after %j',
    async (args) => {
      await expect(run(args)).rejects.toThrow(UsageError)
    },
  )

  test('gets it from the command line, and the page beside it', async () => {
    const { warden } = await openForReports()
    const env = environmentOf(warden.path)
    const { code, stdout, stderr } = await runNode([CLI, 'report', 'daily', '--html', 'new/report.html'], {
      cwd: warden.folder,
      env,
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^Chatwarden report: the last 24 hours\n.*\n\nSize\n.*\n\nSaved: new\/report\.html\n$/s)
  })
})
