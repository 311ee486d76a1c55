import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { child, holdLock, type Running, startNode } from '../support/child.ts'
import { testDatabase } from '../support/database.ts'
import {
  type Acknowledged,
  checkTrail,
  envOf,
  GrowingTrail,
  startWriter,
  type Writer,
} from '../support/killed-writers.ts'

const ROUNDS = Number(process.env.SOAK_ROUNDS ?? 200)
const WRITERS = 4

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
  await expect.poll(() => trail.missing(firsts), { timeout: 60_000 }).toEqual([])
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
    writers[index] = start()
    trail.refuse(false)
    await check(acknowledged ?? new Map())
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

/** Has a process log until it has `seen` these results and more, then makes room, and looks where the events are. */
async function fillUp(folder: string, running: Running, seen: readonly string[], makeRoom: () => void): Promise<void> {
  const results: string[] = []
  const burst = async (size: number) => {
    running.send(String(size))
    results.push(...JSON.parse(await running.line()))
  }
  expect(await running.line()).toBe('ready')
  const named = (result: string) => results.flatMap((each, n) => (each === result ? [`bursts:${n}`] : []))
  const isFull = () => seen.every((result) => results.includes(result))
  for (let round = 0; round < 300 && !isFull(); round++) await burst([1, 400, 7, 2000][round % 4] ?? 1)
  expect(isFull()).toBe(true)
  for (const size of [1, 1, 400, 7, 2000, 20, 1]) await burst(size)
  makeRoom()
  const trail = new GrowingTrail(folder)
  await expect.poll(() => burst(1).then(() => results.at(-1)), { timeout: 30_000 }).toBe('stored')
  await burst(50)
  running.process.stdin?.end()
  const { code, stderr } = await running.ended()
  expect(stderr).not.toMatch(/Unhandled|Uncaught|at file:/)
  expect(code).toBe(0)
  expect(readdirSync(`${testDatabase(folder).path}.spool`)).toEqual([])
  expect(trail.missing([...named('stored'), ...named('spooled')])).toEqual([])
  expect(trail.missing(named('lost'))).toEqual(named('lost'))
  await checkTrail(folder)
  trail.close()
  const warden = await openTestWarden({}, folder)
  const gaps = await warden.AuditLogRepository.findByAction('AUDIT_GAP')
  const told = gaps.reduce((sum, { metadata }) => sum + JSON.parse(metadata).lostCount, 0)
  await warden.close()
  const counts = ['stored', 'spooled', 'lost'].map((result) => named(result).length)
  console.log(`full: ${results.length} asked; stored, spooled, lost: ${counts.join(', ')}; gaps tell of ${told}`)
  expect([counts.reduce((a, b) => a + b, 0), told]).toEqual([results.length, named('lost').length])
}

const can = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0

const mount = (folder: string, size: string): boolean =>
  can('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder)

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'chatwarden-mount-'))
  const isMounted = mount(folder, '1m')
  if (isMounted) can('umount', folder)
  rmdirSync(folder)
  return isMounted
}

const full = 'what is not kept is counted, and all else is in the trail once there is room'

test.runIf(can('prlimit', '--version'))(`files that may not grow: ${full}`, async () => {
  const folder = temporaryFolder()
  await (await openTestWarden({}, folder)).close()
  const running = startNode([child('log-bursts.mjs')], { env: envOf(folder) })
  const limit = (size: string) => can('prlimit', '--pid', String(running.process.pid), `--fsize=${size}:`)
  // The database cannot grow; a small file of the spool can be written, a large one not.
  expect(limit('400000')).toBe(true)
  await fillUp(folder, running, ['stored', 'spooled', 'lost'], () => expect(limit('100000000')).toBe(true))
})

test.runIf(canMount())(`a full disk: ${full}`, async () => {
  const folder = temporaryFolder()
  expect(mount(folder, '2m')).toBe(true)
  onTestFinished(() => void can('umount', '--lazy', folder))
  await (await openTestWarden({}, folder)).close()
  const running = startNode([child('log-bursts.mjs')], { env: envOf(folder) })
  await fillUp(folder, running, ['stored', 'lost'], () =>
    expect(can('mount', '-o', 'remount,size=64m', folder)).toBe(true),
  )
})
