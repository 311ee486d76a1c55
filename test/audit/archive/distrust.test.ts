import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DAY } from '../../../src/kernel/clock.ts'
import {
  archived,
  archivesIn,
  DAYS,
  entriesIn,
  envOf,
  erase,
  findings,
  log,
  openArchiving,
} from '../../support/archiving.ts'
import { FakeClock, STRANGER } from '../../support/chatwarden.ts'
import { startS3Server } from '../../support/s3-server.ts'

const VIOLATIONS = { action: 'RATE_LIMIT_VIOLATION' } as const
const OTHER = '+15550000777'

describe('whoever can write to the tables', () => {
  test('does not make a clean-up remove what is in no archive', async () => {
    const { warden, clock, directory, cleanUp, name } = await archived()
    await log(warden, 5)
    warden.sql(`UPDATE audit_archives SET ranges = '[[0,100000]]', uploaded_at = 1`)
    clock.advance((DAYS + 1) * DAY)
    await cleanUp()
    const violations = entriesIn(directory).filter(({ account }) => account === STRANGER)
    expect(violations.length + (await warden.AuditLogRepository.count(VIOLATIONS))).toBe(25)
    expect(archivesIn(directory)).toContain(name)
  })

  test('does not make it remove an archive before its time, or any other file', async () => {
    const { warden, directory, name } = await archived()
    const other = join(directory, '..', 'somebody.txt')
    writeFileSync(other, 'mine')
    warden.sql('UPDATE audit_archives SET newest_at = 0')
    warden.sql(`INSERT INTO audit_archives SELECT '../somebody.txt', first_seq, last_seq, entries, ranges, 0, sha256,
      erased_through, looked_through, created_at, uploaded_at, removing_at FROM audit_archives`)
    await warden.archiving.removeOld()
    expect(archivesIn(directory)).toEqual([name])
    expect(readFileSync(other, 'utf8')).toBe('mine')
  })
})

describe('whoever can write to the files', () => {
  test('does not pass one archive off as another, not even with an erasure', async () => {
    const { warden, clock, directory, cleanUp, cli, name } = await archived()
    await erase(warden, '+15550000888')
    await log(warden, 5)
    clock.advance((DAYS + 1) * DAY)
    await cleanUp()
    const later = archivesIn(directory).find((each) => each !== name) ?? ''
    // The later one says that more erasures were carried out in it.
    warden.sql('UPDATE audit_archives SET erased_through = 0, looked_through = 0 WHERE name = ?', name)
    for (const end of ['', '.manifest', '.sha256']) cpSync(join(directory, later + end), join(directory, name + end))
    expect((await cli('verify', name)).code).toBe(5)
    await erase(warden, OTHER)
    await warden.archiving.erase()
    expect(await warden.AuditLogRepository.count({ action: 'AUDIT_ARCHIVE_REWRITTEN' })).toBe(0)
    await expect(cli('restore', name)).rejects.toMatchObject({ code: 'ARCHIVE_DAMAGED' })
  })

  test('does not bring back who was erased with an older copy of an archive', async () => {
    const { warden, clock, directory, cleanUp, cli } = await openArchiving()
    await log(warden, 5, OTHER)
    await log(warden, 5)
    clock.advance((DAYS + 1) * DAY)
    await cleanUp()
    cpSync(directory, `${directory}.old`, { recursive: true })
    await erase(warden, OTHER)
    await warden.archiving.erase()
    const [name = ''] = archivesIn(directory)
    rmSync(directory, { recursive: true })
    renameSync(`${directory}.old`, directory)
    expect((await cli('verify')).code).toBe(5)
    await expect(cli('restore', name)).rejects.toMatchObject({ code: 'ARCHIVE_DAMAGED' })
    await erase(warden, '+15550000888')
    await warden.archiving.erase()
    expect((await cli('list')).out).toContain('an erasure is still to be carried out in it')
    await expect(cli('restore', name)).rejects.toMatchObject({ code: 'ARCHIVE_DAMAGED' })
    expect(await warden.AuditLogRepository.count({ phoneNumber: OTHER, ...VIOLATIONS })).toBe(0)
  })
})

test('what is in an archive that was damaged before the clean-up ended is archived anew', async () => {
  const { warden, clock, directory, cleanUp, cli, ...opened } = await openArchiving()
  await log(warden, 20)
  clock.advance((DAYS + 1) * DAY)
  warden.sql("CREATE TRIGGER stop BEFORE DELETE ON audit_logs BEGIN SELECT RAISE(ABORT, 'stopped'); END")
  await expect(cleanUp()).rejects.toThrow()
  const path = join(directory, archivesIn(directory)[0] ?? '')
  writeFileSync(path, readFileSync(path).subarray(0, -5))
  warden.sql('DROP TRIGGER stop')
  expect(await cleanUp()).toBe(20)
  expect((await cli('verify')).code).toBe(0)
  expect(entriesIn(directory).filter(({ account }) => account === STRANGER)).toHaveLength(20)
  expect(await findings({ warden, clock, ...opened })).toEqual([])
})

test('an archive is kept for so many years to the hour, whatever day it is', async () => {
  const clock = new FakeClock(Date.UTC(2025, 2, 1, 0, 30))
  const { warden, directory, cleanUp } = await openArchiving({ clock })
  await log(warden, 3)
  clock.advance((DAYS + 1) * DAY)
  await cleanUp()
  clock.time = Date.UTC(2032, 1, 29, 23, 59)
  await warden.archiving.removeOld()
  expect(archivesIn(directory)).toHaveLength(1)
  clock.time = Date.UTC(2032, 2, 1, 0, 31)
  await warden.archiving.removeOld()
  expect(archivesIn(directory)).toEqual([])
})

describe('with an object store', () => {
  test('a damaged archive keeps none of the others here, and does not replace what is there', async () => {
    const server = await startS3Server()
    const { warden, clock, directory, cleanUp, cli } = await openArchiving({ env: envOf(server) })
    await log(warden, 5)
    clock.advance((DAYS + 1) * DAY)
    await cleanUp()
    const [first = ''] = archivesIn(directory)
    warden.sql('UPDATE audit_archives SET uploaded_at = NULL')
    writeFileSync(join(directory, first), 'something else')
    await log(warden, 5)
    clock.advance((DAYS + 1) * DAY)
    expect(await cleanUp()).toBeGreaterThanOrEqual(5)
    expect(await warden.AuditLogRepository.count(VIOLATIONS)).toBe(0)
    rmSync(directory, { recursive: true })
    expect((await cli('verify')).code).toBe(0)
  })

  test('what was erased leaves it as soon as it is there again', async () => {
    const server = await startS3Server()
    const { warden, clock, directory, cleanUp } = await openArchiving({ env: envOf(server) })
    await log(warden, 5, OTHER)
    await log(warden, 5)
    clock.advance((DAYS + 1) * DAY)
    await cleanUp()
    await erase(warden, OTHER)
    await server.stop()
    await warden.archiving.erase()
    expect(await warden.archiving.isBehind()).toBe(true)
    await server.start()
    await warden.archiving.erase()
    expect(await warden.archiving.isBehind()).toBe(false)
    rmSync(directory, { recursive: true })
    warden.sql('UPDATE audit_archives SET newest_at = 0')
    await warden.archiving.removeOld()
    expect(new Set(entriesIn(directory).map(({ account }) => account))).toEqual(new Set([STRANGER]))
  })
})
