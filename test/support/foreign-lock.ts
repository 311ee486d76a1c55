import { setTimeout as sleep } from 'node:timers/promises'
import { OPERATOR, OWNER, type TestWarden } from './chatwarden.ts'
import { holdLock } from './child.ts'
import { measureLag } from './event-loop.ts'

/**
 * Logs an event every 5 ms and demotes the OPERATOR while another process holds the write lock for that long.
 * `lag` is the 99th percentile of the event loop's lag in milliseconds.
 */
export async function appendWhileLocked(warden: TestWarden, milliseconds: number) {
  const lock = await holdLock(warden.path, milliseconds)
  const meter = measureLag()
  const change = warden.say(OWNER, `!config role demote ${OPERATOR} USER`)
  const results: Promise<string>[] = []
  const end = performance.now() + milliseconds
  while (performance.now() < end) {
    results.push(warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: OWNER } }))
    await sleep(5)
  }
  await lock.ended()
  const stored = (await Promise.all(results)).filter((result) => result === 'stored').length
  const { status } = await change
  return { lag: meter.stop().p99, stored, asked: results.length, status }
}
