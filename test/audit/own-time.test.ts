import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { auditEvent, SYSTEM } from '../../src/audit/entry/entry.ts'
import { defineEvent } from '../../src/index.ts'
import { DAY, HOUR, MINUTE } from '../../src/kernel/clock.ts'
import { ownTime } from '../../src/kernel/own-time.ts'
import { makeReport } from '../../src/report/report.ts'
import { withSnapshot } from '../../src/storage/snapshot.ts'
import { findings, note, openBehind, servicesOf } from '../support/behind.ts'
import { FakeClock, OWNER, openTestWarden, STRANGER } from '../support/chatwarden.ts'
import { onPostgres } from '../support/database.ts'
import { HELLO } from '../support/hello.ts'
import { MachineClock } from '../support/machine-clock.ts'
import { tamper } from '../support/tamper.ts'
import { numbered, openWriter } from '../support/writer.ts'

describe('an entry since the clock was set back', () => {
  test('has the time of the newest before it, and beside it what the clock said', async () => {
    const { warden, begin } = await openBehind(120 * DAY)
    const entries = (await warden.AuditLogRepository.query()).reverse()
    const [ahead, right, jump] = entries.slice(-3)
    expect([ahead, right, jump].map((entry) => entry?.action)).toEqual([
      'CIRCUIT_BREAKER_OPEN',
      'CIRCUIT_BREAKER_OPEN',
      'CLOCK_JUMP',
    ])
    for (const entry of [right, jump]) {
      expect(entry?.createdAt).toEqual(ahead?.createdAt)
      expect(entry && ownTime(entry)).toEqual(new Date(begin + HOUR))
    }
    expect(ahead?.metadata).not.toContain('clockTime')
  })

  test('has none of its own up to an hour', async () => {
    const { warden } = await openBehind(2 * HOUR)
    expect((await warden.AuditLogRepository.query()).filter(({ metadata }) => metadata.includes('clockTime'))).toEqual(
      [],
    )
  })

  test('is found, counted and shown by what the clock said', async () => {
    const { warden, begin, clock } = await openBehind(120 * DAY)
    const within = (from: number, to: number) => ({ startDate: new Date(begin + from), endDate: new Date(begin + to) })
    const { AuditLogRepository: logs } = warden
    expect(servicesOf(await logs.query(within(1, DAY)))).toEqual(['right'])
    expect(servicesOf(await logs.query(within(0, DAY)))).toEqual(['right', 'before'])
    expect(servicesOf(await logs.query(within(DAY, 200 * DAY)))).toEqual(['ahead'])
    expect(await logs.count({ ...within(1, DAY), action: 'CIRCUIT_BREAKER_OPEN' })).toBe(1)
    expect((await logs.getStatistics(within(1, DAY))).newest).toEqual(new Date(begin + HOUR))
    const json = await logs.exportToJSON(within(1, DAY))
    expect(json).toContain('right')
    expect(json).not.toContain('"ahead"')
    clock.time += MINUTE
    const day = new Date(begin).toISOString().slice(0, 10)
    const listed = await warden.ask(OWNER, '!config audit list')
    expect(listed.match(/📅 (\S+)/g)?.filter((line) => line.includes(day)).length).toBeGreaterThan(1)
    expect(
      await warden.ask(OWNER, `!config audit search action:CIRCUIT_BREAKER_OPEN since:${day} until:${day}`),
    ).toContain('Found 2')
  })

  test('is found by what the clock said for as long as it stays, be it for good', async () => {
    const { warden, clock } = await openBehind(120 * DAY)
    await warden.say(OWNER, `!config role promote ${STRANGER} USER`)
    const day = new Date(clock.time).toISOString().slice(0, 10)
    const find = () => warden.ask(OWNER, `!config audit search action:ROLE_CHANGE since:${day} until:${day}`)
    const found = await find()
    expect(found).toContain(STRANGER)
    for (let n = 0; n < 10; n++) {
      clock.advance(40 * DAY)
      await note(warden, 'later')
      await warden.cleanupExpiredAuditLogs(90)
    }
    expect(await find()).toBe(found)
  })

  test('is found by any two moments as entries are by their own times, whatever is done to the clock', async () => {
    const moves = fc.array(
      fc.oneof(
        fc.record({ move: fc.integer({ min: -20, max: 20 }).map((days) => days * DAY + 7 * MINUTE) }),
        fc.record({ move: fc.integer({ min: 0, max: 3 * HOUR }) }),
        fc.record({ notes: fc.integer({ min: 1, max: 4 }) }),
      ),
      { minLength: 6, maxLength: 14 },
    )
    await fc.assert(
      fc.asyncProperty(
        moves,
        fc.array(fc.tuple(fc.nat(100), fc.nat(100)), { minLength: 4, maxLength: 8 }),
        async (all, ranges) => {
          const clock = new FakeClock()
          const warden = await openTestWarden({ clock })
          for (const each of all) {
            if ('move' in each) clock.time += each.move
            else for (let n = 0; n < each.notes; n++) await note(warden)
          }
          const { AuditLogRepository: logs } = warden
          const entries = await logs.query()
          const times = [...new Set(entries.map((entry) => ownTime(entry).getTime()))].sort((a, b) => a - b)
          const bounds = times.flatMap((time) => [time - 1, time, time + 1])
          for (const [a, b] of ranges) {
            const [start, end] = [bounds[a % bounds.length] ?? 0, bounds[b % bounds.length] ?? 0].sort((x, y) => x - y)
            const range = { startDate: new Date(start ?? 0), endDate: new Date(end ?? 0) }
            const wanted = entries.filter(
              (entry) => ownTime(entry) >= range.startDate && ownTime(entry) <= range.endDate,
            )
            const seqs = wanted.map(({ seq }) => seq)
            expect((await logs.query(range)).map(({ seq }) => seq)).toEqual(seqs)
            expect((await logs.query({ ...range, offset: 2, limit: 3 })).map(({ seq }) => seq)).toEqual(
              seqs.slice(2, 5),
            )
            expect(await logs.count(range)).toBe(seqs.length)
            expect((await logs.getStatistics(range)).total).toBe(seqs.length)
            const since = entries.filter((entry) => ownTime(entry) >= range.startDate).map(({ seq }) => seq)
            expect((await logs.query({ startDate: range.startDate, beforeSeq: 9 })).map(({ seq }) => seq)).toEqual(
              since.filter((seq) => seq < 9),
            )
          }
          await warden.close()
        },
      ),
      { numRuns: onPostgres ? 6 : 15 },
    )
  })

  test('counts on the day that the clock said, in statistics and reports', async () => {
    const { warden, clock, begin } = await openBehind(120 * DAY)
    for (let n = 0; n < 3; n++) await note(warden)
    clock.time += DAY + MINUTE
    for (let n = 0; n < 5; n++) await note(warden)
    const { AuditLogRepository: logs } = warden
    const statistics = await logs.getStatistics({ startDate: new Date(begin + 1), action: 'CIRCUIT_BREAKER_OPEN' })
    expect([statistics.oldest, statistics.newest]).toEqual([new Date(begin + HOUR), new Date(begin + 120 * DAY)])
    const text = await warden.ask(OWNER, '!config audit stats 1')
    expect(text).toMatch(/CIRCUIT_BREAKER_OPEN: \*?\D*6/)
    const report = await withSnapshot(warden.url, (snapshot) =>
      makeReport(snapshot, { period: 'daily', now: clock.time, retentionDays: 90, keptForGood: async () => new Set() }),
    )
    const opened = report.activity.actions.find(({ name }) => name === 'CIRCUIT_BREAKER_OPEN')
    expect([opened?.now, opened?.before]).toEqual([6, 5])
    expect(report.completeness.ahead).toBe(1)
    expect(report.incidents.entries.filter(({ action }) => action === 'CIRCUIT_BREAKER_OPEN')).toHaveLength(6)
  })

  test.each([
    ['no JSON', '{"clockTime": '],
    ['nothing', ''],
    ['no object', '[1]'],
    ['another type', '{"clockTime":7}'],
    ['no time', '{"clockTime":"soon"}'],
  ])('keeps nobody from reading where somebody has made its metadata %s', async (_, metadata) => {
    const { warden } = await openBehind(120 * DAY)
    await warden.close()
    tamper(warden.path, (db) =>
      db.prepare("UPDATE audit_logs SET metadata = ? WHERE resource_id = 'right'").run(metadata),
    )
    const again = await openTestWarden({ clock: new FakeClock() }, warden.folder)
    const since = { startDate: new Date(0), endDate: new Date(8e12) }
    expect(await again.AuditLogRepository.count(since)).toBeGreaterThan(2)
    expect((await again.say(OWNER, '!config audit list')).status).toBe('answered')
    expect((await again.say(OWNER, '!config audit stats 7')).status).toBe('answered')
  })

  test('is found where the clock was set again before it was written', async () => {
    const clock = new FakeClock()
    const { warden, begin } = await openBehind(120 * DAY, clock)
    const all = [note(warden, 'z'), note(warden, 'back')]
    clock.time += 200 * DAY
    all.push(note(warden, 'ahead2'))
    await Promise.all(all)
    const range = { startDate: new Date(begin), endDate: new Date(begin + DAY), action: 'CIRCUIT_BREAKER_OPEN' }
    expect(servicesOf(await warden.AuditLogRepository.query(range))).toEqual(['back', 'z', 'right', 'before'])
  })

  test('is told once, and once an hour where two clocks differ', async () => {
    const { warden, clock } = await openBehind(120 * DAY)
    for (let n = 0; n < 5; n++) await note(warden)
    const jumps = () => warden.AuditLogRepository.count({ action: 'CLOCK_JUMP' })
    expect(await jumps()).toBe(1)
    clock.time += 121 * DAY
    const behind = await openWriter(warden, new FakeClock(clock.time - 2 * HOUR))
    for (let n = 0; n < 50; n++) {
      clock.time += MINUTE
      await note(warden)
      await behind.writer.append(numbered(n))
    }
    expect(await jumps()).toBe(2)
    const entries = await warden.AuditLogRepository.query()
    const since = clock.time - 2 * HOUR
    const wanted = entries.filter(
      (entry) => ownTime(entry).getTime() >= since - HOUR && ownTime(entry).getTime() <= since,
    )
    expect(await warden.AuditLogRepository.count({ startDate: new Date(since - HOUR), endDate: new Date(since) })).toBe(
      wanted.length,
    )
  })

  test('never has what is young removed, where the clock was set back for a while to that end', async () => {
    const clock = new MachineClock()
    const warden = await openTestWarden({ clock })
    await note(warden, 'evidence')
    clock.advance(DAY)
    clock.set(-200 * DAY)
    await note(warden, 'meanwhile')
    clock.advance(MINUTE)
    clock.set(200 * DAY)
    await note(warden, 'after')
    clock.advance(2 * DAY)
    await warden.cleanupExpiredAuditLogs(90)
    await warden.handle({ ...HELLO, sentAt: new Date(clock.time) })
    await warden.cleanupExpiredAuditLogs(90)
    expect(await warden.AuditLogRepository.count({ action: 'CLOCK_TRUSTED' })).toBe(1)
    expect(servicesOf(await warden.AuditLogRepository.query())).toEqual(['after', 'meanwhile', 'evidence'])
    expect(await findings(warden, clock)).toEqual([])
  })
})

test('one of a command line or another bot whose clock is back has nothing removed that is young', async () => {
  for (const source of ['cli', 'system']) {
    const clock = new FakeClock()
    const warden = await openTestWarden({ clock })
    await note(warden, 'evidence')
    clock.advance(DAY)
    const { writer } = await openWriter(warden, new FakeClock(clock.time - 200 * DAY))
    await writer.append(auditEvent('AUDIT_LOG_VIEWED', SYSTEM, { source }, { filters: {} }))
    clock.advance(MINUTE)
    await warden.cleanupExpiredAuditLogs(90)
    expect(servicesOf(await warden.AuditLogRepository.query())).toEqual(['evidence'])
  }
})

test('one of a clock that was set back, and right at the next start, has nothing removed that is young', async () => {
  for (const [back, then] of [
    [-200 * DAY, 200 * DAY],
    [-200 * DAY, 80 * DAY],
    [-120 * DAY, HOUR],
  ] as const) {
    const clock = new MachineClock()
    const warden = await openTestWarden({ clock })
    await note(warden, 'evidence')
    clock.advance(DAY)
    clock.set(back)
    for (const n of [1, 2]) await note(warden, `${n}`)
    await warden.close()
    clock.set(then)
    const second = await openTestWarden({ clock }, warden.folder)
    await note(second, '3')
    await second.close()
    clock.set(-back - then)
    const third = await openTestWarden({ clock }, warden.folder)
    await note(third, 'after')
    await third.handle({ ...HELLO, sentAt: new Date(clock.time) })
    await third.cleanupExpiredAuditLogs(90)
    expect(servicesOf(await third.AuditLogRepository.query())).toContain('evidence')
  }
})

test.each([
  ['by its type', z.strictObject({ clockTime: z.string() })],
  ['as what its type lets in', z.looseObject({})],
])('an event has no such field %s', async (_, metadata) => {
  const Mine = defineEvent({ category: 'ADMIN', failure: 'open', metadata, describe: () => 'mine' })
  const warden = await openTestWarden({ events: { MINE: Mine } })
  const event = { action: 'MINE', phoneNumber: STRANGER, metadata: { clockTime: '2020-01-01T00:00:00.000Z' } }
  await expect(warden.AuditLogRepository.create(event)).rejects.toMatchObject({ code: 'INVALID_EVENT' })
})
