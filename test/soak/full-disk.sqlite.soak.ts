import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { child, type Running, startNode } from '../support/child.ts'
import { testDatabase } from '../support/database.ts'
import { checkTrail, envOf, GrowingTrail } from '../support/killed-writers.ts'

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
