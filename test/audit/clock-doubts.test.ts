import { existsSync, mkdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ChatwardenOptions } from '../../src/app/chatwarden.ts'
import { auditEvent, SYSTEM, SYSTEM_PLACE } from '../../src/audit/entry/entry.ts'
import { removeExpired } from '../../src/audit/remove/retention.ts'
import { ClockWatch } from '../../src/audit/write/clock-watch.ts'
import { DAY, HOUR, MINUTE } from '../../src/kernel/clock.ts'
import { HeardTime } from '../../src/kernel/heard-time.ts'
import {
  ADMIN,
  OWNER,
  OWNER2,
  OWNER3,
  openTestWarden,
  STRANGER,
  type TestWarden,
  temporaryFolder,
} from '../support/chatwarden.ts'
import { confirmed } from '../support/confirming.ts'
import { beginMigrated, onPostgres, testDatabase } from '../support/database.ts'
import { HELLO } from '../support/hello.ts'
import { MachineClock } from '../support/machine-clock.ts'
import { findingsIn, keyIn } from '../support/tamper.ts'
import { openWriter } from '../support/writer.ts'

const OWNERS = { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` }

const RETENTION = { retentionDays: 90, cutoff: new Date(0).toISOString(), ranges: [], deletedCount: 1 }
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
    // It was not away for long again: what it has run counts.
    clock.set(1.5 * DAY)
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

  test.each([
    ['longer', 120],
    ['shorter, which may be the clock', 6],
  ])('and again meanwhile, for %s, needs another day', async (_, days) => {
    const { clock, warden, start } = await openOld()
    await warden.close()
    clock.set(7 * DAY)
    const second = await start()
    clock.advance(23 * HOUR)
    await note(second)
    expect(await cleanUp(second)).toBe(0)
    await second.close()
    clock.set(days * DAY)
    const third = await start()
    clock.advance(DAY - 1)
    expect(await cleanUp(third)).toBe(0)
    expect((await doubts(third)).map(({ byMs }) => byMs)).toEqual([7 * DAY, days * DAY])
    clock.advance(1)
    expect(await cleanUp(third)).toBeGreaterThan(0)
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

describe('a command line', () => {
  test('whose clock is behind makes nobody doubt', async () => {
    const { clock, warden, start } = await openOld()
    await warden.close()
    const { writer } = await openWriter(warden, new MachineClock(clock.time - 30 * DAY))
    await writer.append(auditEvent('AUDIT_LOG_VIEWED', SYSTEM, { source: 'cli' }, { filters: {} }))
    clock.set(HOUR)
    const second = await start()
    expect([await second.AuditLogRepository.count({ action: 'CLOCK_JUMP' }), await doubts(second)]).toEqual([1, []])
  })

  test('alone wrote before the first start of a bot, which goes by that', async () => {
    const clock = new MachineClock()
    const folder = temporaryFolder()
    const database = testDatabase(folder)
    await beginMigrated(database.path)
    const { writer } = await openWriter(database, clock)
    await writer.append(auditEvent('AUDIT_LOG_VIEWED', SYSTEM, { source: 'import' }, { filters: {} }))
    clock.set(120 * DAY)
    expect(await doubts(await openTestWarden({ clock }, folder))).toEqual([{ reason: 'stopped', byMs: 120 * DAY }])
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
      ['jumped', -120],
      ['stopped', 120],
      ['jumped', -120],
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

  test('was wrong for 23 hours does not vouch for one that is right, nor the other way round', async () => {
    const { clock, warden, start } = await openOld()
    await warden.close()
    clock.set(120 * DAY)
    const ahead = await start()
    clock.advance(23 * HOUR)
    await ahead.close()
    clock.set(-120 * DAY)
    const right = await start()
    clock.advance(10 * MINUTE)
    expect(await cleanUp(right)).toBe(0)
    await right.close()
    clock.set(119 * DAY)
    const again = await start()
    clock.advance(2 * HOUR)
    expect(await cleanUp(again)).toBe(0)
    expect((await doubts(again)).map(({ reason }) => reason)).toEqual(['stopped', 'jumped', 'stopped'])
    expect(await findings(again, clock)).toEqual([])
  })

  test.each([
    ['by less than it is ahead then', 99],
    ['by more than it is ahead then', 101],
  ])('was set %s and right again does not vouch for one that is ahead at the next start', async (_, days) => {
    const { clock, warden, start } = await openOld()
    for (const by of [-100 * DAY, 100 * DAY]) {
      clock.set(by)
      await note(warden)
    }
    clock.advance(23 * HOUR)
    expect(await cleanUp(warden)).toBe(0)
    await warden.close()
    clock.set(days * DAY)
    const ahead = await start()
    clock.advance(2 * HOUR)
    expect(await cleanUp(ahead)).toBe(0)
  })

  test('jumped in one process of two that had run for days is not trusted for what they ran before', async () => {
    const { clock, warden } = await openOld()
    const other = new MachineClock(clock.time)
    const bot = await openTestWarden({ clock: other }, warden.folder)
    await note(bot)
    for (const each of [clock, other]) each.advance(3 * DAY)
    await note(warden)
    other.set(120 * DAY)
    await note(bot)
    await warden.handle({ ...HELLO, sentAt: new Date(clock.time) })
    expect(await cleanUp(warden)).toBe(1)
    for (const each of [clock, other]) each.advance(MINUTE)
    expect(await cleanUp(bot)).toBe(0)
    for (const each of [clock, other]) each.advance(23 * HOUR)
    expect(await cleanUp(bot)).toBe(0)
  })

  test('that was set in one process of two is not trusted by what that ran before, whoever counts first', async () => {
    const { clock, warden } = await openOld()
    const other = new MachineClock(clock.time)
    const wrong = await openTestWarden({ clock: other }, warden.folder)
    for (const each of [clock, other]) each.advance(3 * DAY)
    await note(warden)
    other.set(120 * DAY)
    await note(wrong)
    expect([await cleanUp(warden), await cleanUp(wrong), await trusts(warden)]).toEqual([0, 0, []])
  })

  test('of one process and that of another count the same hours once', async () => {
    const { clock, warden } = await openOld()
    const other = new MachineClock(clock.time)
    const wrong = await openTestWarden({ clock: other }, warden.folder)
    other.set(120 * DAY)
    for (const each of [wrong, warden]) await cleanUp(each)
    for (const each of [clock, other]) each.advance(12 * HOUR)
    expect([await cleanUp(warden), await cleanUp(wrong), await trusts(warden)]).toEqual([0, 0, []])
    for (const each of [clock, other]) each.advance(12 * HOUR)
    expect([await cleanUp(warden), await trusts(warden)]).toEqual([1, ['running']])
  })

  test('was behind at a start and is right again is doubted once, by however many processes', async () => {
    const { clock, warden, start } = await openOld()
    await warden.close()
    clock.set(-3 * DAY)
    const behind = await start()
    await note(behind)
    clock.set(3 * DAY)
    await cleanUp(behind)
    for (const _ of [1, 2, 3]) {
      clock.advance(5 * HOUR)
      const say = await start()
      await note(say)
      await say.close()
    }
    expect((await doubts(behind)).map(({ byMs }) => byMs)).toEqual([3 * DAY])
    clock.advance(9 * HOUR)
    expect([await cleanUp(behind), await trusts(behind)]).toEqual([1, ['running']])
  })

  test('is right in a process that wrote nothing while another was set is not doubted', async () => {
    const { clock, warden } = await openOld()
    const other = new MachineClock(clock.time)
    const idle = await openTestWarden({ clock: other }, warden.folder)
    for (const each of [clock, other]) each.advance(DAY)
    clock.set(3 * HOUR)
    await note(warden)
    clock.set(-3 * HOUR)
    await note(warden)
    await note(idle)
    expect((await doubts(warden)).map(({ byMs }) => byMs)).toEqual([3 * HOUR, -3 * HOUR])
  })

  test('messages spoke for after it had run long enough is borne out by them, or by an owner', async () => {
    for (const speak of [
      (bot: TestWarden, clock: MachineClock) => bot.handle({ ...HELLO, sentAt: new Date(clock.time) }),
      (bot: TestWarden, clock: MachineClock) =>
        bot.say(OWNER, `!config audit clock ${new Date(clock.time).toISOString().slice(0, 10)}`),
    ]) {
      const { clock, warden, start } = await openOld({ env: { OWNER_PHONE_NUMBERS: OWNER } })
      // Where times stand still, what only the bot itself speaks for is not removed.
      const { writer } = await openWriter(warden, new MachineClock(Date.UTC(2099, 0)))
      await writer.append(auditEvent('AUDIT_LOG_VIEWED', SYSTEM, { source: 'cli' }, { filters: {} }))
      clock.advance(DAY)
      await note(warden)
      await warden.close()
      clock.set(7 * DAY)
      const bot = await start()
      clock.advance(DAY)
      await cleanUp(bot)
      expect(await trusts(bot)).toEqual(['running'])
      await speak(bot, clock)
      await cleanUp(bot)
      expect(await trusts(bot)).toEqual(['running', expect.stringMatching('messages|owner')])
      await note(bot)
      clock.advance(60 * DAY)
      await note(bot)
      clock.advance(31 * DAY)
      // All but the doubts and what ended them. A server lets nothing go that is younger by its clock.
      expect(await cleanUp(bot)).toBeGreaterThan(onPostgres ? -1 : 3)
      expect(await trusts(bot)).toHaveLength(2)
      expect(await findings(bot, clock)).toEqual([])
    }
  })

  test('is wrong in one process is not trusted by what another says of its own', async () => {
    const { clock, warden, start } = await openOld()
    const other = new MachineClock(clock.time + 120 * DAY)
    const ahead = await openTestWarden({ clock: other }, warden.folder)
    const passes = (ms: number) => {
      for (const each of [clock, other]) each.advance(ms)
    }
    await warden.handle({ ...HELLO, sentAt: new Date(clock.time) })
    expect(await cleanUp(warden)).toBe(1)
    expect(await trusts(warden)).toEqual(['messages'])
    await note(warden)
    expect(await cleanUp(ahead)).toBe(0)
    for (const _ of [1, 2, 3]) {
      passes(12 * HOUR)
      await ahead.handle({ ...HELLO, sentAt: new Date(clock.time) })
      expect(await cleanUp(ahead)).toBe(0)
    }
    // What speaks against one clock is for all to wait: which of them is meant nobody knows. Who hears the time ends it.
    const same = await start()
    expect(await cleanUp(same)).toBe(0)
    expect(await told(same, 'AUDIT_RETENTION')).toHaveLength(1)
    await warden.handle({ ...HELLO, sentAt: new Date(clock.time) })
    await cleanUp(warden)
    await cleanUp(same)
    expect(await told(same, 'AUDIT_RETENTION')).toHaveLength(3)
    expect(await cleanUp(ahead)).toBe(0)
    expect([(await doubts(same)).map(({ reason }) => reason), await trusts(same)]).toEqual([
      ['stopped', 'messages', 'jumped'],
      ['messages', 'messages'],
    ])
    expect(await findings(warden, clock)).toEqual([])
  })

  test.each([60 * DAY, 120 * DAY])(
    'is wrong in one process of two, by %d ms, is doubted at its next start too',
    async (aheadMs) => {
      const { clock, warden } = await openOld()
      const other = new MachineClock(clock.time + aheadMs)
      const ahead = await openTestWarden({ clock: other }, warden.folder)
      await note(ahead)
      await warden.handle({ ...HELLO, sentAt: new Date(clock.time) })
      expect(await cleanUp(warden)).toBe(1)
      for (let n = 0; n < 3; n++) await note(ahead)
      await ahead.close()
      for (const each of [clock, other]) each.advance(MINUTE)
      const again = await openTestWarden({ clock: other }, warden.folder)
      expect(await cleanUp(again)).toBe(0)
      // Who is right is not kept from anything.
      await warden.handle({ ...HELLO, sentAt: new Date(clock.time) })
      await cleanUp(warden)
      await warden.close()
      clock.set(HOUR)
      const right = await openTestWarden({ clock }, warden.folder)
      await right.handle({ ...HELLO, sentAt: new Date(clock.time) })
      await cleanUp(right)
      expect((await told(right, 'AUDIT_RETENTION')).at(-1)).toMatchObject({ deletedCount: 0 })
      expect(await right.AuditLogRepository.count({ action: 'RATE_LIMIT_VIOLATION' })).toBe(5)
      expect(await findings(right, clock)).toEqual([])
    },
  )

  test.each([
    ['ahead of', 100 * DAY],
    ['behind', -2 * HOUR],
  ])('is %s what messages say is in doubt, is told to owners once, and is confirmed by nobody', async (words, by) => {
    const { clock, warden } = await openOld({ env: { ...OWNERS, CHAT: 'whatsapp' } })
    const hear = async () => {
      await warden.handle({ ...HELLO, sentAt: new Date(clock.time - by) })
      clock.advance(11 * MINUTE)
    }
    const ask = (text: string) => warden.ask(OWNER, `!config audit clock ${text}`)
    await hear()
    expect([await cleanUp(warden), await doubts(warden)]).toEqual([1, []])
    await note(warden)
    clock.advance(91 * DAY)
    await hear()
    await hear()
    expect([await cleanUp(warden), await cleanUp(warden)]).toEqual([0, 0])
    expect(await doubts(warden)).toEqual([{ reason: 'messages', byMs: by }])
    expect(notes(warden).map(({ text }) => text)).toEqual(
      Array(2).fill(expect.stringMatching(new RegExp(`^⏱️ \\*The clock is .* ${words} what messages say`))),
    )
    expect(await ask('')).toContain(`${words} what messages say`)
    expect(await ask(new Date(clock.time).toISOString().slice(0, 10))).toContain('Nothing was changed')
    clock.advance(20 * HOUR)
    expect([await cleanUp(warden), await trusts(warden)]).toEqual([0, []])
    // Once it is set right, by the very messages that spoke against it.
    clock.set(-by)
    await cleanUp(warden)
    expect(await trusts(warden)).toEqual(['messages'])
    expect(await findings(warden, clock)).toEqual([])
  })

  test.each([
    ['one each minute', () => [true, 0]],
    ['one each 9 minutes', (n: number) => [n % 9 === 0, 0]],
    ['one each hour, and late ones between', (n: number) => [n % 20 === 0, n % 60 === 0 ? 0 : 3 * HOUR + n * 20_000]],
    ['each second one a little late', (n: number) => [n % 11 === 0, n % 22 === 0 ? 0 : 1.5 * MINUTE]],
    ['one of the future first', (n: number) => [n % 15 === 0, n === 0 ? -200 * DAY : 0]],
  ] as [string, (n: number) => [boolean, number]][])(
    'messages speak against removes nothing, however they come: %s',
    async (_, comes) => {
      const { clock, warden } = await openOld()
      for (let n = 0; n <= 120; n++) {
        const [isThere, late] = comes(n)
        if (isThere) await warden.handle({ ...HELLO, sentAt: new Date(clock.time - 100 * DAY - late) })
        clock.advance(MINUTE)
      }
      expect([await cleanUp(warden), (await doubts(warden)).map(({ reason }) => reason)]).toEqual([0, ['messages']])
    },
  )

  test('messages speak against is not trusted by a bot that hears none, and owners hear of it though it was stopped', async () => {
    const { clock, warden, start } = await openOld({ env: { ...OWNERS, CHAT: 'whatsapp' } })
    await warden.close()
    clock.set(120 * DAY)
    const [hears, silent] = [await start(), await start()]
    await note(silent)
    for (let n = 0; n < 100; n++) {
      await hears.handle({ ...HELLO, sentAt: new Date(clock.time - 120 * DAY) })
      clock.advance(15 * MINUTE)
      await cleanUp(hears)
    }
    expect([await cleanUp(silent), await trusts(silent)]).toEqual([0, []])
    expect((await doubts(silent)).map(({ reason }) => reason)).toEqual(['stopped', 'messages'])
    expect(notes(silent)).toHaveLength(2)
    // No message for a day: an owner may know better, and running proves nothing where somebody told another time.
    clock.advance(3 * DAY)
    expect([await cleanUp(hears), await cleanUp(silent)]).toEqual([0, 0])
    await hears.say(OWNER, `!config audit clock ${new Date(clock.time).toISOString().slice(0, 10)}`)
    expect(await trusts(silent)).toEqual(['owner'])
    expect(await findings(silent, clock)).toEqual([])
  })

  test('is right is doubted by no start, for however long times stand still', async () => {
    const { clock, warden, start } = await openOld()
    clock.set(60 * DAY)
    await note(warden)
    clock.set(-60 * DAY)
    await warden.say(OWNER, `!config audit clock ${new Date(clock.time).toISOString().slice(0, 10)}`)
    const doubted = (await doubts(warden)).length
    await warden.close()
    for (let day = 0; day < 55; day += 5) {
      const bot = await start()
      clock.advance(6 * HOUR)
      await note(bot)
      await bot.close()
      clock.set(18 * HOUR)
      const next = await start()
      for (let n = 0; n < 4; n++) {
        clock.advance(DAY)
        await note(next)
      }
      await next.close()
    }
    const last = await start()
    expect([doubted, (await doubts(last)).length]).toEqual([2, 2])
  })

  test('is behind the trail says so, and does not say that all is well', async () => {
    const { clock, warden, start } = await openOld()
    await warden.close()
    clock.set(-2 * DAY)
    const bot = await start()
    expect(await bot.ask(OWNER, '!config audit clock')).toContain('The newest entry is of')
  })

  test.each([
    ['of another millennium', Date.UTC(12_000, 0)],
    ['at the end of time', 8.64e15 - MINUTE],
    ['before there was one', -1e13],
  ])('is %s for a while ends nothing', async (_, time) => {
    const { clock, warden, start } = await openOld()
    const { writer } = await openWriter(warden, new MachineClock(time))
    await writer.append(auditEvent('AUDIT_KEY_VIEWED', SYSTEM, { source: 'cli' }, {}))
    await note(warden)
    expect((await warden.say(OWNER, '!config audit list')).status).toBe('answered')
    await warden.close()
    clock.set(HOUR)
    const second = await start()
    await note(second)
    const since = new Date(clock.time - 2 * HOUR)
    expect(
      await second.AuditLogRepository.count({
        action: 'RATE_LIMIT_VIOLATION',
        startDate: since,
        endDate: new Date(clock.time),
      }),
    ).toBe(3)
    expect(await findings(second, clock)).toEqual([])
  })

  test('was set for a while, between two looks, removes nothing by what it said', async () => {
    const { clock, warden } = await openOld()
    const { writer, logs } = await openWriter(warden, clock, new ClockWatch(clock, new HeardTime(clock)))
    const settle = async () => {
      clock.set(120 * DAY)
      return true
    }
    let commits = 0
    writer.onCommit(() => {
      if (++commits === 2) clock.set(-120 * DAY)
    })
    await removeExpired({ writer, logs, clock, trust: { settle }, archive: undefined }, 200)
    expect(await told(warden, 'AUDIT_RETENTION')).toEqual([])
  })

  test.each([
    ['a report of the host', async (warden: TestWarden) => void (await note(warden))],
    ['a command', async (warden: TestWarden) => void (await warden.say(OWNER, '!config role list'))],
    ['a denial', async (warden: TestWarden) => void (await warden.say(STRANGER, '!config role list'))],
  ])('was set is noticed by whatever is written next: %s', async (_, write) => {
    const { clock, warden } = await openOld()
    clock.set(120 * DAY)
    await write(warden)
    expect(await doubts(warden)).toEqual([{ reason: 'jumped', byMs: 120 * DAY }])
  })

  test('is set back twice by as much is told twice', async () => {
    const { clock, warden } = await openOld({ env: OWNERS })
    for (const times of [1, 2]) {
      clock.set(-30 * DAY)
      expect(await cleanUp(warden)).toBe(0)
      expect(await doubts(warden)).toHaveLength(times)
      await warden.say(OWNER, `!config audit clock ${new Date(clock.time).toISOString().slice(0, 10)}`)
      clock.advance(4 * DAY)
    }
  })

  test('is set while the machine sleeps is told by as much as it was set', async () => {
    const { clock, warden } = await openOld()
    clock.sleep(10 * HOUR)
    clock.set(3 * HOUR)
    expect(await cleanUp(warden)).toBe(0)
    expect(await doubts(warden)).toEqual([{ reason: 'jumped', byMs: 3 * HOUR }])
  })

  test('drifts by a minute a day is trusted', async () => {
    const { clock, warden } = await openOld()
    for (let day = 0; day < 100; day++) {
      clock.advance(DAY + 1)
      clock.set(-MINUTE)
      await note(warden)
    }
    expect(await doubts(warden)).toEqual([])
  })

  test('was set while a commit was on its way is noticed by the next one, whoever asks meanwhile', async () => {
    const { clock, warden } = await openOld()
    const { writer } = await openWriter(warden, clock, new ClockWatch(clock, new HeardTime(clock)))
    const event = auditEvent('AUDIT_KEY_VIEWED', SYSTEM, SYSTEM_PLACE, {})
    await writer.append(event)
    await writer.transaction(async (tx) => {
      await tx.append(event)
      tx.lastly(async () => {
        clock.set(120 * DAY)
        expect(writer.isClockDoubted).toBe(true)
        return async () => {}
      })
    })
    expect(await writer.transaction((tx) => tx.isClockTrusted())).toBe(false)
    expect(await doubts(warden)).toHaveLength(1)
  })

  test('was set while a commit failed, and set right, is trusted', async () => {
    const { clock, warden } = await openOld()
    const { writer } = await openWriter(warden, clock, new ClockWatch(clock, new HeardTime(clock)))
    const event = auditEvent('AUDIT_KEY_VIEWED', SYSTEM, SYSTEM_PLACE, {})
    clock.set(120 * DAY)
    const failing = writer.transaction(async (tx) => {
      await tx.append(event)
      tx.lastly(async () => {
        throw new Error('no')
      })
    })
    await expect(failing).rejects.toThrow('no')
    clock.set(-120 * DAY)
    await writer.append(event)
    clock.advance(MINUTE)
    await writer.append(event)
    expect(await doubts(warden)).toEqual([])
  })

  test('is set while a clean-up runs ends it', async () => {
    const { clock, warden } = await openOld()
    await Promise.all(Array.from({ length: 600 }, () => note(warden)))
    const { writer, logs } = await openWriter(warden, clock, new ClockWatch(clock, new HeardTime(clock)))
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

  test('lasts while messages speak against the clock, for however long it runs', async () => {
    const { clock, warden } = await openDoubting()
    for (let n = 0; n < 4; n++) {
      await warden.handle({ ...HELLO, sentAt: new Date(clock.time - 7 * DAY) })
      clock.advance(n === 0 ? 11 * MINUTE : DAY)
      expect(await cleanUp(warden)).toBe(0)
    }
    await warden.handle({ ...HELLO, sentAt: new Date(clock.time) })
    expect(await cleanUp(warden)).toBe(1)
  })

  test.each([
    ['one that came late', [[-2 * HOUR, 0]], 'running'],
    [
      'many that came late at once',
      [
        [-5 * HOUR, 0],
        [-4 * HOUR, 1],
        [-3 * HOUR, 1],
      ],
      'running',
    ],
    ['one of another millennium', [[8e14, 0]], 'running'],
    [
      'one in time, and a late one after it',
      [
        [0, 0],
        [-3 * HOUR, MINUTE],
      ],
      'messages',
    ],
    ['one in time, and then none while the machine sleeps', [[0, 0]], 'messages', 10 * HOUR],
  ] as const)('is not made longer by messages: %s', async (_, messages, by, sleep = 0) => {
    const { clock, warden } = await openDoubting()
    for (const [off, later] of messages) {
      clock.advance(later)
      await warden.handle({ ...HELLO, sentAt: new Date(clock.time + off) })
    }
    clock.sleep(sleep)
    clock.advance(by === 'running' ? DAY : MINUTE)
    expect(await cleanUp(warden)).toBe(1)
    expect(await trusts(warden)).toEqual([by])
  })

  test.each([[undefined], [new Date(Number.NaN)], ['soon' as unknown as Date], [null as unknown as Date]])(
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
    expect(asked).toContain('written nothing for 7 days')
    expect(asked).toContain('until the bot has run 24 hours more')
    expect((await warden.say(ADMIN, `!config audit clock ${today}`)).status).toBe('denied')
    for (const other of ['2026-09-20', '1970-01-01', '2026-13-01', 'yes'])
      expect((await warden.say(OWNER, `!config audit clock ${other}`)).status).toBe('usage')
    expect(await cleanUp(warden)).toBe(0)
    // What somebody else wrote is not shown either.
    warden.sql('UPDATE clock_doubts SET remaining = 1')
    expect(await warden.ask(OWNER, '!config audit clock')).toContain('24 hours more')
    const { status, replies } = await warden.say(OWNER, `!config audit clock ${today}`)
    expect([status, replies.length]).toEqual(['answered', 2])
    expect(await cleanUp(warden)).toBe(1)
    expect(await warden.ask(OWNER, `!config audit clock ${today}`)).toContain('Nothing speaks against it')
    expect(await trusts(warden)).toEqual(['owner'])
  })

  test('stays ended where who ended it is erased, and where that is past its retention', async () => {
    const { clock, warden } = await openDoubting({ env: { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2},${OWNER3}` } })
    await warden.say(OWNER, `!config audit clock ${new Date(clock.time).toISOString().slice(0, 10)}`)
    const { status } = await confirmed(warden, `audit erase ${OWNER}`, OWNER2, OWNER3)
    expect([status, await trusts(warden)]).toEqual(['answered', ['owner']])
    clock.advance(91 * DAY)
    for (const _ of [1, 2]) await cleanUp(warden)
    expect([await doubts(warden), await trusts(warden)]).toEqual([[], ['owner']])
    expect(await findings(warden, clock)).toEqual([])
  })

  test('is counted to the end of each process, be it without jobs', async () => {
    const { clock, warden, start } = await openDoubting()
    clock.advance(13 * HOUR)
    await warden.close()
    const second = await start()
    clock.advance(11 * HOUR)
    expect(await cleanUp(second)).toBe(1)
  })

  test('gains nothing by a row of before that is put back', async () => {
    const { clock, warden, start } = await openDoubting()
    await warden.handle({ ...HELLO, sentAt: new Date(clock.time - 7 * DAY) })
    clock.advance(HOUR)
    expect(await cleanUp(warden)).toBe(0)
    const [row] = warden.sql<Record<string, unknown>>('SELECT * FROM clock_doubts')
    // From here on it is certain that the clock is wrong.
    await warden.handle({ ...HELLO, sentAt: new Date(clock.time - 7 * DAY) })
    clock.advance(22 * HOUR)
    expect(await cleanUp(warden)).toBe(0)
    await warden.close()
    const second = await start()
    second.sql('UPDATE clock_doubts SET remaining = ?, seal = ?', row?.remaining, row?.seal)
    clock.advance(23 * HOUR - 1)
    expect(await cleanUp(second)).toBe(0)
  })

  test.each([
    ['says that no time is left', 'UPDATE clock_doubts SET remaining = 0'],
    ['is signed by nobody', "UPDATE clock_doubts SET seal = 'x'"],
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
    [
      'a clean-up that says it removed nothing, and what',
      auditEvent('AUDIT_RETENTION', SYSTEM, SYSTEM_PLACE, { ...RETENTION, ranges: [[0, 0]], deletedCount: 0 }),
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

  test('a doubt that was ended in the place of another', async () => {
    const { clock, warden } = await openDoubting()
    const { writer } = await openWriter(warden, clock)
    await writer.append(auditEvent('CLOCK_TRUSTED', SYSTEM, SYSTEM_PLACE, { since: 1, by: 'owner' }))
    expect((await findings(warden, clock)).map(({ kind }) => kind)).toEqual(['unfounded act'])
  })

  test('none that found nothing to remove', async () => {
    const { clock, warden } = await openDoubting()
    const { writer } = await openWriter(warden, clock)
    await writer.append(auditEvent('AUDIT_RETENTION', SYSTEM, SYSTEM_PLACE, { ...RETENTION, deletedCount: 0 }))
    expect(await findings(warden, clock)).toEqual([])
  })
})
