import { HOUR } from '../../src/kernel/clock.ts'
import { FakeClock, openTestWarden, type TestWarden } from './chatwarden.ts'
import { findingsIn, keyIn } from './tamper.ts'

export const note = ({ AuditLogger }: TestWarden, service = 'x') =>
  AuditLogger.logCircuitBreakerChange({ service, state: 'OPEN', failureCount: 1 })
export const findings = (warden: TestWarden, clock: FakeClock) =>
  findingsIn(warden.path, { keys: [keyIn(warden.folder)], now: clock.time })
export const servicesOf = (entries: readonly { action: string; resourceId: string | null }[]) =>
  entries.filter(({ action }) => action === 'CIRCUIT_BREAKER_OPEN').map(({ resourceId }) => resourceId)

/** Entries of before a clock ran ahead by so much, of then, and of an hour after it was set right. */
export async function openBehind(ahead: number, clock = new FakeClock()) {
  const warden = await openTestWarden({ clock })
  const begin = clock.time
  await note(warden, 'before')
  clock.time += ahead
  await note(warden, 'ahead')
  clock.time += HOUR - ahead
  await note(warden, 'right')
  return { warden, clock, begin }
}
