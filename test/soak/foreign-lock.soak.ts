import { expect, test } from 'vitest'
import { OPERATOR, openTestWarden } from '../support/chatwarden.ts'
import { appendWhileLocked } from '../support/foreign-lock.ts'

test('a lock of another process for 10 s never freezes the event loop, and what waited is all there afterwards', async () => {
  const warden = await openTestWarden()
  const { lag, stored, asked } = await appendWhileLocked(warden, 10_000)
  console.log(`lock held for 10 s: event-loop lag p99 ${lag.toFixed(1)} ms, ${stored} of ${asked} events stored`)
  expect(lag).toBeLessThanOrEqual(100)
  expect(stored).toBe(asked)
  expect(await warden.AuditLogRepository.count({ action: 'CONVERSATION_RESET' })).toBe(asked)
  expect((await warden.UserRepository.findByPhoneNumber(OPERATOR))?.role).toBe('USER')
})
