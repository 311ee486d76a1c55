import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { DAY, HOUR, MINUTE, systemClock } from '../../src/kernel/clock.ts'
import { createLogger } from '../../src/kernel/log.ts'
import { type Job, Scheduler } from '../../src/schedule/scheduler.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { Leases } from '../../src/storage/leases.ts'
import {
  CHANGES,
  dailyOf,
  dayAfter,
  describeWrongClocks,
  fakeMachine,
  openBot,
  SECOND,
  SOON,
} from '../support/changed-clocks.ts'
import { urlOf } from '../support/database.ts'
import { MemoryLeases } from '../support/memory-leases.ts'
import { shareWarden } from '../support/shared-warden.ts'

describe.each(CHANGES)('in %s a job of %s on the day of the change %s', (zone, cron, changed, dueAt) => {
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

describeWrongClocks([CHANGES[0], CHANGES[5]])

describe('every ten minutes of the calendar', () => {
  test.each(CHANGES)('goes on in %s (%s) through the change of %s', async (zone, _, __, dueAt) => {
    const { pass } = fakeMachine(Date.parse(dueAt) - 3 * HOUR)
    const ran: number[] = []
    const job: Job = {
      name: 'often',
      cron: '*/10 * * * *',
      exclusive: false,
      run: async () => void ran.push(Date.now()),
    }
    const scheduler = new Scheduler([job], new MemoryLeases().of('me'), systemClock, createLogger('silent'), zone)
    onTestFinished(() => scheduler.stop())
    scheduler.start()
    await pass(6 * HOUR)
    expect(ran.slice(1).map((at, n) => Math.round((at - (ran[n] ?? 0)) / SECOND))).toEqual(Array(35).fill(600))
  })
})

test('a job that a sleeping machine lost its lease in is run again, once, when it wakes', async () => {
  const { pass, set } = fakeMachine(Date.UTC(2026, 9, 10, 1))
  const ended: string[] = []
  const run = async (stopping: AbortSignal) => {
    await new Promise((resolve) => setTimeout(resolve, MINUTE))
    stopping.throwIfAborted()
    ended.push(new Date().toISOString().slice(0, 13))
  }
  const job: Job = { name: 'long', cron: '0 3 * * *', exclusive: true, run }
  const scheduler = new Scheduler([job], new MemoryLeases().of('me'), systemClock, createLogger('silent'), 'UTC')
  onTestFinished(() => scheduler.stop())
  scheduler.start()
  await pass(2 * HOUR + 30 * SECOND)
  expect(ended).toEqual(['2026-10-10T01'])
  set(3 * HOUR)
  await pass(5 * MINUTE)
  expect(ended).toEqual(['2026-10-10T01', '2026-10-10T06'])
})

describe('with leases in the database', () => {
  const shared = shareWarden()
  const realTimeout = setTimeout

  async function openSharing(name: string) {
    const database = await openDatabase(urlOf(shared.warden.path))
    const ran: string[] = []
    const run = async () => void ran.push(new Date().toISOString().slice(0, 16))
    const job: Job = { name, cron: '0 3 * * *', exclusive: true, run }
    const leases = counted(new Leases(database, systemClock, `holder ${Math.random()}`))
    const scheduler = new Scheduler([job], leases, systemClock, createLogger('silent'), 'UTC')
    onTestFinished(async () => {
      await scheduler.stop()
      await database.close()
    })
    return { scheduler, ran }
  }

  let asked = 0
  /** The same, and how much of it has not been answered. */
  const counted = (leases: Leases): Leases =>
    new Proxy(leases, {
      get:
        (of, name) =>
        async (...given: never[]) => {
          asked++
          return (of[name as keyof Leases] as (...given: never[]) => Promise<unknown>)(...given).finally(() => asked--)
        },
    })

  /** No time passes while the database is asked. */
  async function pass(ms: number) {
    for (let left = ms; left > 0; left -= 10 * SECOND) {
      await vi.advanceTimersByTimeAsync(10 * SECOND)
      do await new Promise((resolve) => realTimeout(resolve, 2))
      while (asked > 0)
    }
  }

  test('a job that ended well by a clock that was ahead runs in its time, too', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'], now: Date.UTC(2026, 9, 10, 1) })
    onTestFinished(() => void vi.useRealTimers())
    vi.setSystemTime(Date.now() + 120 * DAY)
    const { scheduler, ran } = await openSharing('ahead')
    scheduler.start()
    await pass(10 * MINUTE)
    expect(ran).toEqual([expect.stringContaining('2027-02-07T01')])
    vi.setSystemTime(Date.now() - 120 * DAY)
    await pass(MINUTE)
    vi.setSystemTime(Date.UTC(2026, 9, 10, 2, 58))
    await pass(5 * MINUTE)
    expect(ran.filter((at) => at.startsWith('2026-10-10T03:0'))).toHaveLength(1)
    vi.setSystemTime(Date.UTC(2026, 9, 11, 2, 58))
    await pass(5 * MINUTE)
    expect(ran.filter((at) => at.startsWith('2026-10-11'))).toEqual([expect.stringContaining('2026-10-11T03:')])
  })

  test('a bot that was away over the minute runs the job soon after its start, be the last good run younger than a day', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'], now: Date.UTC(2026, 9, 10, 9) })
    onTestFinished(() => void vi.useRealTimers())
    const first = await openSharing('away')
    first.scheduler.start()
    await pass(MINUTE)
    expect(first.ran).toHaveLength(1)
    await first.scheduler.stop()
    vi.setSystemTime(Date.UTC(2026, 9, 11, 5))
    const bots = [await openSharing('away'), await openSharing('away')]
    for (const { scheduler } of bots) scheduler.start()
    await pass(10 * MINUTE)
    expect(bots.flatMap(({ ran }) => ran)).toEqual([expect.stringContaining('2026-10-11T05:0')])
  })
})
