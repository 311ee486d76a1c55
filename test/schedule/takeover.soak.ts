import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { DAY, MINUTE, systemClock } from '../../src/kernel/clock.ts'
import { createLogger, type Logger } from '../../src/kernel/log.ts'
import { type JobLeases, LEASE_TIMES } from '../../src/schedule/kept-lease.ts'
import { type Job, Scheduler } from '../../src/schedule/scheduler.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { Leases } from '../../src/storage/leases.ts'
import { openTestWarden } from '../support/chatwarden.ts'
import { keptLog } from '../support/kept-log.ts'
import { MemoryLeases } from '../support/memory-leases.ts'

const SECOND = 1000
const never = () => new Promise<void>(() => {})

function schedulerOf(leases: JobLeases, run: Job['run'], log: Logger = createLogger('silent'), times = LEASE_TIMES) {
  const job = { name: 'nightly', cron: '0 0 1 1 *', exclusive: true, run }
  return new Scheduler([job], leases, systemClock, log, 'UTC', times)
}

/** What a process leaves that is killed in its job: a lease that nobody extends or gives back. */
const killed = (leases: JobLeases): JobLeases => ({ ...leases, extend: () => new Promise(() => {}), release: never })

describe('a job whose leader', () => {
  /** Time that passes only here, for the schedulers and for the leases. */
  function stopTime() {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    })
    onTestFinished(() => void vi.useRealTimers())
    const leases = new MemoryLeases()
    return { leases, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) }
  }

  test('is killed is taken over by one of the others within a minute', async () => {
    const { leases, pass } = stopTime()
    const ran: string[] = []
    schedulerOf(killed(leases.of('leader')), never).start()
    await pass(1)
    for (const name of ['one', 'two', 'three']) schedulerOf(leases.of(name), async () => void ran.push(name)).start()
    await pass(LEASE_TIMES.duration - 2)
    expect(ran).toEqual([])
    await pass(MINUTE - LEASE_TIMES.duration)
    expect(ran).toHaveLength(1)
    await pass(DAY / 2)
    expect(ran).toHaveLength(1)
  })

  test('works for long is left to it, and not done again when it ended well', async () => {
    const { leases, pass } = stopTime()
    const ran: string[] = []
    const leader = schedulerOf(leases.of('leader'), async (stopping) => {
      await new Promise((resolve) => setTimeout(resolve, 10 * MINUTE))
      ran.push(stopping.aborted ? 'told to stop' : 'leader')
    })
    leader.start()
    await pass(1)
    schedulerOf(leases.of('other'), async () => void ran.push('other')).start()
    await pass(20 * MINUTE)
    expect(ran).toEqual(['leader'])
  })

  test('fails in it is done by another', async () => {
    const { leases, pass } = stopTime()
    const ran: string[] = []
    const failing = async () => {
      await new Promise((resolve) => setTimeout(resolve, SECOND))
      throw new Error('its disk is full')
    }
    schedulerOf(leases.of('leader'), failing).start()
    await pass(1)
    schedulerOf(leases.of('other'), async () => void ran.push('other')).start()
    await pass(SECOND + LEASE_TIMES.lookEvery)
    expect(ran).toEqual(['other'])
  })

  test('is stopped in it, or stops looking, leaves it to those who go on', async () => {
    const { leases, pass } = stopTime()
    const ran: string[] = []
    const leader = schedulerOf(leases.of('leader'), async (stopping) => {
      while (true) {
        await new Promise((resolve) => setTimeout(resolve, SECOND))
        stopping.throwIfAborted()
      }
    })
    leader.start()
    await pass(1)
    const [leaving, staying] = ['leaving', 'staying'].map((name) =>
      schedulerOf(leases.of(name), async () => void ran.push(name)),
    ) as [Scheduler, Scheduler]
    leaving.start()
    staying.start()
    await pass(1)
    await leaving.stop()
    const stopped = leader.stop()
    await pass(MINUTE)
    await stopped
    expect(ran).toEqual(['staying'])
  })

  test('cannot extend its lease for as long as it lasts is told to stop, and no sooner', async () => {
    const { leases, pass } = stopTime()
    const { lines, log } = keptLog()
    let stopping: AbortSignal | undefined
    const of = leases.of('leader')
    let isAway = true
    const extend: JobLeases['extend'] = (...args) =>
      isAway ? Promise.reject(new Error('the database is away')) : of.extend(...args)
    const run = async (signal: AbortSignal) => {
      stopping = signal
      await never()
    }
    schedulerOf({ ...of, extend }, run, log).start()
    await pass(LEASE_TIMES.duration - LEASE_TIMES.extendEvery)
    isAway = false
    await pass(LEASE_TIMES.extendEvery)
    isAway = true
    await pass(LEASE_TIMES.duration - LEASE_TIMES.extendEvery)
    expect(stopping?.aborted).toBe(false)
    await pass(LEASE_TIMES.extendEvery)
    expect(stopping?.aborted).toBe(true)
    expect(lines.join()).toContain('the job is told to stop')
    const logged = lines.length
    await pass(DAY / 2)
    expect(lines).toHaveLength(logged)
  })

  test('finds its lease with another is told to stop, which is no failure', async () => {
    const { leases, pass } = stopTime()
    const { lines, log } = keptLog()
    const run = (stopping: AbortSignal) =>
      new Promise<void>((_, reject) => stopping.addEventListener('abort', () => reject(stopping.reason)))
    schedulerOf({ ...leases.of('leader'), extend: async () => false }, run, log).start()
    await pass(LEASE_TIMES.extendEvery)
    expect(lines.join()).toContain('was stopped before its end')
    expect(lines.join()).not.toContain('A scheduled job failed')
  })
})

const TIMES = { duration: 5000, extendEvery: 600, lookEvery: 300 }

describe('while the leases do not answer', () => {
  /** Fails so many times before it does what it is for. */
  function failing<Args extends unknown[], T>(times: number, work: (...args: Args) => Promise<T>) {
    let left = times
    return async (...args: Args): Promise<T> => {
      if (left-- > 0) throw new Error('the database is away')
      return work(...args)
    }
  }

  function start(leases: JobLeases, run: Job['run'], log?: Logger) {
    const scheduler = schedulerOf(leases, run, log, TIMES)
    onTestFinished(() => scheduler.stop())
    scheduler.start()
  }

  test('a job that is due is asked for again, which is logged once', async () => {
    const leases = new MemoryLeases().of('one')
    const { lines, log } = keptLog()
    const ran: string[] = []
    start({ ...leases, take: failing(3, leases.take) }, async () => void ran.push('one'), log)
    await vi.waitFor(() => expect(ran).toHaveLength(1), 30_000)
    expect(lines.filter((line) => line.includes('it is asked again'))).toHaveLength(1)
  })

  test('a job that has ended well is not done again by another', async () => {
    const leases = new MemoryLeases()
    const ran: string[] = []
    const one = leases.of('one')
    start({ ...one, release: failing(3, one.release) }, async () => void ran.push('one'))
    await sleep(10)
    start(leases.of('other'), async () => void ran.push('other'))
    await sleep(2 * TIMES.duration)
    expect(ran).toEqual(['one'])
  })
})

describe('on one database', () => {
  async function leasesOn(path: string, holder: string) {
    const database = await openDatabase(`file:${path}`)
    onTestFinished(() => database.close())
    return new Leases(database, systemClock, holder)
  }

  async function started(leases: JobLeases, run: Job['run']) {
    const scheduler = schedulerOf(leases, run, createLogger('silent'), TIMES)
    onTestFinished(() => scheduler.stop())
    scheduler.start()
    return scheduler
  }

  test('four schedulers run a job once, however long it takes', async () => {
    const { path } = await openTestWarden()
    const ran: string[] = []
    const run = (name: string) => async () => {
      ran.push(name)
      await sleep(1.5 * TIMES.duration)
    }
    const all = await Promise.all(['one', 'two', 'three', 'four'].map((name) => leasesOn(path, name)))
    await Promise.all(all.map((leases, n) => started(leases, run(`${n}`))))
    await sleep(2.5 * TIMES.duration)
    expect(ran).toHaveLength(1)
  })

  test('a job is taken over from a leader that is gone, once', async () => {
    const { path, sql } = await openTestWarden()
    const ran: string[] = []
    const [leader, ...others] = await Promise.all(['leader', 'one', 'two'].map((name) => leasesOn(path, name)))
    expect(await leader?.take('nightly', TIMES.duration, 0)).toBe('taken')
    for (const [n, leases] of others.entries()) await started(leases, async () => void ran.push(`${n}`))
    await vi.waitFor(() => expect(ran).toHaveLength(1), 30_000)
    await sleep(3 * TIMES.lookEvery)
    expect(ran).toHaveLength(1)
    expect(sql('SELECT holder FROM leases')).not.toEqual([{ holder: 'leader' }])
  })

  test('a lease says whether it was taken, is held or its job is done', async () => {
    const { path } = await openTestWarden()
    const [mine, theirs] = [await leasesOn(path, 'me'), await leasesOn(path, 'they')]
    const since = Date.now()
    const both = await Promise.all([mine.take('job', MINUTE, since), theirs.take('job', MINUTE, since)])
    expect(both.sort()).toEqual(['held', 'taken'])
    await Promise.all([mine.release('job', true), theirs.release('job', true)])
    expect(await mine.take('job', MINUTE, since)).toBe('done')
    expect(await mine.take('job', MINUTE, Date.now() + 1)).toBe('taken')
  })
})
