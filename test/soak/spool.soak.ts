import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { testDatabase } from '../support/database.ts'
import { holdLock } from '../support/hold-lock.ts'
import { type Acknowledged, checkTrail, GrowingTrail, startWriter, type Writer } from '../support/killed-writers.ts'

const ROUNDS = Number(process.env.SOAK_ROUNDS ?? 200)
const WRITERS = 4

const begun = (trail: GrowingTrail, firsts: readonly string[]) =>
  expect.poll(() => trail.missing(firsts), { timeout: 60_000 }).toEqual([])

async function openTrail() {
  const folder = temporaryFolder()
  await (await openTestWarden({}, folder)).close()
  const trail = new GrowingTrail(folder)
  onTestFinished(() => trail.close())
  let lives = 0
  const start = (): Writer => startWriter(folder, `writer-${++lives}`)
  const writers = Array.from({ length: WRITERS }, start)
  // A process takes a while to start: what happens to those that write is what is looked at.
  const firsts = writers.map((_, index) => `writer-${index + 1}:0`)
  await begun(trail, firsts)
  return { folder, trail, start, writers }
}

/** Counts what was acknowledged, and sees to it that all of it comes to be in the trail. */
function createTally(folder: string, trail: GrowingTrail, writers: readonly Writer[]) {
  const tally = { stored: 0, spooled: 0 }
  const check = async (acknowledged: Acknowledged) => {
    const by = (result: string) => [...acknowledged].filter(([, each]) => each === result).map(([name]) => name)
    expect(trail.missing(by('stored'))).toEqual([])
    await expect.poll(() => trail.missing(by('spooled')), { timeout: 30_000 }).toEqual([])
    await checkTrail(folder)
    tally.stored += by('stored').length
    tally.spooled += by('spooled').length
  }
  const endAll = async () => {
    const acknowledged = await Promise.all(writers.map((writer) => writer.kill()))
    // None is left to write what they spooled: who opens next does.
    await (await openTestWarden({}, folder)).close()
    for (const each of acknowledged) await check(each)
  }
  return { tally, check, endAll }
}

const atRandom = <T>(values: readonly T[]): number => Math.floor(Math.random() * values.length)

test(`kill -9 of one of ${WRITERS} processes at random moments, ${ROUNDS} rounds, the database refusing entries now and then: nothing acknowledged is lost or doubled`, async () => {
  const { folder, trail, start, writers } = await openTrail()
  const { tally, check, endAll } = createTally(folder, trail, writers)
  for (let round = 0; round < ROUNDS; round++) {
    await sleep(Math.random() * 400)
    trail.refuse(Math.random() < 0.6)
    await sleep(Math.random() * 400)
    if (Math.random() < 0.3) trail.refuse(false)
    const index = atRandom(writers)
    const acknowledged = await writers[index]?.kill()
    trail.refuse(false)
    writers[index] = start()
    await check(acknowledged ?? new Map())
    // A bot does not start on a database in which something refuses what it writes.
    await begun(trail, [`writer-${WRITERS + round + 1}:0`])
  }
  await endAll()
  console.log(`${ROUNDS} rounds of kill -9: ${tally.stored} stored, ${tally.spooled} spooled, 0 lost`)
  expect(tally.stored).toBeGreaterThan(0)
})

test.each([10, 40])(
  'the database locked by another process for %s seconds: nothing acknowledged is lost or doubled',
  async (seconds) => {
    const { folder, trail, start, writers } = await openTrail()
    const { tally, check, endAll } = createTally(folder, trail, writers)
    const holding = await holdLock(testDatabase(folder).path, seconds * 1000)
    await sleep(seconds * 500)
    const early = (await writers[0]?.kill()) ?? new Map()
    writers[0] = start()
    await holding.ended()
    await check(early)
    await sleep(3000)
    await endAll()
    console.log(`${seconds} s of a lock: ${tally.stored} stored, ${tally.spooled} spooled, 0 lost`)
    // Up to its patience of 30 seconds a process waits for the lock.
    expect(tally.spooled > 0).toBe(seconds > 30)
  },
)
