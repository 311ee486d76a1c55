import { existsSync, mkdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ChatwardenOptions } from '../../src/app/chatwarden.ts'
import { auditEvent, SYSTEM, SYSTEM_PLACE } from '../../src/audit/entry/entry.ts'
import { removeExpired } from '../../src/audit/remove/retention.ts'
import { ClockWatch } from '../../src/audit/write/clock-watch.ts'
import { DAY, HOUR, MINUTE } from '../../src/kernel/clock.ts'
import {
  ADMIN,
  OWNER,
  OWNER2,
  openTestWarden,
  STRANGER,
  type TestWarden,
  temporaryFolder,
} from '../support/chatwarden.ts'
import { confirmed } from '../support/confirming.ts'
import { MachineClock } from '../support/machine-clock.ts'
import { findingsIn, keyIn } from '../support/tamper.ts'
import { openWriter } from '../support/writer.ts'

const OWNERS = { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` }

const RETENTION = { retentionDays: 90, cutoff: new Date(0).toISOString(), ranges: [], deletedCount: 1 }
const HELLO = {
  id: 'hello',
  source: 'telegram',
  chat: { id: '7', kind: 'private' },
  sender: { id: '7' },
  text: 'hello',
} as const

/** A bot on a machine whose clock can be set, with an old entry of a stranger's that it has not removed yet, and a new one. */
async function openOld(options: ChatwardenOptions = {}) {
  const clock = new MachineClock()
  const folder = temporaryFolder()
  const start = () => openTestWarden({ clock, ...options }, folder)
  const warden = await start()
  await note(warden)
  clock.advance(91 * DAY)
  await note(warden)
  return { clock, warden, start, folder }
}

const note = ({ AuditLogger }: TestWarden) =>
  AuditLogger.logRateLimitViolation({ phoneNumber: STRANGER, limitType: 'user' })
const cleanUp = (warden: TestWarden) => warden.cleanupExpiredAuditLogs(90)
const told = async ({ AuditLogRepository }: TestWarden, action: string) =>
  (await AuditLogRepository.findByAction(action)).reverse().map(({ metadata }) => JSON.parse(metadata))
const doubts = (warden: TestWarden) => told(warden, 'CLOCK_DOUBTED')
const trusts = async (warden: TestWarden) => (await told(warden, 'CLOCK_TRUSTED')).map(({ by }) => by)
const notes = (warden: TestWarden) =>
  warden.sql<{ reply: string }>('SELECT reply FROM outbox_messages').map(({ reply }) => JSON.parse(reply))
const findings = (warden: TestWarden, clock: MachineClock) =>
  findingsIn(warden.path, { keys: [keyIn(warden.folder)], now: clock.time })

describe('a bot that was away', () => {
  test('for a week removes nothing until it has run for a day, over restarts, and tells nobody', async () => {
    const { clock, warden, start } = await openOld({ env: { ...OWNERS, CHAT: 'whatsapp' } })
    await warden.close()
    clock.set(7 * DAY)
    const second = await start()
    expect(await doubts(second)).toEqual([{ reason: 'stopped', byMs: 7 * DAY }])
    clock.advance(11 * HOUR)
    expect(await cleanUp(second)).toBe(0)
    await second.close()
    // It was away for less than before: what it has run counts.
    clock.set(6 * DAY)
    const third = await start()
    clock.advance(13 * HOUR - 1)
    expect(await cleanUp(third)).toBe(0)
    expect(await told(third, 'AUDIT_RETENTION')).toEqual([])
    clock.advance(1)
    expect(await cleanUp(third)).toBe(1)
    expect([(await doubts(third)).length, await trusts(third)]).toEqual([1, ['running']])
    expect(third.sql('SELECT * FROM clock_doubts')).toEqual([])
    expect(notes(third)).toEqual([])
    expect(await findings(third, clock)).toEqual([])
  })

  test('and for longer meanwhile needs another day', async () => {
    const { clock, warden, start } = await openOld()
    await warden.close()
    clock.set(7 * DAY)
    const second = await start()
    clock.advance(23 * HOUR)
    expect(await cleanUp(second)).toBe(0)
    await second.close()
    clock.set(120 * DAY)
    const third = await start()
    clock.advance(23 * HOUR)
    expect(await cleanUp(third)).toBe(0)
    expect((await doubts(third)).map(({ byMs }) => byMs)).toEqual([7 * DAY, 120 * DAY + 23 * HOUR])
  })

  test('for a weekend is not', async () => {
    const { clock, warden, start } = await openOld()
    await warden.close()
    clock.set(2 * DAY)
    const second = await start()
    expect(await cleanUp(second)).toBe(1)
    expect(await doubts(second)).toEqual([])
  })

  test('is so whatever was done at the command line meanwhile: a backup that was restored, an import', async () => {
    const { clock, warden, start } = await openOld()
    await warden.close()
    clock.set(120 * DAY)
    const { writer } = await openWriter(warden, clock)
    for (const source of ['cli', 'import'])
      await writer.append(auditEvent('AUDIT_LOG_VIEWED', SYSTEM, { source }, { filters: {} }))
    const second = await start()
    expect(await doubts(second)).toEqual([{ reason: 'stopped', byMs: 120 * DAY }])
    expect(await cleanUp(second)).toBe(0)
  })
})

describe('a clock that', () => {
  test('is ahead at one start removes nothing, and at the next one neither, though entries are of its time', async () => {
    const { clock, warden, start, folder } = await openOld()
    const stale = join(folder, 'outgoing', 'stale')
    await warden.close()
    mkdirSync(stale, { recursive: true })
    for (const _ of [1, 2]) {
      utimesSync(stale, clock.time / 1000, clock.time / 1000)
      clock.set(120 * DAY)
      const ahead = await start()
      clock.advance(HOUR)
      expect(await cleanUp(ahead)).toBe(0)
      await ahead.close()
      clock.set(-120 * DAY)
      const right = await start()
      clock.advance(HOUR)
      await note(right)
      expect(existsSync(stale)).toBe(true)
      // Messages tell that the clock is right again.
      await right.handle({ ...HELLO, sentAt: new Date(clock.time) })
      expect(await right.cleanupExpiredAuditLogs(3650)).toBe(0)
      await right.close()
    }
    expect(warden.sql("SELECT 1 FROM audit_logs WHERE action = 'RATE_LIMIT_VIOLATION'")).toHaveLength(4)
    const last = await start()
    expect((await doubts(last)).map(({ reason, byMs }) => [reason, Math.round(byMs / DAY)])).toEqual([
      ['stopped', 120],
      ['stopped', 120],
    ])
    expect(await trusts(last)).toEqual(['messages', 'messages'])
    expect(await findings(last, clock)).toEqual([])
  })

  test.each([
    ['ahead', 120 * DAY, '120 days ahead'],
    ['back', -5 * HOUR, '5 hours back'],
  ])('is set %s while the bot runs is told to the owners once, whoever notices', async (_, byMs, inWords) => {
    const { clock, warden, start } = await openOld({ env: { ...OWNERS, CHAT: 'whatsapp' } })
    const another = await start()
    await note(another)
    clock.advance(MINUTE)
    clock.set(byMs)
    for (const bot of [warden, another]) expect(await cleanUp(bot)).toBe(0)
    expect(await doubts(warden)).toEqual([expect.objectContaining({ reason: 'jumped', byMs })])
    expect(notes(warden).map(({ audience, text }) => [audience.account, text.split('\n')[0]])).toEqual(
      [OWNER, OWNER2].map((account) => [account, `⏱️ *The clock was set ${inWords}*`]),
    )
    clock.advance(DAY - 1)
    expect(await cleanUp(warden)).toBe(0)
    clock.advance(1)
    expect(await cleanUp(another)).toBeGreaterThan(0)
    expect(await trusts(warden)).toEqual(['running'])
    expect(await findings(warden, clock)).toEqual([])
  })

  test.each([
    ['is set back an hour in autumn', (clock: MachineClock) => clock.set(-HOUR)],
    ['is set ahead an hour in spring', (clock: MachineClock) => clock.set(HOUR)],
    ['goes on while the machine sleeps', (clock: MachineClock) => clock.sleep(10 * DAY)],
    ['goes on while nobody writes', (clock: MachineClock) => clock.advance(10 * DAY)],
  ])('%s is trusted', async (_, happens) => {
    const { clock, warden } = await openOld()
    happens(clock)
    await note(warden)
    clock.advance(2 * HOUR)
    expect(await cleanUp(warden)).toBeGreaterThan(0)
    expect(await doubts(warden)).toEqual([])
  })

  test('is set while a clean-up runs ends it', async () => {
    const { clock, warden } = await openOld()
    await Promise.all(Array.from({ length: 600 }, () => note(warden)))
    const { writer, logs } = await openWriter(warden, clock, new ClockWatch(clock))
    clock.advance(91 * DAY)
    // Asked for trust, proved that all is old enough, and removed a first batch of 500.
    let commits = 0
    writer.onCommit(() => {
      if (++commits === 3) clock.set(DAY)
    })
    const settled = { settle: async () => true }
    const removed = await removeExpired({ writer, logs, clock, trust: settled, archive: undefined }, 90)
    expect([removed > 400, removed < 600]).toEqual([true, true])
    expect([(await doubts(warden)).length, (await told(warden, 'AUDIT_RETENTION')).length]).toEqual([1, 1])
    expect(await findings(warden, clock)).toEqual([])
  })
})

/** A bot that was away for a week. */
async function openDoubting(options: ChatwardenOptions = {}) {
  const opened = await openOld(options)
  await opened.warden.close()
  opened.clock.set(7 * DAY)
  return { ...opened, warden: await opened.start() }
}

describe('a doubt', () => {
  test.each(['handle', 'admit', 'respond'] as const)(
    'ends where a message that the bot gets by %s agrees',
    async (by) => {
      const { clock, warden } = await openDoubting()
      const message = { ...HELLO, sentAt: new Date(clock.time - 3 * MINUTE) }
      await (by === 'respond' ? warden.respond(message, async () => {}) : warden[by](message))
      clock.advance(MINUTE)
      expect(await cleanUp(warden)).toBe(1)
      expect(await trusts(warden)).toEqual(['messages'])
    },
  )

  test('lasts while messages speak against the clock, for however long it runs, and a late one is no harm', async () => {
    const { clock, warden } = await openDoubting()
    await warden.handle({ ...HELLO, sentAt: new Date(clock.time - 7 * DAY) })
    for (let day = 0; day < 3; day++) {
      clock.advance(DAY)
      expect(await cleanUp(warden)).toBe(0)
    }
    await warden.handle({ ...HELLO, sentAt: new Date(clock.time) })
    expect(await cleanUp(warden)).toBe(1)
  })

  test.each([[undefined], [new Date(Number.NaN)], ['soon' as unknown as Date]])(
    'goes by no message that says nothing of its time: %s',
    async (sentAt) => {
      const { clock, warden } = await openDoubting()
      await warden.handle({ ...HELLO, ...(sentAt !== undefined && { sentAt }) })
      clock.advance(DAY)
      expect(await cleanUp(warden)).toBe(1)
      expect(await trusts(warden)).toEqual(['running'])
    },
  )

  test('ends where an owner sends the date of today, and nobody else does, nor by another date', async () => {
    const { clock, warden } = await openDoubting({ env: OWNERS })
    const today = new Date(clock.time).toISOString().slice(0, 10)
    const asked = await warden.ask(OWNER, '!config audit clock')
    expect(asked).toContain('In doubt since')
    expect(asked).toContain('the bot was away for 7 days')
    expect(asked).toContain('until the bot has run 24 hours more')
    expect((await warden.say(ADMIN, `!config audit clock ${today}`)).status).toBe('denied')
    for (const other of ['2026-09-20', '1970-01-01', '2026-13-01', 'yes'])
      expect((await warden.say(OWNER, `!config audit clock ${other}`)).status).toBe('usage')
    expect(await cleanUp(warden)).toBe(0)
    const { status, replies } = await warden.say(OWNER, `!config audit clock ${today}`)
    expect([status, replies.length]).toEqual(['answered', 2])
    expect(await cleanUp(warden)).toBe(1)
    expect(await warden.ask(OWNER, `!config audit clock ${today}`)).toContain('Nothing speaks against it')
    expect(await trusts(warden)).toEqual(['owner'])
  })

  test('stays ended where who ended it is erased, and where that is past its retention', async () => {
    const { clock, warden } = await openDoubting({ env: OWNERS })
    await warden.say(OWNER, `!config audit clock ${new Date(clock.time).toISOString().slice(0, 10)}`)
    await confirmed(warden, `audit erase ${OWNER}`, OWNER2, OWNER2)
    clock.advance(91 * DAY)
    for (const _ of [1, 2]) await cleanUp(warden)
    expect([await doubts(warden), await trusts(warden)]).toEqual([[], ['owner']])
    expect(await findings(warden, clock)).toEqual([])
  })

  test.each([
    ['says that no time is left', 'UPDATE clock_doubts SET remaining = 0'],
    ['says that it was counted long ago', "UPDATE clock_doubts SET counted_at = '1970-01-01'"],
    ['is of another doubt', 'UPDATE clock_doubts SET since = since + 1, remaining = 0'],
    ['is not there', 'DELETE FROM clock_doubts'],
  ])('is counted anew where its row %s', async (_, sql) => {
    const { clock, warden } = await openDoubting()
    clock.advance(23 * HOUR)
    expect(await cleanUp(warden)).toBe(0)
    warden.sql(sql)
    clock.advance(HOUR)
    expect(await cleanUp(warden)).toBe(0)
    clock.advance(DAY)
    expect(await cleanUp(warden)).toBe(1)
  })
})

describe('verify finds', () => {
  test.each([
    ['a clean-up', auditEvent('AUDIT_RETENTION', SYSTEM, SYSTEM_PLACE, RETENTION)],
    [
      'the removal of an archive',
      auditEvent('AUDIT_ARCHIVE_REMOVED', SYSTEM, SYSTEM_PLACE, { archive: 'x', entryCount: 1, years: 7 }),
    ],
  ])('%s while the clock was in doubt', async (_, event) => {
    const { clock, warden } = await openDoubting()
    const { writer } = await openWriter(warden, clock)
    await writer.append(event)
    expect(await findings(warden, clock)).toContainEqual(
      expect.objectContaining({
        kind: 'unfounded act',
        about: expect.stringContaining('while the clock was in doubt'),
      }),
    )
  })

  test('none that found nothing to remove', async () => {
    const { clock, warden } = await openDoubting()
    const { writer } = await openWriter(warden, clock)
    await writer.append(auditEvent('AUDIT_RETENTION', SYSTEM, SYSTEM_PLACE, { ...RETENTION, deletedCount: 0 }))
    expect(await findings(warden, clock)).toEqual([])
  })
})
