import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { DAY } from '../../src/kernel/clock.ts'
import { defineSetting } from '../../src/settings/setting.ts'
import { ADMIN, FakeClock, OPERATOR, OWNER, openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { child, type Running, startNode } from '../support/child.ts'
import { environmentOf, testDatabase } from '../support/database.ts'
import { readEntry } from '../support/trail.ts'

const model = defineSetting({ name: 'model', summary: 'X.', schema: z.string(), fallback: 'none', example: 'x' })
const SOON = 5000

/** Another process with the same database, ready to work. */
async function otherProcess(folder: string): Promise<Running> {
  const env = {
    ...environmentOf(testDatabase(folder).path),
    OWNER_PHONE_NUMBERS: OWNER,
    RATE_LIMIT_USER: '0',
    RATE_LIMIT_GLOBAL: '0',
  }
  const running = startNode([child('settings.mjs')], { env })
  expect(await running.line()).toBe('"ready"')
  return running
}

const next = async (running: Running) => JSON.parse(await running.line())

describe('a setting changed in one process', () => {
  test('counts in another one within five seconds, whitelist mode too', async () => {
    const folder = temporaryFolder()
    const warden = await openTestWarden({ settings: [model] }, folder)
    const other = await otherProcess(folder)
    const tells = async (name: string, value: unknown, since: number) => {
      const told = await next(other)
      expect(told).toMatchObject({ name, value })
      expect(told.at - since).toBeLessThan(SOON)
    }
    other.send(`${OPERATOR} !config audit mine`)
    expect(await next(other)).toMatchObject({ status: 'answered', model: 'none' })

    const first = Date.now()
    await warden.say(OWNER, '!config set model large')
    const second = Date.now()
    await warden.say(OWNER, '!config set whitelist-mode on')
    await tells('model', 'large', first)
    await tells('whitelist-mode', true, second)
    other.send(`${OPERATOR} !config audit mine`)
    expect(await next(other)).toMatchObject({ status: 'blocked', model: 'large' })
    other.send(`${ADMIN} !config audit mine`)
    expect(await next(other)).toMatchObject({ status: 'answered' })

    // And the other way round: where it is changed it counts at once.
    const since = Date.now()
    const heard = new Promise((resolve) => warden.settings.onChange(({ name }, value) => resolve([name, value])))
    other.send(`${OWNER} !config set model small`)
    const lines = [await next(other), await next(other)]
    expect(lines).toMatchObject([
      { name: 'model', value: 'small' },
      { status: 'answered', model: 'small' },
    ])
    expect(await heard).toEqual(['model', 'small'])
    expect(Date.now() - since).toBeLessThan(SOON)
  })

  test('and in another at the same moment: both are entries, in the order in which they counted', async () => {
    const folder = temporaryFolder()
    const warden = await openTestWarden({ settings: [model] }, folder)
    const others = await Promise.all([otherProcess(folder), otherProcess(folder)])
    const rounds = 5
    for (let round = 0; round < rounds; round++) {
      for (const [index, other] of others.entries()) other.send(`${OWNER} !config set model m${round}-${index}`)
      for (const other of others) {
        let line = await next(other)
        while (line.status === undefined) line = await next(other)
        expect(line.status).toBe('answered')
      }
    }
    const entries = (await warden.AuditLogRepository.findByAction('CONFIG_UPDATE')).reverse().map(readEntry)
    expect(entries).toHaveLength(rounds * others.length)
    // Each change says what it changed, so together they are one history without a gap, and its end is what is set.
    const values = entries.map(({ metadata }) => metadata.newValue)
    expect(entries.map(({ metadata }) => metadata.oldValue)).toEqual(['none', ...values.slice(0, -1)])
    const last = String(values.at(-1))
    expect(await warden.ask(OWNER, '!config get model')).toContain(`Value: *${last}*`)
    expect(warden.settings.get(model)).toBe(last)
    expect(warden.sql(`SELECT value FROM settings WHERE name = 'model'`)).toEqual([{ value: JSON.stringify(last) }])
  })

  test('that waits takes effect everywhere at its moment, by the clock', async () => {
    const folder = temporaryFolder()
    const clock = new FakeClock()
    const [one, two] = [await openTestWarden({ clock }, folder), await openTestWarden({ clock }, folder)]
    const asked = await one.ask(OWNER, '!config set retention-days 30')
    await one.say(OWNER, `!config ${/confirm \d{6}/.exec(asked)?.[0]}`)
    expect(await two.ask(OWNER, '!config get retention-days')).toContain('From 2026-06-22 12:00 on: *30*')
    clock.advance(7 * DAY - 1)
    await two.cleanupExpiredAuditLogs()
    clock.advance(1)
    await two.cleanupExpiredAuditLogs()
    const runs = await one.AuditLogRepository.findByAction('AUDIT_RETENTION')
    expect(runs.map((entry) => readEntry(entry).metadata.retentionDays)).toEqual([30, 90])
  })
})
