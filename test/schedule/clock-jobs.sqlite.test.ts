import { existsSync, mkdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { DAY, MINUTE } from '../../src/kernel/clock.ts'
import { OWNER, openTestWarden, STRANGER, temporaryFolder } from '../support/chatwarden.ts'
import { fakeTimes } from '../support/fake-times.ts'
import { HELLO } from '../support/hello.ts'
import { MachineClock } from '../support/machine-clock.ts'

test('what a doubt of the clock kept from being removed goes within minutes of its end, and a jump is told by itself', async () => {
  // Of the jobs alone: they look each minute.
  fakeTimes()
  const passes = (minutes: number) => vi.advanceTimersByTimeAsync(minutes * MINUTE)
  const folder = temporaryFolder()
  const clock = new MachineClock()
  const env = { CHAT: 'whatsapp', AUDIT_CLEANUP_CRON: '*/2 * * * *' }
  const first = await openTestWarden({ clock, env }, folder)
  await first.AuditLogger.logRateLimitViolation({ phoneNumber: STRANGER, limitType: 'user' })
  await first.say(OWNER, '!config role list')
  await first.close()
  clock.set(100 * DAY)
  const bot = await openTestWarden({ clock, env, jobs: true }, folder)
  // What processes that were killed left behind, and messages of before.
  const stale = join(folder, 'outgoing', 'stale')
  mkdirSync(stale, { recursive: true })
  utimesSync(stale, 1, 1)
  const count = (action: string) => bot.AuditLogRepository.count({ action })
  const left = async () => [
    await count('RATE_LIMIT_VIOLATION'),
    existsSync(stale),
    bot.sql('SELECT 1 FROM processed_messages').length,
  ]
  expect(await count('CLOCK_DOUBTED')).toBe(1)
  await passes(12)
  expect([await count('AUDIT_RETENTION'), await left()]).toEqual([0, [1, true, 1]])
  await bot.handle({ ...HELLO, sentAt: new Date(clock.time) })
  await passes(1)
  await expect.poll(() => count('CLOCK_TRUSTED')).toBe(1)
  await passes(10)
  await expect.poll(left).toEqual([0, false, 0])
  clock.set(30 * DAY)
  await passes(1)
  await expect.poll(() => count('CLOCK_DOUBTED')).toBe(2)
  expect(bot.sql<{ reply: string }>('SELECT reply FROM outbox_messages').map(({ reply }) => JSON.parse(reply))).toEqual(
    [expect.objectContaining({ audience: { account: OWNER }, text: expect.stringContaining('set 30 days ahead') })],
  )
})

test('the clean-up that a doubt has put off runs once', async () => {
  fakeTimes()
  const folder = temporaryFolder()
  const clock = new MachineClock()
  await (await openTestWarden({ clock }, folder)).close()
  clock.set(3 * DAY)
  const bot = await openTestWarden({ clock, jobs: true }, folder)
  await bot.handle({ ...HELLO, sentAt: new Date(clock.time) })
  await vi.advanceTimersByTimeAsync(35 * MINUTE)
  await expect.poll(() => bot.AuditLogRepository.count({ action: 'AUDIT_RETENTION' })).toBe(1)
})
