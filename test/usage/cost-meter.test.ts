import { describe, expect, test } from 'vitest'
import { DAY } from '../../src/kernel/clock.ts'
import { FakeClock, OWNER, openTestWarden, type TestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { readEntry, refuseEntries } from '../support/trail.ts'

/** What was told of, oldest first: period, threshold and the cost that went over it. */
const breaches = async ({ AuditLogRepository }: TestWarden) =>
  (await AuditLogRepository.findByAction('COST_THRESHOLD_BREACH'))
    .reverse()
    .map(readEntry)
    .map(({ metadata: { period, threshold, actual } }) => [period, threshold, actual])

const day = (threshold: number | 'none') => `!config set cost-threshold-day ${threshold}`
const month = (threshold: number | 'none') => `!config set cost-threshold-month ${threshold}`

async function open(moment: string, ...commands: readonly string[]) {
  const clock = new FakeClock(Date.parse(moment))
  const warden = await openTestWarden({ clock })
  for (const command of commands) await warden.say(OWNER, command)
  const add = async (...amounts: readonly number[]) => {
    for (const amount of amounts) await warden.addCost(amount)
  }
  return { clock, warden, add }
}

describe('addCost', () => {
  test('writes once that a day or a month went over its threshold, with the first cost that does', async () => {
    const { warden, add } = await open('2026-06-15T12:00Z', day(5), month(12))
    await add(2, 3)
    // Five is not more than five.
    expect(await breaches(warden)).toEqual([])
    await add(0.25)
    expect(await breaches(warden)).toEqual([['day:2026-06-15', 5, 5.25]])
    await add(0, 1, 5, 10, 10)
    expect(await breaches(warden)).toEqual([
      ['day:2026-06-15', 5, 5.25],
      ['month:2026-06', 12, 21.25],
    ])
    const [entry] = await warden.AuditLogRepository.findByAction('COST_THRESHOLD_BREACH')
    expect(entry).toMatchObject({
      category: 'ADMIN',
      phoneNumber: 'SYSTEM',
      userRole: 'SYSTEM',
      source: 'system',
      description: 'Cost 21.25 went over the threshold 12 (month:2026-06)',
    })
  })

  test('counts without thresholds too, so that one set later looks at the whole day', async () => {
    const { warden, add } = await open('2026-06-15T12:00Z')
    await add(4, 4)
    expect(await breaches(warden)).toEqual([])
    await warden.say(OWNER, day(7))
    await add(0)
    expect(await breaches(warden)).toEqual([['day:2026-06-15', 7, 8]])
  })

  test('tells of each threshold once, raised or lowered and back', async () => {
    const { warden, add } = await open('2026-06-15T12:00Z', day(5))
    await add(6)
    await warden.say(OWNER, day(10))
    await add(3)
    expect(await breaches(warden)).toHaveLength(1)
    await add(2)
    await warden.say(OWNER, day(3))
    await add(1)
    for (const again of [day(5), day(10), day('none'), day(3)]) {
      await warden.say(OWNER, again)
      await add(1)
    }
    expect(await breaches(warden)).toEqual([
      ['day:2026-06-15', 5, 6],
      ['day:2026-06-15', 10, 11],
      ['day:2026-06-15', 3, 12],
    ])
  })

  test('adds decimal fractions up without their binary dust', async () => {
    const { warden, add } = await open('2026-06-15T12:00Z', day(0.3))
    await add(0.1, 0.1, 0.1)
    expect(await breaches(warden)).toEqual([])
    await add(0.000_001)
    expect(await breaches(warden)).toEqual([['day:2026-06-15', 0.3, 0.300001]])
  })

  test.each<[zone: string, beforeMidnight: string, after: string, days: [string, string]]>([
    ['UTC', '2026-06-30T23:59:59.999Z', '2026-07-01T00:00Z', ['2026-06-30', '2026-07-01']],
    ['Asia/Tokyo', '2026-06-30T14:59:59.999Z', '2026-06-30T15:00Z', ['2026-06-30', '2026-07-01']],
    ['America/New_York', '2027-01-01T04:59:59.999Z', '2027-01-01T05:00Z', ['2026-12-31', '2027-01-01']],
    // Clocks go forward at 01:00 UTC and back at 01:00 UTC: these days have 23 and 25 hours.
    ['Europe/Berlin', '2026-03-29T21:59:59.999Z', '2026-03-29T22:00Z', ['2026-03-29', '2026-03-30']],
    ['Europe/Berlin', '2026-10-25T22:59:59.999Z', '2026-10-25T23:00Z', ['2026-10-25', '2026-10-26']],
    // Here midnight itself is left out.
    ['America/Santiago', '2026-09-06T03:59:59.999Z', '2026-09-06T04:00Z', ['2026-09-05', '2026-09-06']],
  ])('begins anew at midnight of the time zone that is set: %s, %s', async (zone, last, first, [one, other]) => {
    const { warden, clock, add } = await open(last, `!config set timezone ${zone}`, day(1))
    await add(0.75, 0.75)
    clock.time = Date.parse(first)
    await add(0.75)
    expect(await breaches(warden)).toEqual([[`day:${one}`, 1, 1.5]])
    await add(0.75)
    expect(await breaches(warden)).toEqual([
      [`day:${one}`, 1, 1.5],
      [`day:${other}`, 1, 1.5],
    ])
    const months = [...new Set([`month:${one.slice(0, 7)}`, `month:${other.slice(0, 7)}`])]
    const rows = warden.sql<{ period: string }>(`SELECT period FROM cost_totals ORDER BY period`)
    expect(rows.map(({ period }) => period)).toEqual([`day:${one}`, `day:${other}`, ...months])
  })

  test('goes on after a restart, and in two processes on one file', async () => {
    const folder = temporaryFolder()
    const clock = new FakeClock()
    const first = await openTestWarden({ clock }, folder)
    await first.say(OWNER, day(10))
    await first.addCost(6)
    await first.close()
    const [one, two] = [await openTestWarden({ clock }, folder), await openTestWarden({ clock }, folder)]
    await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? one : two).addCost(0.5)))
    expect(await breaches(one)).toEqual([['day:2026-06-15', 10, 10.5]])
    expect(one.sql('SELECT amount FROM cost_totals')).toEqual([{ amount: 16 }, { amount: 16 }])
  })

  test('refuses what is no cost, and adds nothing then', async () => {
    const { warden, add } = await open('2026-06-15T12:00Z', day(5))
    const refused = { code: 'INVALID_ARGUMENT', message: expect.stringContaining('from 0 to 1000000000') }
    for (const amount of [-1, -0.01, Number.NaN, Infinity, -Infinity, Number.MAX_VALUE, 1e9 + 1, '5', null, undefined])
      await expect(warden.addCost(amount as number)).rejects.toMatchObject(refused)
    expect(warden.sql('SELECT * FROM cost_totals')).toEqual([])
    await add(1e9)
    expect(await breaches(warden)).toEqual([['day:2026-06-15', 5, 1e9]])
  })

  test('that cannot be written rejects and adds nothing, and the next one tells of it', async () => {
    const { warden, add } = await open('2026-06-15T12:00Z', day(5))
    await add(4)
    refuseEntries(warden)
    await expect(warden.addCost(2)).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' })
    expect(warden.sql('SELECT amount, told FROM cost_totals')).toEqual([
      { amount: 4, told: '[]' },
      { amount: 4, told: '[]' },
    ])
    // What needs no entry needs none.
    await add(0.5)
    warden.sql('DROP TRIGGER refuse')
    await add(2)
    expect(await breaches(warden)).toEqual([['day:2026-06-15', 5, 6.5]])
  })

  test('is forgotten by the clean-up after more than a year', async () => {
    const { warden, clock, add } = await open('2026-06-15T12:00Z')
    await add(1)
    clock.advance(440 * DAY)
    await add(1)
    const periods = () => warden.sql<{ period: string }>('SELECT period FROM cost_totals').map(({ period }) => period)
    expect(periods()).toHaveLength(4)
    warden.startAuditLogCleanupScheduler()
    await expect.poll(periods).toHaveLength(2)
    await warden.stopAuditLogCleanupScheduler()
  })
})
