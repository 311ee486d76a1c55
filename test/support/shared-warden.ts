import { beforeAll, beforeEach } from 'vitest'
import type { ChatwardenOptions } from '../../src/app/chatwarden.ts'
import { MINUTE } from '../../src/kernel/clock.ts'
import { shareCleanUps } from './at-end.ts'
import { FakeClock, openWithUser, type TestWarden } from './chatwarden.ts'

export interface Shared {
  readonly clock: FakeClock
  readonly warden: TestWarden
}

/**
 * One Chatwarden with a user of each role for all tests of a group, for tests that leave nothing behind that the next
 * one would mind. Before each test the clock moves on, so that denials of the one before no longer count.
 */
export function shareWarden(options: ChatwardenOptions = {}): Shared {
  const clock = new FakeClock()
  const cleanUps = shareCleanUps()
  let warden: TestWarden | undefined
  beforeAll(async () => {
    warden = await openWithUser({ clock, ...options }, cleanUps.add)
  })
  beforeEach(() => clock.advance(11 * MINUTE))
  return {
    clock,
    get warden() {
      if (warden === undefined) throw new Error('The warden is open only while the tests of its group run.')
      return warden
    },
  }
}
