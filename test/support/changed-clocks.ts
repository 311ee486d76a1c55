import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { DAY, HOUR, MINUTE, systemClock } from '../../src/kernel/clock.ts'
import { createLogger } from '../../src/kernel/log.ts'
import { type Job, Scheduler } from '../../src/schedule/scheduler.ts'
import { MemoryLeases } from './memory-leases.ts'

export const SECOND = 1000
/** A process that looks every few seconds has certainly looked by then. */
const SOON = 6 * SECOND

/** Time of timers and of `performance`, which passes, beside the time of `Date`, which can be set. */
export function fakeMachine(now: number) {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    now,
  })
  onTestFinished(() => void vi.useRealTimers())
  let wrongBy = 0
  return {
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
    set: (by: number) => {
      vi.setSystemTime(Date.now() + by)
      wrongBy += by
    },
    /** Whether it is the time that it was when the machine was made, and what has passed since. */
    isRight: () => wrongBy === 0,
  }
}

/** The machine of a bot that has a job of each day and one of each ten minutes. */
function openBot(zone: string, daily: string, now: number) {
  const machine = fakeMachine(now)
  const days: string[] = []
  /** Without those on which it was by a wrong clock. */
  const rightDays: string[] = []
  const moments: number[] = []
  const passed: number[] = []
  const format = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short' })
  const day = () => {
    moments.push(Date.now())
    days.push(format.format(Date.now()))
    if (machine.isRight()) rightDays.push(format.format(Date.now()))
  }
  const jobs: Job[] = [
    { name: 'daily', cron: daily, exclusive: true, run: async () => day() },
    { name: 'elapsed', every: 10 * MINUTE, exclusive: false, run: async () => void passed.push(performance.now()) },
  ]
  const leases = new MemoryLeases().of('me')
  const scheduler = new Scheduler(jobs, leases, systemClock, createLogger('silent'), zone)
  onTestFinished(() => scheduler.stop())
  scheduler.start()
  return {
    ...machine,
    days,
    rightDays,
    moments,
    /** Neither a pause nor a burst. */
    expectEvenPace: () => {
      const pauses = passed.slice(1).map((at, n) => at - (passed[n] ?? 0))
      expect(Math.min(...pauses)).toBe(10 * MINUTE)
      expect(Math.max(...pauses)).toBe(10 * MINUTE)
    },
  }
}

/** The minute of the job, the day of a change, and when that minute comes that day. */
export const CHANGES = [
  ['Europe/Berlin', '30 2 * * *', '2026-03-29', '2026-03-29T01:00Z'],
  ['Europe/Berlin', '30 2 * * *', '2026-10-25', '2026-10-25T00:30Z'],
  ['America/New_York', '15,45 2 * * *', '2026-03-08', '2026-03-08T07:00Z'],
  ['America/New_York', '30 1 * * *', '2026-11-01', '2026-11-01T05:30Z'],
  ['America/Havana', '0 0 * * *', '2026-03-08', '2026-03-08T05:00Z'],
  ['America/Havana', '0 0 * * *', '2026-11-01', '2026-11-01T04:00Z'],
  ['Europe/Helsinki', '0 3 * * *', '2026-03-29', '2026-03-29T01:00Z'],
  ['Europe/Helsinki', '0 3 * * *', '2026-10-25', '2026-10-25T00:00Z'],
  ['Australia/Lord_Howe', '15 2 * * *', '2026-10-04', '2026-10-03T15:30Z'],
  ['Australia/Lord_Howe', '45 1 * * *', '2026-04-05', '2026-04-04T14:45Z'],
] as const

const dayAfter = (day: string, by: number) => new Date(Date.parse(day) + by * DAY).toISOString().slice(0, 10)

/** Where the minute is not skipped, it comes once on each of the other days; here only once, too. */
const dailyOf = (cron: string): string => cron.replace('15,45', '15')

/** A process that stands still over the minute of its job. */
export function describeStops(changes: readonly (typeof CHANGES)[number][]): void {
  describe.each(changes)('in %s a job of %s on the day of the change %s', (zone, cron, changed, dueAt) => {
    const due = Date.parse(dueAt)
    const days = [-1, 0, 1].map((by) => dayAfter(changed, by))
    const daily = dailyOf(cron)

    test.each([
      ['nothing stops', 0],
      ['the process stands still for 8 seconds', 8 * SECOND],
      ['the process stands still for three hours', 3 * HOUR],
    ])('comes once, as soon as it can, where %s over its minute', async (_, stop) => {
      const bot = openBot(zone, daily, due - 1.5 * DAY)
      await bot.pass(HOUR)
      // That of the start.
      expect(bot.days.splice(0)).toHaveLength(1)
      bot.moments.length = 0
      for (const by of [-1, 0, 1]) {
        const comes = await nextDueOf(bot, due + by * DAY)
        bot.set(stop)
        await bot.pass(3 * SECOND + SOON)
        if (by === 0) expect(bot.moments.at(-1)).toBeLessThanOrEqual(Math.max(due, comes + stop) + SOON)
        await bot.pass(HOUR)
      }
      await bot.pass(6 * HOUR)
      expect(bot.days).toEqual(days)
      bot.expectEvenPace()
    })

    /** Until 3 seconds before the minute, which comes up to an hour sooner or later on the days beside the change. */
    async function nextDueOf(bot: ReturnType<typeof openBot>, near: number): Promise<number> {
      const shift = near === due ? 0 : HOUR
      await bot.pass(near - shift - 3 * SECOND - Date.now())
      if (near !== due) while (!isNext(Date.now() + 3 * SECOND)) await bot.pass(15 * MINUTE)
      return Date.now()
    }
    const minute = new Intl.DateTimeFormat('sv', { timeZone: zone, timeStyle: 'short' })
    const [m, h] = daily.split(' ').map((field) => field.padStart(2, '0'))
    const isNext = (moment: number) => minute.format(moment) === `${h}:${m}`
  })
}

/** A clock that is wrong for three hours, in either direction. */
export function describeWrongClocks(changes: readonly (typeof CHANGES)[number][]): void {
  describe.each(changes)('in %s a job of %s, around %s,', (zone, cron, changed, dueAt) => {
    const due = Date.parse(dueAt)
    const days = [-1, 0, 1].map((by) => dayAfter(changed, by))

    test.each([
      ...[5 * MINUTE, 6 * HOUR, 1.5 * DAY, 7 * DAY, 120 * DAY]
        .flatMap((by) => [by, -by])
        .map((by) => [by, -2 * HOUR] as const),
      [5 * MINUTE, MINUTE] as const,
      [-5 * MINUTE, MINUTE] as const,
    ])(
      'comes once a day where the clock is set by %d ms, at %d ms from its minute, and right three hours later',
      async (by, at) => {
        const bot = openBot(zone, dailyOf(cron), due - 1.5 * DAY)
        await bot.pass(1.5 * DAY + at)
        bot.set(by)
        await bot.pass(3 * HOUR)
        bot.set(-by)
        // As soon as the clock is right, it was on that day.
        await bot.pass(SOON)
        expect(bot.days).toContain(changed)
        await bot.pass(1.5 * DAY)
        const ran = Math.abs(by) > DAY / 2 ? bot.rightDays : bot.days
        for (const day of days) expect(ran.filter((each) => each === day)).toEqual([day])
        expect(bot.days.length).toBeLessThanOrEqual(7)
        bot.expectEvenPace()
      },
    )
  })
}
