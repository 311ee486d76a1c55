import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { ChatwardenOptions } from '../../src/app/chatwarden.ts'
import { DAY, HOUR, MINUTE, systemClock } from '../../src/kernel/clock.ts'
import { createLogger, type Logger } from '../../src/kernel/log.ts'
import { type JobLeases, LEASE_TIMES } from '../../src/schedule/kept-lease.ts'
import { type Job, Scheduler } from '../../src/schedule/scheduler.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { Leases } from '../../src/storage/leases.ts'
import { FakeClock, openTestWarden, type TestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { onPostgres, urlOf } from '../support/database.ts'
import { fakeTimes } from '../support/fake-times.ts'
import { keptLog } from '../support/kept-log.ts'
import { shareWarden } from '../support/shared-warden.ts'

const runsOf = ({ AuditLogRepository }: TestWarden) => AuditLogRepository.count({ action: 'AUDIT_RETENTION' })

const realTimeout = setTimeout
/** A server may be late by itself; a file is only as late as this process. */
const STEP_TAKES = onPostgres ? 100 : 10

/** Lets faked time pass in steps of 100 ms, between which what asks the database gets its turns. */
async function passUntil(isMet: () => boolean): Promise<void> {
  for (let steps = 0; !isMet(); steps++) {
    expect(steps, 'so much time has passed in vain').toBeLessThan(300)
    await vi.advanceTimersByTimeAsync(100)
    await new Promise((resolve) => realTimeout(resolve, STEP_TAKES))
  }
}

async function openTwo(options: ChatwardenOptions = {}) {
  const folder = temporaryFolder()
  return [await openTestWarden(options, folder), await openTestWarden(options, folder)] as const
}

describe('the daily clean-up', () => {
  test('is scheduled where jobs are asked for, until it is stopped or Chatwarden closes', async () => {
    const { isSchedulerRunning: without } = await openTestWarden()
    expect(without()).toBe(false)
    const warden = await openTestWarden({ jobs: true })
    expect(warden.isSchedulerRunning()).toBe(true)
    await warden.stopAuditLogCleanupScheduler()
    expect(warden.isSchedulerRunning()).toBe(false)
    warden.startAuditLogCleanupScheduler()
    expect(warden.isSchedulerRunning()).toBe(true)
    await warden.close()
    expect(warden.isSchedulerRunning()).toBe(false)
  })

  test('runs at once where it never ran, and started twice it still runs once', async () => {
    const warden = await openTestWarden()
    warden.startAuditLogCleanupScheduler()
    warden.startAuditLogCleanupScheduler()
    await expect.poll(() => runsOf(warden)).toBe(1)
    // Waits for whatever was set going.
    await warden.stopAuditLogCleanupScheduler()
    expect(await runsOf(warden)).toBe(1)
  })

  test('is caught up at the start if the last good run is more than a day old, not if it is younger', async () => {
    const clock = new FakeClock()
    const warden = await openTestWarden({ clock })
    const startAgain = async () => {
      warden.startAuditLogCleanupScheduler()
      await warden.stopAuditLogCleanupScheduler()
      return runsOf(warden)
    }
    expect(await startAgain()).toBe(1)
    clock.advance(DAY - MINUTE)
    expect(await startAgain()).toBe(1)
    clock.advance(MINUTE + 1)
    expect(await startAgain()).toBe(2)
    expect(await startAgain()).toBe(2)
  })

  test('runs in one of two instances that start at once', async () => {
    const [one, two] = await openTwo({ clock: new FakeClock() })
    one.startAuditLogCleanupScheduler()
    two.startAuditLogCleanupScheduler()
    expect([one.isSchedulerRunning(), two.isSchedulerRunning()]).toEqual([true, true])
    await Promise.all([one.stopAuditLogCleanupScheduler(), two.stopAuditLogCleanupScheduler()])
    expect(await runsOf(one)).toBe(1)
  })

  test('is left to who holds its lease, and taken over from who let it expire', async () => {
    const clock = new FakeClock()
    const [one, two] = await openTwo({ clock })
    one.sql(`INSERT INTO leases (name, holder, expires_at) VALUES ('audit-cleanup', 'gone', ?)`, clock.time + 45_000)
    one.startAuditLogCleanupScheduler()
    await one.stopAuditLogCleanupScheduler()
    expect(await runsOf(one)).toBe(0)
    clock.advance(45_001)
    two.startAuditLogCleanupScheduler()
    await expect.poll(() => runsOf(two)).toBe(1)
  })

  test.each([
    ['is held for longer than any lease lasts', `UPDATE leases SET expires_at = ?, finished_at = NULL`],
    ['ended well in the future', 'UPDATE leases SET finished_at = ?'],
  ])('is kept from running by no lease that %s', async (_, sql) => {
    const clock = new FakeClock()
    const warden = await openTestWarden({ clock })
    const runAgain = async () => {
      warden.startAuditLogCleanupScheduler()
      await warden.stopAuditLogCleanupScheduler()
      return runsOf(warden)
    }
    expect(await runAgain()).toBe(1)
    warden.sql(sql, clock.time + 120 * DAY)
    expect(await runAgain()).toBe(2)
    expect(await runAgain()).toBe(2)
  })

  test('that fails is logged, ends nothing, and does not count as done', async () => {
    const { lines, log } = keptLog()
    const warden = await openTestWarden({ clock: new FakeClock(), log })
    warden.sql(`CREATE TRIGGER refuse BEFORE INSERT ON audit_logs BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
    warden.startAuditLogCleanupScheduler()
    await expect.poll(() => lines.join()).toContain('A scheduled job failed')
    expect(lines.join()).toContain('"job":"audit-cleanup"')
    expect(lines.join()).toContain('disk full')
    expect(warden.isSchedulerRunning()).toBe(true)
    warden.sql('DROP TRIGGER refuse')
    await warden.stopAuditLogCleanupScheduler()
    warden.startAuditLogCleanupScheduler()
    await expect.poll(() => runsOf(warden)).toBe(1)
  })
})

describe('a scheduler', () => {
  const shared = shareWarden()

  /** One whose job comes every second, with leases on the same file as those of the others. */
  async function everySecond(path: string, run: Job['run'], exclusive = true, log: Logger = createLogger('silent')) {
    const database = await openDatabase(urlOf(path))
    const leases = new Leases(database, systemClock, `holder ${Math.random()}`)
    const job = { name: 'tick', cron: '* * * * * *', exclusive, run }
    const scheduler = new Scheduler([job], leases, systemClock, log, 'UTC')
    onTestFinished(async () => {
      await scheduler.stop()
      await database.close()
    })
    return scheduler
  }

  test('started twice runs its job once each time, and not at all once it is stopped', async () => {
    const { path } = shared.warden
    const seconds: number[] = []
    const scheduler = await everySecond(path, async () => void seconds.push(Math.floor(Date.now() / 1000)), false)
    fakeTimes()
    scheduler.start()
    scheduler.start()
    await vi.advanceTimersByTimeAsync(3000)
    expect(seconds.length).toBeGreaterThanOrEqual(2)
    await scheduler.stop()
    const runs = seconds.length
    expect(new Set(seconds).size).toBe(runs)
    await vi.advanceTimersByTimeAsync(3000)
    expect(seconds).toHaveLength(runs)
  })

  test('in each of two processes runs an exclusive job once each time it is due', async () => {
    const { path } = shared.warden
    const seconds: number[] = []
    const run = async () => {
      seconds.push(Math.floor(Date.now() / 1000))
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    const schedulers = [await everySecond(path, run), await everySecond(path, run)]
    fakeTimes()
    for (const scheduler of schedulers) scheduler.start()
    await passUntil(() => seconds.length >= 4)
    let stopped = 0
    for (const scheduler of schedulers) void scheduler.stop().then(() => stopped++)
    await passUntil(() => stopped === 2)
    // The run that is caught up at the start may fall into the same second as a regular one.
    const [, ...regular] = seconds
    expect(regular.length).toBeGreaterThanOrEqual(2)
    expect(new Set(regular).size).toBe(regular.length)
  })

  test('never runs a job beside itself, says so in the log alone, and stops only when the job has ended', async () => {
    const { path } = shared.warden
    const { lines, log } = keptLog()
    const running: (() => void)[] = []
    const run = () => new Promise<void>((resolve) => running.push(resolve))
    const scheduler = await everySecond(path, run, false, log)
    fakeTimes()
    scheduler.start()
    await vi.advanceTimersByTimeAsync(2500)
    expect(lines.join()).toContain('still running')
    expect(running).toHaveLength(1)
    let stopped = false
    const stopping = scheduler.stop().then(() => {
      stopped = true
    })
    await vi.advanceTimersByTimeAsync(1000)
    expect(stopped).toBe(false)
    running[0]?.()
    await stopping
    expect(running).toHaveLength(1)
  })
})

describe('a job', () => {
  const MANY: JobLeases = { take: async () => 'taken', extend: async () => true, release: async () => {} }

  function start(jobs: readonly Partial<Job>[], leases: JobLeases = MANY) {
    const whole = jobs.map(
      (job, n): Job => ({
        name: `job ${n}`,
        cron: '0 0 1 1 *',
        exclusive: false,
        run: async () => {},
        ...job,
      }),
    )
    const scheduler = new Scheduler(whole, leases, systemClock, createLogger('silent'), 'UTC')
    onTestFinished(() => scheduler.stop())
    scheduler.start()
    return scheduler
  }

  test('may have a time zone of its own', async () => {
    fakeTimes()
    const hourIn = (timeZone: string) =>
      Number(new Intl.DateTimeFormat('en', { timeZone, hour: 'numeric', hourCycle: 'h23' }).format())
    const hour = hourIn('Pacific/Kiritimati')
    const cron = `* * ${hour},${(hour + 1) % 24} * * *`
    const ran: string[] = []
    const run = (name: string) => async () => void ran.push(name)
    start([
      { cron, timezone: 'Pacific/Kiritimati', run: run('there') },
      { cron, run: run('in UTC') },
    ])
    await vi.advanceTimersByTimeAsync(2000)
    expect(ran.length).toBeGreaterThanOrEqual(1)
    expect(new Set(ran)).toEqual(new Set(['there']))
  })

  test.each([
    ['ahead', 120 * DAY],
    ['back', -120 * DAY],
  ])('goes on where the clock is set %s, is told of nothing that was missed, and holds up nobody', async (_, by) => {
    fakeTimes()
    const { lines, log } = keptLog()
    let ran = 0
    const run = async () => void ran++
    const job = { name: 'each minute', cron: '* * * * *', exclusive: false, run }
    const scheduler = new Scheduler([job], MANY, systemClock, log, 'UTC')
    onTestFinished(() => scheduler.stop())
    scheduler.start()
    await vi.advanceTimersByTimeAsync(2 * MINUTE)
    expect(ran).toBe(2)
    vi.setSystemTime(Date.now() + by)
    await vi.advanceTimersByTimeAsync(5 * MINUTE)
    // It may have been due at the moment when it was set.
    expect(ran).toBeGreaterThanOrEqual(6)
    expect(ran).toBeLessThanOrEqual(8)
    expect(lines).toEqual([])
  })

  test('that only one process runs is run each time, be its timer exact to the millisecond', async () => {
    fakeTimes(Date.UTC(2026, 5, 15, 12))
    let endedAt = 0
    const leases: JobLeases = {
      ...MANY,
      take: async (_, __, since) => (endedAt >= since ? 'done' : 'taken'),
      release: async () => {
        endedAt = Date.now()
      },
    }
    const ran: string[] = []
    start([{ cron: '0 3 * * *', exclusive: true, run: async () => void ran.push(new Date().toISOString()) }], leases)
    await vi.advanceTimersByTimeAsync(3 * DAY)
    expect(ran.slice(-3).map((at) => at.slice(0, 16))).toEqual([16, 17, 18].map((day) => `2026-06-${day}T03:00`))
  })

  test('started twice has one timer, and none when it is stopped', async () => {
    fakeTimes()
    const scheduler = start([{}, {}])
    const timers = vi.getTimerCount()
    scheduler.start()
    expect([timers, vi.getTimerCount()]).toEqual([2, 2])
    await scheduler.stop()
    await scheduler.stop()
    expect([vi.getTimerCount(), scheduler.isRunning]).toEqual([0, false])
  })

  test('runs at the start where it says so, and takes no lease where nothing is due', async () => {
    const ran: string[] = []
    const taken: string[] = []
    const leases: JobLeases = {
      ...MANY,
      take: async (name) => {
        taken.push(name)
        return 'taken'
      },
    }
    const run = (name: string) => async () => void ran.push(name)
    const scheduler = start(
      [
        { atStart: true, run: run('at start') },
        { run: run('at its time') },
        { exclusive: true, isDue: async () => false, run: run('not due') },
        { exclusive: true, isDue: async () => true, lease: 'shared', run: run('due') },
      ],
      leases,
    )
    await scheduler.stop()
    expect(ran.sort()).toEqual(['at start', 'due'])
    expect(taken).toEqual(['shared'])
  })

  test('that takes long keeps its lease, and is told when it is to stop', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const extended: number[] = []
    const leases: JobLeases = { ...MANY, extend: async (_, duration) => extended.push(duration) > 0 }
    const run = (stopping: AbortSignal) =>
      new Promise<void>((resolve) => stopping.addEventListener('abort', () => resolve()))
    const scheduler = start([{ exclusive: true, run }], leases)
    await sleep(10)
    const { duration, extendEvery } = LEASE_TIMES
    vi.advanceTimersByTime(8 * extendEvery)
    expect(extended).toEqual(Array(8).fill(duration))
    await scheduler.stop()
    vi.advanceTimersByTime(8 * extendEvery)
    expect(extended).toHaveLength(8)
  })

  test('keeps a lease that it still holds, and none that another has taken over', async () => {
    const { path, sql } = await openTestWarden()
    const database = await openDatabase(urlOf(path))
    onTestFinished(() => database.close())
    const clock = new FakeClock()
    const [mine, theirs] = [new Leases(database, clock, 'me'), new Leases(database, clock, 'they')]
    const held = () => sql('SELECT holder, expires_at - ? AS left FROM leases', clock.time)
    await mine.take('job', HOUR, 0)
    clock.advance(HOUR - 1)
    expect(await mine.extend('job', HOUR)).toBe(true)
    expect(held()).toEqual([{ holder: 'me', left: HOUR }])
    await mine.release('job', false)
    expect(await mine.extend('job', HOUR)).toBe(false)
    expect(held()).toEqual([{ holder: 'me', left: 0 }])
    await theirs.take('job', HOUR, 0)
    expect(await mine.extend('job', 2 * HOUR)).toBe(false)
    expect(held()).toEqual([{ holder: 'they', left: HOUR }])
  })
})
