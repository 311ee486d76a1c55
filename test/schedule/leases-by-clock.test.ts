import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { DAY, MINUTE, systemClock } from '../../src/kernel/clock.ts'
import { createLogger } from '../../src/kernel/log.ts'
import { type Job, Scheduler } from '../../src/schedule/scheduler.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { Leases } from '../../src/storage/leases.ts'
import { SECOND } from '../support/changed-clocks.ts'
import { urlOf } from '../support/database.ts'
import { shareWarden } from '../support/shared-warden.ts'

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

  /** Hardly any time passes while the database is asked: less than a connection to it may take. */
  async function pass(ms: number) {
    for (let left = ms; left > 0; left -= 2 * SECOND) {
      await vi.advanceTimersByTimeAsync(2 * SECOND)
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
