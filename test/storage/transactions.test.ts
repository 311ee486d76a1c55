import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Database } from '../../src/storage/contract.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { OWNER, openTestWarden, type TestWarden } from '../support/chatwarden.ts'
import { measureLag } from '../support/event-loop.ts'
import { expectNoFreeze } from '../support/foreign-lock.ts'
import { holdLock } from '../support/hold-lock.ts'
import { shareWarden } from '../support/shared-warden.ts'

const person = { phoneNumber: OWNER }

/** For tests that leave neither triggers nor tables behind. */
const shared = shareWarden()

/** The storage below an open Chatwarden, with connections of its own. */
async function openStorage({ url }: TestWarden): Promise<Database> {
  const database = await openDatabase(url)
  onTestFinished(() => database.close())
  return database
}

describe('the connection', () => {
  test('for reads cannot write', async () => {
    const { reader } = await openStorage(shared.warden)
    await expect(reader.user.updateMany({ data: { role: 'OWNER' } })).rejects.toThrow()
  })
})

describe('a lock of another process', () => {
  // Other tests run beside this one; the same with 10 s and alone, in test/soak/, asks for 100 ms.
  test('for 3 s never freezes the event loop, and what waited for it is all there afterwards', () =>
    expectNoFreeze(3000, 300))

  test('that froze the event loop would show in that measure', async () => {
    const meter = measureLag()
    await sleep(1000)
    const end = performance.now() + 300
    while (performance.now() < end);
    expect(meter.stop().p99).toBeGreaterThan(200)
  })

  test('does not keep anybody from reading', async () => {
    const { warden } = shared
    const lock = await holdLock(warden.path, 30_000)
    let isHeld = true
    const ended = lock.ended().then(() => {
      isHeld = false
    })
    expect(await warden.AuditLogRepository.count()).toBeGreaterThan(0)
    expect(isHeld).toBe(true)
    lock.process.kill('SIGKILL')
    await ended
  })
})

describe('a transaction that fails', () => {
  test('in a statement leaves nothing, and the next one works', async () => {
    const warden = await openTestWarden()
    warden.sql(`CREATE TRIGGER refuse BEFORE INSERT ON audit_logs WHEN NEW.action = 'CONVERSATION_RESET'
      BEGIN SELECT RAISE(ABORT, 'not this one'); END`)
    const before = await warden.AuditLogRepository.count()
    await expect(warden.AuditLogRepository.create({ action: 'CONVERSATION_RESET', ...person })).rejects.toMatchObject({
      code: 'AUDIT_UNAVAILABLE',
      message: expect.stringContaining('not this one'),
    })
    expect(await warden.AuditLogRepository.count()).toBe(before)
    expect(await warden.AuditLogger.logUsageQuery({ performedBy: person, queryType: 'daily' })).toBe('stored')
  })

  test('in its COMMIT leaves nothing, and the next one works', async () => {
    const warden = await openTestWarden()
    // A foreign key that is checked at the end makes the COMMIT itself fail.
    warden.sql('CREATE TABLE parent (id INTEGER PRIMARY KEY)')
    warden.sql('CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)')
    warden.sql(`CREATE TRIGGER orphan AFTER INSERT ON audit_logs WHEN NEW.action = 'CONVERSATION_RESET'
      BEGIN INSERT INTO child VALUES (1); END`)
    const before = await warden.AuditLogRepository.count()
    for (let round = 0; round < 3; round++)
      await expect(warden.AuditLogRepository.create({ action: 'CONVERSATION_RESET', ...person })).rejects.toMatchObject(
        { code: 'AUDIT_UNAVAILABLE', message: expect.stringMatching(/foreign key/i) },
      )
    expect(await warden.AuditLogRepository.count()).toBe(before)
    const entry = await warden.AuditLogRepository.create({
      action: 'USAGE_QUERY',
      metadata: { queryType: 'daily' },
      ...person,
    })
    expect(entry.seq).toBe(before)
  })

  test('because of what it ran gives that error, and takes its turn back', async () => {
    const database = await openStorage(shared.warden)
    const failing = database.transaction(async (tx) => {
      await tx.user.updateMany({ data: { name: 'changed' } })
      throw new RangeError('mine')
    })
    await expect(failing).rejects.toThrow(new RangeError('mine'))
    expect(await database.reader.user.findMany({ where: { name: 'changed' } })).toEqual([])
    await database.transaction((tx) => tx.user.updateMany({ data: { name: 'next' } }))
    expect(await database.reader.user.count({ where: { name: 'next' } })).toBeGreaterThan(0)
  })
})

describe('reads', () => {
  test('see what is committed and nothing else', async () => {
    const database = await openStorage(await openTestWarden())
    const named = () => database.reader.user.count({ where: { name: 'changed' } })
    const seen: number[] = []
    const change = (fail: boolean) =>
      database
        .transaction(async (tx) => {
          await tx.user.updateMany({ data: { name: 'changed' } })
          seen.push(await named())
          await sleep(20)
          seen.push(await named())
          if (fail) throw new Error('roll back')
        })
        .catch(() => {})
    await change(true)
    seen.push(await named())
    await change(false)
    expect(seen).toEqual([0, 0, 0, 0, 0])
    expect(await named()).toBeGreaterThan(0)
  })
})
