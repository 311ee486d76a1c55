import { expect, test } from 'vitest'
import { type Clock, DAY, HOUR } from '../../src/kernel/clock.ts'
import { ownTrail } from '../support/own-trail.ts'

/** A server at 127.0.0.2 has another address than who comes from 127.0.0.1, as one on another machine has. */
const FLAGS = ['listen_addresses=127.0.0.1,127.0.0.2']

test('a server elsewhere speaks for a clock that agrees with its own, and against another; one here does not', async () => {
  const trail = await ownTrail(FLAGS)
  const there = { env: { DATABASE_URL: `${trail.server.url.replace('127.0.0.1', '127.0.0.2')}?sslmode=disable` } }
  let [ahead, ran] = [0, 0]
  const clock: Clock = { now: () => Date.now() + ahead, monotonic: () => ran, isReal: true }
  const start = async (options = {}) => {
    const bot = await trail.open({ clock, ...options })
    const told = async (action: string, key: string) =>
      (await bot.AuditLogRepository.findByAction(action)).map(({ metadata }) => JSON.parse(metadata)[key])
    return { bot, doubts: () => told('CLOCK_DOUBTED', 'reason'), trusts: () => told('CLOCK_TRUSTED', 'by') }
  }
  ahead = 5 * DAY
  const wrong = await start(there)
  ran += 3 * DAY
  ahead = 8 * DAY
  await wrong.bot.cleanupExpiredAuditLogs()
  expect([await wrong.doubts(), await wrong.trusts()]).toEqual([['stopped'], []])
  await wrong.bot.close()
  ahead = HOUR / 2
  const right = await start(there)
  // It starts before the last entry while there is a doubt: one of the two clocks was wrong, and the server says which.
  expect([await right.doubts(), await right.trusts()]).toEqual([['jumped', 'stopped'], ['server']])
  await right.bot.close()
  ahead = 20 * DAY
  const here = await start()
  expect([await here.doubts(), await here.trusts()]).toEqual([['stopped', 'jumped', 'stopped'], ['server']])
  ran += DAY
  ahead = 21 * DAY
  await here.bot.cleanupExpiredAuditLogs()
  expect(await here.trusts()).toEqual(['running', 'server'])
})
