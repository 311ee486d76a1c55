import { describe, expect, test } from 'vitest'
import { removeExpired } from '../../src/audit/remove/retention.ts'
import { DAY, HOUR } from '../../src/kernel/clock.ts'
import { FakeClock, OWNER, openTestWarden, type TestWarden } from '../support/chatwarden.ts'
import { openWriter } from '../support/writer.ts'

const reset = ({ AuditLogger }: TestWarden) => AuditLogger.logConversationReset({ performedBy: { phoneNumber: OWNER } })
const logMany = (warden: TestWarden, count: number) => Promise.all(Array.from({ length: count }, () => reset(warden)))

const runs = async ({ AuditLogRepository }: TestWarden) =>
  (await AuditLogRepository.findByAction('AUDIT_RETENTION')).map((entry) => JSON.parse(entry.metadata)).reverse()

/**
 * A Chatwarden whose seeding is long past, so that only what a test writes is young. The entries of the seeding say who
 * has which role, and stay.
 */
async function openOld() {
  const clock = new FakeClock()
  const warden = await openTestWarden({ clock })
  return { warden, clock, seeded: await warden.AuditLogRepository.count() }
}

describe('the clean-up', () => {
  test('keeps what is exactly as old as the retention, and removes what is a millisecond older', async () => {
    const { warden, clock, seeded } = await openOld()
    await reset(warden)
    clock.advance(1)
    const kept = await warden.AuditLogRepository.create({ action: 'CONVERSATION_RESET', phoneNumber: OWNER })
    clock.advance(90 * DAY)
    expect(await warden.cleanupExpiredAuditLogs(90)).toBe(1)
    const left = await warden.AuditLogRepository.query()
    expect(left.map(({ seq }) => seq).slice(0, 2)).toEqual([kept.seq + 1, kept.seq])
    expect(left).toHaveLength(2 + seeded)
    clock.advance(1)
    expect(await warden.cleanupExpiredAuditLogs(90)).toBe(1)
    expect(await warden.AuditLogRepository.query({ action: 'CONVERSATION_RESET' })).toEqual([])
  })

  test('is an entry each time: how long, until when and how many, also where there was nothing to remove', async () => {
    const { warden, clock, seeded } = await openOld()
    await warden.cleanupExpiredAuditLogs(30)
    clock.advance(31 * DAY)
    expect(await warden.AuditLogRepository.deleteExpired(30)).toBe(1)
    const cutoff = (days: number) => new Date(clock.time - days * DAY).toISOString()
    const [entry] = await warden.AuditLogRepository.findByAction('AUDIT_RETENTION')
    expect(entry).toMatchObject({ phoneNumber: 'SYSTEM', userRole: 'SYSTEM', source: 'system', category: 'ADMIN' })
    expect(await runs(warden)).toEqual([
      { retentionDays: 30, cutoff: cutoff(30), ranges: [[seeded, seeded]], deletedCount: 1 },
    ])
    await warden.cleanupExpiredAuditLogs(30)
    expect((await runs(warden)).at(-1)).toMatchObject({ ranges: [], deletedCount: 0 })
  })

  test('without a number takes the configured one', async () => {
    const clock = new FakeClock()
    const warden = await openTestWarden({ clock, env: { AUDIT_LOG_RETENTION_DAYS: '7' } })
    await reset(warden)
    clock.advance(7 * DAY + 1)
    expect(await warden.cleanupExpiredAuditLogs()).toBe(1)
    expect((await runs(warden)).at(-1)).toMatchObject({ retentionDays: 7 })
  })

  test.each([-5, 0, 1.5, 'abc', '90', Number.NaN, Number.POSITIVE_INFINITY, 4000, null])(
    'refuses %s days, removes nothing and writes nothing',
    async (days) => {
      const { warden, clock } = await openOld()
      clock.advance(5000 * DAY)
      const before = await warden.AuditLogRepository.query()
      const refused = { code: 'INVALID_ARGUMENT', message: expect.stringContaining('1 to 3650') }
      await expect(warden.cleanupExpiredAuditLogs(days as number)).rejects.toMatchObject(refused)
      await expect(warden.AuditLogRepository.deleteExpired(days as number)).rejects.toMatchObject(refused)
      expect(await warden.AuditLogRepository.query()).toEqual(before)
    },
  )

  test('removes at most 500 at a time, and others write in between', async () => {
    const { warden, clock, seeded } = await openOld()
    await logMany(warden, 2100)
    clock.advance(100 * DAY)
    const old = async () => (await warden.AuditLogRepository.count({ endDate: new Date(clock.time - 1) })) - seeded
    const left: number[] = []
    let done = false
    const cleaning = warden.cleanupExpiredAuditLogs(90).finally(() => {
      done = true
    })
    while (!done) {
      expect(await reset(warden)).toBe('stored')
      left.push(await old())
    }
    expect(await cleaning).toBe(2100)
    const between = left.filter((count) => count > 0 && count < 2100)
    expect(between.length).toBeGreaterThan(0)
    // Those that are kept were looked at with the first.
    expect(between.every((count) => count % 500 === 100 + seeded)).toBe(true)
    expect(await old()).toBe(0)
    expect(await warden.AuditLogRepository.count()).toBe(seeded + left.length + 5)
  })

  test('that was interrupted is finished by the next one', async () => {
    const { warden, clock, seeded } = await openOld()
    await logMany(warden, 1200)
    clock.advance(100 * DAY)
    warden.sql(
      `CREATE TRIGGER stop BEFORE DELETE ON audit_logs WHEN OLD.seq = 700 BEGIN SELECT RAISE(ABORT, 'stop'); END`,
    )
    await expect(warden.cleanupExpiredAuditLogs(90)).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' })
    expect(await warden.AuditLogRepository.count()).toBe(1200 + seeded - (500 - seeded) + 1)
    warden.sql('DROP TRIGGER stop')
    clock.advance(HOUR)
    expect(await warden.cleanupExpiredAuditLogs(90)).toBe(1200 - (500 - seeded))
    expect(await runs(warden)).toMatchObject(
      [500 - seeded, 500 - seeded, 200 + 2 * seeded].map((deletedCount) => ({ deletedCount })),
    )
    expect(await warden.AuditLogRepository.count()).toBe(seeded + 3)
  })

  test('that is told to stop does so between two batches', async () => {
    const { warden, clock, seeded } = await openOld()
    await logMany(warden, 1200)
    const { writer, logs } = await openWriter(warden, clock)
    clock.advance(100 * DAY)
    const stopping = new AbortController()
    writer.onCommit(() => stopping.abort('lost'))
    const retention = { writer, logs, clock, trust: { settle: async () => true }, archive: undefined }
    await expect(removeExpired(retention, 90, stopping.signal)).rejects.toBe('lost')
    expect(await runs(warden)).toMatchObject([{ deletedCount: 500 - seeded }])
  })

  test('removes nothing where its entry cannot be written', async () => {
    const { warden, clock } = await openOld()
    clock.advance(100 * DAY)
    const before = await warden.AuditLogRepository.count()
    warden.sql(`CREATE TRIGGER refuse BEFORE INSERT ON audit_logs BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
    await expect(warden.cleanupExpiredAuditLogs(90)).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' })
    expect(await warden.AuditLogRepository.count()).toBe(before)
  })
})
