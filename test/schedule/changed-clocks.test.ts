import { describe, expect, onTestFinished, test } from 'vitest'
import { HOUR, MINUTE, systemClock } from '../../src/kernel/clock.ts'
import { createLogger } from '../../src/kernel/log.ts'
import { type Job, Scheduler } from '../../src/schedule/scheduler.ts'
import { CHANGES, describeStops, describeWrongClocks, fakeMachine, SECOND } from '../support/changed-clocks.ts'
import { MemoryLeases } from '../support/memory-leases.ts'

// Each of the five zones in the long rounds, and twice.
describeStops([CHANGES[0], CHANGES[5], CHANGES[8]])
describeWrongClocks([CHANGES[5]])

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
