import { describe, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../src/kernel/clock.ts'
import { readCron } from '../../src/kernel/crontab.ts'
import { Calendar } from '../../src/schedule/calendar.ts'

/** Each time that is due from a moment on, as a process finds them that looks each minute. */
function duesOf(cron: string, zone: string, from: string, hours: number): string[] {
  const calendar = new Calendar(cron, zone)
  const start = Date.parse(from)
  const found = new Set<number>()
  for (let now = start; now < start + hours * HOUR; now = Math.min(calendar.dueAt(now).until, start + hours * HOUR))
    found.add(calendar.dueAt(now).last)
  return [...found].filter((due) => due >= start).map((due) => new Date(due).toISOString().slice(0, 16))
}

describe('a time of the calendar', () => {
  test.each([
    ['Berlin', '0 2 * * *', 'Europe/Berlin', '2026-03-28T23:00Z', ['2026-03-29T01:00']],
    ['Berlin', '0,30 2 * * *', 'Europe/Berlin', '2026-03-28T23:00Z', ['2026-03-29T01:00']],
    ['Berlin', '30 */2 * * *', 'Europe/Berlin', '2026-03-28T23:00Z', ['23:30', '01:00', '02:30', '04:30']],
    ['New York', '15 2 * * *', 'America/New_York', '2026-03-08T05:00Z', ['2026-03-08T07:00']],
    ['Havana', '0 0 * * *', 'America/Havana', '2026-03-08T00:00Z', ['2026-03-08T05:00']],
    ['Helsinki', '0 3 * * *', 'Europe/Helsinki', '2026-03-28T23:00Z', ['2026-03-29T01:00']],
    ['Lord Howe', '15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T14:00Z', ['2026-10-03T15:30']],
    ['Apia, a whole day', '0 3 * * *', 'Pacific/Apia', '2011-12-30T00:00Z', ['2011-12-30T10:00']],
  ])('that is skipped in %s (%s) comes at the first moment after the gap', (_, cron, zone, from, dues) => {
    expect(duesOf(cron, zone, from, 6 + (zone === 'Pacific/Apia' ? 6 : 0))).toEqual(
      dues.map((due) => expect.stringContaining(due)),
    )
  })

  test.each([
    ['Berlin', '30 2 * * *', 'Europe/Berlin', '2026-10-24T22:00Z', ['2026-10-25T00:30']],
    ['Berlin', '*/30 2-3 * * *', 'Europe/Berlin', '2026-10-24T22:00Z', ['00:00', '00:30', '02:00', '02:30']],
    ['New York', '0,30 1 * * *', 'America/New_York', '2026-11-01T04:00Z', ['05:00', '05:30']],
    ['Havana', '0 0 * * *', 'America/Havana', '2026-11-01T02:00Z', ['2026-11-01T04:00']],
    ['Helsinki', '0 3 * * *', 'Europe/Helsinki', '2026-10-24T22:00Z', ['2026-10-25T00:00']],
    ['Lord Howe', '45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T13:00Z', ['2026-04-04T14:45']],
    ['Santiago', '30 10-23 * * *', 'America/Santiago', '2026-04-05T02:00Z', ['2026-04-05T02:30']],
    ['Beirut', '0 20-23/1 * * *', 'Asia/Beirut', '2026-10-24T19:00Z', ['19:00', '20:00']],
  ])('that comes twice in %s (%s) counts once', (_, cron, zone, from, dues) => {
    expect(duesOf(cron, zone, from, 6)).toEqual(dues.map((due) => expect.stringContaining(due)))
  })

  test.each([
    ['Europe/Berlin', '2026-10-25T00:00Z'],
    ['America/New_York', '2026-11-01T05:00Z'],
    ['America/Havana', '2026-11-01T04:00Z'],
    ['Europe/Helsinki', '2026-10-25T00:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T14:00Z'],
    ['Europe/Berlin', '2026-03-29T00:00Z'],
    ['America/Havana', '2026-03-08T04:00Z'],
  ])('of every hour goes on in %s through the change of %s', (zone, from) => {
    expect(duesOf('*/10 * * * *', zone, from, 4)).toHaveLength(24)
    expect(duesOf('30 0-23 * * *', zone, from, 4).length).toBeGreaterThanOrEqual(4)
  })

  test.each([
    ['0 3 * * 1', ['07', '14', '21', '28']],
    ['0 3 1,15 * *', ['01', '15']],
    ['0 3 1,2 * 4', ['01', '02', '03', '10', '17', '24', '31']],
    ['0 3 */2 * 1', ['07', '21']],
    ['0 3 1-7 * */7', ['06']],
    ['0 3 * * 7', ['06', '13', '20', '27']],
  ])('of %s is on the days that crontab(5) means', (cron, days) => {
    const dues = duesOf(cron, 'UTC', '2026-12-01T00:00Z', 31 * 24)
    expect(dues).toEqual(days.map((day) => `2026-12-${day}T03:00`))
  })

  test('that no calendar has never comes', () => {
    expect(new Calendar('0 3 30 2 *', 'Europe/Berlin').dueAt(Date.UTC(2026, 5, 1)).last).toBe(Number.NEGATIVE_INFINITY)
    expect(duesOf('0 3 29 2 *', 'UTC', '2028-02-29T00:00Z', 6)).toEqual(['2028-02-29T03:00'])
    expect(new Calendar('0 3 * * *', 'Europe/Berlin').dueAt(0).last).toBe(Date.UTC(1969, 11, 31, 2))
  })
})

/** What a clock on the wall shows at each minute, by the runtime's own data. */
function shownTimes(zone: string, from: number, to: number): [moment: number, shown: number][] {
  const format = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
  const shownAt = (moment: number) => Date.parse(`${format.format(moment).replace(' ', 'T')}Z`)
  return Array.from({ length: (to - from) / MINUTE + 1 }, (_, n) => [from + n * MINUTE, shownAt(from + n * MINUTE)])
}

/** Those that match when they are shown first, and where they come again and again, each time. */
function livedThrough(cron: string, times: readonly [number, number][]): number[] {
  const pattern = readCron(cron)
  const [, hours = ''] = cron.split(' ')
  const dues: number[] = []
  let most = (times[0]?.[1] ?? 0) - MINUTE
  for (const [moment, shown] of times) {
    let isDue = hours.startsWith('*') && pattern.match(new Date(shown))
    for (; most < shown; most += MINUTE) isDue ||= pattern.match(new Date(most + MINUTE))
    if (isDue) dues.push(moment)
  }
  return dues
}

const CHANGES = [
  ['Europe/Berlin', '2026-03-29'],
  ['America/New_York', '2026-11-01'],
  ['America/Havana', '2026-03-08', '2026-11-01'],
  ['Europe/Helsinki', '2026-03-29'],
  ['Australia/Lord_Howe', '2026-10-04', '2026-04-05'],
].flatMap(([zone, ...days]) => days.map((day) => [zone, day] as [string, string]))

const PATTERNS = ['0 0', '45 1', '15 2', '30 23', '0,30 2', '*/20 2-4', '*/10 *', '0 */3']

describe('the last time that was due', () => {
  test.each(CHANGES)('is in %s at each moment around %s the one that was lived through', (zone, day) => {
    const from = Date.parse(`${day}T12:00Z`) - DAY
    const to = from + 1.5 * DAY
    const times = shownTimes(zone, from, to)
    for (const pattern of PATTERNS) {
      const cron = `${pattern} * * *`
      const dues = livedThrough(cron, times)
      const calendar = new Calendar(cron, zone)
      let known = calendar.dueAt(from)
      for (const [now] of times) {
        if (now >= known.until) known = calendar.dueAt(now)
        const last = dues.findLast((due) => due <= now)
        const told = `${cron} at ${new Date(now).toISOString()}`
        if (last !== undefined && last !== known.last)
          expect(`${told}: ${new Date(known.last)}`).toBe(`${told}: ${new Date(last)}`)
      }
    }
  })
})
