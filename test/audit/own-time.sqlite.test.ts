import { expect, test } from 'vitest'
import { auditEvent, SYSTEM } from '../../src/audit/entry/entry.ts'
import { DAY, MINUTE } from '../../src/kernel/clock.ts'
import { findings, note, openBehind, servicesOf } from '../support/behind.ts'
import { FakeClock, OWNER, openTestWarden, STRANGER } from '../support/chatwarden.ts'
import { numbered, openWriter } from '../support/writer.ts'

test('an entry since the clock was set back goes when it is as old as retention says by what the clock said, and what was ahead with it', async () => {
  const { warden, clock } = await openBehind(120 * DAY)
  clock.time += 90 * DAY - MINUTE
  await note(warden, 'later')
  expect(await warden.cleanupExpiredAuditLogs(90)).toBe(1)
  expect(servicesOf(await warden.AuditLogRepository.query())).toEqual(['later', 'right', 'ahead'])
  clock.time += 2 * MINUTE
  expect(await warden.cleanupExpiredAuditLogs(90)).toBe(2)
  expect(servicesOf(await warden.AuditLogRepository.query())).toEqual(['later'])
  expect(await findings(warden, clock)).toEqual([])
  clock.time += 91 * DAY
  await warden.cleanupExpiredAuditLogs(90)
  expect(servicesOf(await warden.AuditLogRepository.query())).toEqual([])
  expect(await findings(warden, clock)).toEqual([])
})

test.each([
  ['all of a clock that was ahead', 120 * DAY, (clock: FakeClock) => Date.UTC(1970, 0, 1, 1) - clock.time],
  ['one of a clock a little ahead', 50 * MINUTE, () => -200 * DAY],
])('nothing is removed of a young trail by one old entry, where it has %s', async (_, ahead, back) => {
  const clock = new FakeClock()
  clock.time += ahead
  const warden = await openTestWarden({ clock })
  for (let day = 0; day < 30; day++) {
    await note(warden, `${day}`)
    clock.time += DAY
  }
  clock.time -= ahead
  await note(warden, 'right')
  const { writer } = await openWriter(warden, new FakeClock(clock.time + back(clock)))
  await writer.append(auditEvent('AUDIT_KEY_VIEWED', SYSTEM, { source: 'cli' }, {}))
  await warden.cleanupExpiredAuditLogs(90)
  expect(servicesOf(await warden.AuditLogRepository.query())).toHaveLength(31)
})

test('a bot whose clock is behind removes nothing by an entry of one that is more so', async () => {
  const clock = new FakeClock()
  const warden = await openTestWarden({ clock })
  for (let day = 0; day < 20; day++) {
    await note(warden, `${day}`)
    clock.time += DAY
  }
  const { writer } = await openWriter(warden, new FakeClock(clock.time - 200 * DAY))
  await writer.append(auditEvent('AUDIT_KEY_VIEWED', SYSTEM, { source: 'cli' }, {}))
  await warden.close()
  clock.time -= 21 * DAY
  const behind = await openTestWarden({ clock }, warden.folder)
  await behind.cleanupExpiredAuditLogs(90)
  expect(servicesOf(await behind.AuditLogRepository.query())).toHaveLength(20)
})

test('where times stood still is known for as long as an entry of then is there', async () => {
  const clock = new FakeClock()
  const warden = await openTestWarden({ clock })
  const begin = clock.time
  const behind = new FakeClock(clock.time - 30 * DAY)
  const { writer } = await openWriter(warden, behind)
  for (let n = 0; n < 6; n++) {
    await note(warden)
    await writer.append(numbered(n))
    for (const each of [clock, behind]) each.time += 10 * MINUTE
  }
  const range = { startDate: new Date(begin - 31 * DAY), endDate: new Date(begin - 29 * DAY) }
  const opened = () => warden.AuditLogRepository.count({ ...range, action: 'CIRCUIT_BREAKER_OPEN' })
  expect(await opened()).toBe(6)
  clock.time = begin + 90 * DAY + 15 * MINUTE
  await warden.cleanupExpiredAuditLogs(90)
  expect(await opened()).toBeGreaterThan(2)
})

test('what retention keeps of then is not judged by what it has removed', async () => {
  const clock = new FakeClock()
  const warden = await openTestWarden({ clock })
  const role = (of: string) => warden.say(OWNER, `!config role promote ${STRANGER} ${of}`)
  await note(warden, 'before')
  clock.time += 10 * MINUTE
  await role('USER')
  clock.time += 120 * DAY
  await note(warden, 'ahead')
  clock.time -= 119 * DAY
  for (const of of ['OPERATOR', 'ADMIN']) await role(of)
  clock.time += 5 * DAY
  expect(await warden.AuditLogRepository.deleteExpired(1)).toBeGreaterThan(2)
  const roles = await warden.AuditLogRepository.query({ action: 'ROLE_CHANGE', targetPhoneNumber: STRANGER })
  expect(roles).toHaveLength(1)
  expect(await findings(warden, clock)).toEqual([])
})
