import { describe, expect, test } from 'vitest'
import { auditEvent, SYSTEM, SYSTEM_PLACE } from '../../src/audit/entry/entry.ts'
import { DAY, HOUR, MINUTE } from '../../src/kernel/clock.ts'
import { OWNER } from '../support/chatwarden.ts'
import { linesOf, NOW, openForReports, sectionOf } from '../support/report.ts'
import { openWriter } from '../support/writer.ts'

const completeness = async (text: () => Promise<string>) => linesOf(sectionOf(await text(), 'Completeness'))

describe('the hours of a report', () => {
  test('have their counts, and those without any are one line each time', async () => {
    const { clock, flag, text } = await openForReports()
    await flag(NOW - 24 * HOUR, 10)
    await flag(NOW - 23 * HOUR - 1, 10)
    await flag(NOW - 2 * HOUR, 5)
    clock.time = NOW
    expect(await completeness(text)).toEqual([
      `2026-06-14 12:00 | 20 ${'█'.repeat(30)}`,
      '2026-06-14 13:00 | no entry until 2026-06-15 10:00 (21 hours)',
      `2026-06-15 10:00 | 5 ${'█'.repeat(8)}`,
      '2026-06-15 11:00 | no entry until 2026-06-15 12:00 (1 hour)',
      '22 hours of 24 without any entry. That may be a quiet time, or a bot that was down.',
      'No events are known to be lost.',
    ])
  })

  test('are seven rows in a week, all by one measure', async () => {
    const { clock, flag, text } = await openForReports()
    await flag(NOW - 7 * DAY, 8)
    await flag(NOW - 6 * DAY, 1)
    await flag(NOW - 30 * HOUR, 1)
    clock.time = NOW
    expect(await completeness(() => text('weekly'))).toEqual([
      `2026-06-08 12:00 | █${'·'.repeat(23)} | 8`,
      `2026-06-09 12:00 | ▁${'·'.repeat(23)} | 1`,
      ...['10', '11', '12'].map((day) => `2026-06-${day} 12:00 | ${'·'.repeat(24)} | 0`),
      `2026-06-13 12:00 | ${'·'.repeat(18)}▁${'·'.repeat(5)} | 1`,
      `2026-06-14 12:00 | ${'·'.repeat(24)} | 0`,
      '2026-06-08 13:00 | no entry until 2026-06-09 12:00 (23 hours)',
      '2026-06-09 13:00 | no entry until 2026-06-14 06:00 (113 hours)',
      '2026-06-14 07:00 | no entry until 2026-06-15 12:00 (29 hours)',
      '165 hours of 168 without any entry. That may be a quiet time, or a bot that was down.',
      'No events are known to be lost.',
    ])
  })

  test.each([
    // At 01:00 UTC three o'clock becomes two o'clock again: half past two comes twice.
    ['back', Date.UTC(2026, 9, 25, 12, 30), ['2026-10-25 02:30 GMT+2', '2026-10-25 02:30 GMT+1']],
    // And here two o'clock becomes three: half past two never comes.
    ['forward', Date.UTC(2026, 2, 29, 12, 30), ['2026-03-29 01:30 GMT+1', '2026-03-29 03:30 GMT+2']],
  ])('are 24 where clocks are set %s, each with a name of its own', async (_, end, names) => {
    const { clock, flag, text } = await openForReports({ TIMEZONE: 'Europe/Berlin' })
    for (let hour = 24; hour > 0; hour--) await flag(end - hour * HOUR)
    clock.time = end
    const lines = await completeness(text)
    expect(lines[24]).toBe('Every hour has entries.')
    const labels = lines.slice(0, 24).map((line) => line.split(' | ')[0])
    expect(new Set(labels).size).toBe(24)
    expect(labels.slice(labels.indexOf(names[0]))[1]).toBe(names[1])
  })

  test('are those of the time zone that is set in the chat', async () => {
    const { warden, clock, text } = await openForReports()
    clock.time = NOW
    await warden.say(OWNER, '!config set timezone Asia/Tokyo')
    expect(await text()).toContain('2026-06-14 21:00 to 2026-06-15 21:00, Asia/Tokyo.')
  })
})

describe('what is missing', () => {
  test('is told of as far as the trail knows: events that could not be written', async () => {
    const { warden, clock, text } = await openForReports()
    clock.time = NOW - HOUR
    warden.AuditLogger.missed({ count: 12, first: NOW - 3 * HOUR, last: NOW - 2 * HOUR - MINUTE })
    await warden.AuditLogger.flush()
    clock.time = NOW
    expect((await completeness(text)).slice(-3)).toEqual([
      '! Events could not be written, 1 time:',
      'From | To | Events lost',
      '2026-06-15 09:00 | 2026-06-15 09:59 | 12',
    ])
  })

  test('may be the right time, where the clock ran ahead and was set back', async () => {
    const { warden, clock, flag, text } = await openForReports()
    await flag(NOW + 2 * DAY)
    await flag(NOW)
    await expect.poll(() => warden.AuditLogRepository.count({ action: 'CLOCK_JUMP' })).toBe(1)
    clock.time = NOW
    const lines = await completeness(text)
    expect(lines.slice(-4)).toEqual([
      '! The clock was set back, 1 time:',
      'Time | What',
      '2026-06-15 12:00 | The clock is 2 days behind the last entry',
      '! 1 entry later than now: the clock was ahead. They count with the last hour.',
    ])
    expect(lines).toContain(`2026-06-15 11:00 | 3 ${'█'.repeat(30)}`)
  })
})

test('a clock in doubt is why nothing is removed, and no clean-up is late for it', async () => {
  const { warden, clock, flag, text } = await openForReports()
  await flag(NOW - 200 * DAY)
  await flag(NOW)
  clock.time = NOW
  const retention = async () => sectionOf(await text(), 'Retention')
  expect(await retention()).toContain('no clean-up for more than a day')
  const { writer } = await openWriter(warden, clock)
  await writer.append(auditEvent('CLOCK_DOUBTED', SYSTEM, SYSTEM_PLACE, { reason: 'jumped', byMs: DAY }))
  expect(await retention()).toContain('The clock is in doubt')
  expect(await retention()).not.toContain('no clean-up')
  await writer.append(auditEvent('CLOCK_TRUSTED', SYSTEM, SYSTEM_PLACE, { since: 1, by: 'owner' }))
  expect(await retention()).not.toContain('in doubt')
})
