import { expect, onTestFinished, test, vi } from 'vitest'
import { DAY, MINUTE } from '../../src/kernel/clock.ts'
import { OWNER, openTestWarden, STRANGER, temporaryFolder } from '../support/chatwarden.ts'
import { MachineClock } from '../support/machine-clock.ts'

test('what a doubt of the clock kept from being removed goes within minutes of its end, and a jump is told by itself', async () => {
  // Of the jobs alone: they look each minute.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: Date.now() })
  onTestFinished(() => void vi.useRealTimers())
  const minutePasses = () => vi.advanceTimersByTimeAsync(MINUTE)
  const folder = temporaryFolder()
  const clock = new MachineClock()
  const env = { CHAT: 'whatsapp' }
  const first = await openTestWarden({ clock, env }, folder)
  await first.AuditLogger.logRateLimitViolation({ phoneNumber: STRANGER, limitType: 'user' })
  await first.close()
  clock.set(100 * DAY)
  const bot = await openTestWarden({ clock, env, jobs: true }, folder)
  const count = (action: string) => bot.AuditLogRepository.count({ action })
  expect(await count('CLOCK_DOUBTED')).toBe(1)
  await bot.handle({
    id: '1',
    source: 'telegram',
    chat: { id: '7', kind: 'private' },
    sender: { id: '7' },
    text: 'hello',
    sentAt: new Date(clock.time),
  })
  expect(await count('AUDIT_RETENTION')).toBe(0)
  await minutePasses()
  await expect.poll(() => count('CLOCK_TRUSTED')).toBe(1)
  await minutePasses()
  await expect.poll(() => count('AUDIT_RETENTION')).toBe(1)
  expect(await count('RATE_LIMIT_VIOLATION')).toBe(0)
  clock.set(30 * DAY)
  await minutePasses()
  await expect.poll(() => count('CLOCK_DOUBTED')).toBe(2)
  expect(bot.sql<{ reply: string }>('SELECT reply FROM outbox_messages').map(({ reply }) => JSON.parse(reply))).toEqual(
    [expect.objectContaining({ audience: { account: OWNER }, text: expect.stringContaining('set 30 days ahead') })],
  )
  // Messages of before say what time it would be: however long it runs, it is not trusted.
  clock.advance(2 * DAY)
  expect(await bot.cleanupExpiredAuditLogs()).toBe(0)
})
