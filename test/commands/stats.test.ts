import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { sparkline } from '../../src/charts/sparkline.ts'
import { DAY, HOUR } from '../../src/kernel/clock.ts'
import { ADMIN, FakeClock, OWNER, openTestWarden, type TestWarden, USER } from '../support/chatwarden.ts'
import { entriesOf } from '../support/trail.ts'

const stats = async (warden: TestWarden, more = '') => {
  const { status, replies } = await warden.say(ADMIN, `!config audit stats ${more}`)
  expect(status).toBe('answered')
  return { text: replies[0]?.text ?? '', attachment: replies[0]?.attachment }
}

/** A warden at a moment, on which entries are written at others before it. */
async function warden(at: string, moments: readonly string[], env: Record<string, string> = {}) {
  const clock = new FakeClock(Date.parse(moments[0] ?? at))
  const opened = await openTestWarden({ clock, env: { TIMEZONE: 'Europe/Berlin', ...env } })
  for (const moment of moments) {
    clock.time = Date.parse(moment)
    await opened.AuditLogger.logConversationReset({ performedBy: { phoneNumber: USER } })
  }
  clock.time = Date.parse(at)
  return opened
}

describe('audit stats', () => {
  test('counts by category, action and actor, and the counts are those of the trail', async () => {
    const clock = new FakeClock()
    const opened = await openTestWarden({ clock })
    await opened.say(OWNER, `!config role promote ${USER} OPERATOR`)
    await opened.say(USER, '!config audit list')
    await opened.AuditLogger.logCircuitBreakerChange({ service: 'x', state: 'OPEN' })
    const { total, byCategory, byAction } = await opened.AuditLogRepository.getStatistics()
    const { result, entries } = await entriesOf(opened, () => stats(opened))
    expect(result.text).toContain(`*Audit Statistics (7 days)*\nTotal: ${total}\n`)
    for (const category of ['AUTH', 'CONFIG', 'ADMIN', 'SECURITY'])
      expect(result.text).toContain(`• ${category}: ${byCategory[category] ?? 0}\n`)
    for (const [action, count] of Object.entries(byAction)) expect(result.text).toContain(`• ${action}: ${count}`)
    expect(result.text).toContain('• SYSTEM: 5')
    expect(result.text).toContain(`• ${OWNER}: 1`)
    expect(entries).toMatchObject([{ action: 'AUDIT_LOG_VIEWED', metadata: { filters: { view: 'stats', days: 7 } } }])
  })

  test('names at most five actions and actors, the most frequent first', async () => {
    const opened = await openTestWarden()
    const people = Array.from({ length: 8 }, (_, person) =>
      Array<string>(person + 1).fill(`+1555000080${person}`),
    ).flat()
    await Promise.all(
      people.map((phoneNumber) => opened.AuditLogger.logConversationReset({ performedBy: { phoneNumber } })),
    )
    const { text } = await stats(opened)
    const actors = text.split('*Most active*\n')[1]?.split('\n') ?? []
    expect(actors.slice(0, 2)).toEqual(['• +15550000807: 8', '• +15550000806: 7'])
    expect(actors).toHaveLength(5)
  })

  test('counts by days of the time zone, across daylight saving, with empty days', async () => {
    const moments = [
      '2026-10-22T21:59:00Z',
      // The 23rd in Berlin.
      '2026-10-22T22:00:00Z',
      // The 25th has 25 hours, from 22:00Z to 23:00Z.
      '2026-10-24T22:00:00Z',
      '2026-10-25T22:59:59.999Z',
      '2026-10-25T23:00:00Z',
    ]
    const opened = await warden('2026-10-26T12:00:00Z', moments)
    const { text, attachment } = await stats(opened, '4')
    expect(text).toContain('Total: 4\n')
    expect(attachment?.preview).toBe(`2026-10-23 ${sparkline([1, 0, 2, 1])} 2026-10-26`)
  })

  test('follows the time zone that is set in the chat', async () => {
    const opened = await warden('2026-06-15T12:00:00Z', ['2026-06-13T23:00:00Z', '2026-06-14T12:00:00Z'])
    expect((await stats(opened, '2')).attachment?.preview).toBe(`2026-06-14 ${sparkline([2, 0])} 2026-06-15`)
    await opened.say(OWNER, '!config set timezone UTC')
    expect((await stats(opened, '3')).attachment?.preview).toMatch(/^2026-06-13 ▂▂█ 2026-06-15$|^2026-06-13/)
  })

  test('counts what happened in off-hours, once they are set', async () => {
    const moments = ['2026-06-14T19:59:00Z', '2026-06-14T20:00:00Z', '2026-06-15T03:59:00Z', '2026-06-15T04:00:00Z']
    const opened = await warden('2026-06-15T12:00:00Z', moments)
    expect((await stats(opened)).text).not.toContain('Off-hours')
    await opened.say(OWNER, '!config set off-hours 22:00-06:00')
    expect((await stats(opened)).text).toContain('🌙 Off-hours (22:00-06:00): 2')
  })

  test('counts what a clock that ran ahead has written', async () => {
    const clock = new FakeClock()
    const opened = await openTestWarden({ clock })
    clock.advance(3 * DAY)
    await opened.AuditLogger.logConversationReset({ performedBy: { phoneNumber: USER } })
    clock.advance(-3 * DAY)
    const { total } = await opened.AuditLogRepository.getStatistics()
    expect((await stats(opened)).text).toContain(`Total: ${total}\n`)
  })

  test('sends a picture that is removed with the answer, and says nothing where there is nothing', async () => {
    const clock = new FakeClock()
    const opened = await openTestWarden({ clock })
    clock.advance(30 * DAY)
    const { text, attachment } = await stats(opened)
    expect(text).toBe('📊 *Audit Statistics (7 days)*\nTotal: 0\n• AUTH: 0\n• CONFIG: 0\n• ADMIN: 0\n• SECURITY: 0')
    expect(attachment).toMatchObject({ kind: 'image', mimeType: 'image/png', name: 'audit-stats-2026-07-15.png' })
    expect((await readFile(attachment?.path ?? '')).subarray(1, 4).toString()).toBe('PNG')
  })

  test('of a year fits into a caption', async () => {
    const clock = new FakeClock()
    const opened = await openTestWarden({ clock })
    for (let person = 0; person < 6; person++) {
      const sender = { id: `+1555000080${person}`, name: 'A very long name that goes on and on' }
      await opened.say(sender.id, '!config audit list', { sender })
      clock.advance(HOUR)
    }
    expect((await stats(opened, '365')).text.length).toBeLessThan(1024)
  })
})
