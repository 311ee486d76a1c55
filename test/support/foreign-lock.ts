import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { OPERATOR, OWNER, type TestWarden } from './chatwarden.ts'
import { holdLock } from './child.ts'

/**
 * Logs an event every 5 ms and demotes the OPERATOR while another process holds the write lock for that long.
 * `lag` is the 99th percentile of the event loop's delay in milliseconds.
 */
export async function appendWhileLocked(warden: TestWarden, milliseconds: number) {
  const lock = await holdLock(warden.path, milliseconds)
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
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
  delay.disable()
  return { lag: delay.percentile(99) / 1e6, stored, asked: results.length, status }
}
