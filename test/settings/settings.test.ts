import { describe, expect, test } from 'vitest'
import { DAY, HOUR } from '../../src/kernel/clock.ts'
import { ADMIN, FakeClock, OPERATOR, OWNER, openTestWarden, STRANGER, USER } from '../support/chatwarden.ts'
import { expectHarmless, HOSTILE } from '../support/hostile.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { entriesOf, expectDenial, textOf } from '../support/trail.ts'

/** Each setting of Chatwarden's own: its default, another value, what it takes, and who may change it. */
const OWN = [
  { key: 'cost-threshold-day', fallback: 'none', other: '2.5', takes: 'none or a number from 0.01 to 1000000' },
  { key: 'cost-threshold-month', fallback: 'none', other: '100', takes: 'none or a number from 0.01 to 1000000' },
  { key: 'moderation-when-down', fallback: 'hold', other: 'pass', takes: 'one of: hold, pass' },
  {
    key: 'off-hours',
    fallback: 'none',
    other: '22:00-06:00',
    takes: 'two times of day such as 22:00-06:00, or none',
    role: 'ADMIN',
  },
  { key: 'page-size', fallback: '10', other: '3', takes: 'a whole number from 1 to 10', role: 'ADMIN' },
  { key: 'rate-limit-global', fallback: '0', other: '600', takes: 'a whole number from 0 to 1000000' },
  { key: 'rate-limit-user', fallback: '0', other: '100', takes: 'a whole number from 0 to 10000' },
  { key: 'retention-days', fallback: '90', other: '365', takes: 'a whole number from 30 to 3650' },
  {
    key: 'timezone',
    fallback: 'UTC',
    other: 'Asia/Tokyo',
    takes: 'the name of a time zone, such as Europe/Berlin',
    role: 'ADMIN',
  },
  { key: 'whitelist-mode', fallback: 'off', other: 'on', takes: 'on or off' },
] as const

const roleFor = (of: (typeof OWN)[number]): string => ('role' in of ? of.role : 'OWNER')

describe('get', () => {
  const shared = shareWarden()

  test('shows every setting with its value, and says which were set', async () => {
    const { warden } = shared
    const lines = OWN.map(({ key, fallback }) => `• ${key}: *${fallback}* _(default)_`)
    const { result, entries } = await entriesOf(warden, () => warden.ask(ADMIN, '!config get'))
    expect(result).toBe(['⚙️ *Settings*\n', ...lines, '_Send !config get <key> for what one means._'].join('\n'))
    expect(entries).toMatchObject([{ action: 'CONFIG_VIEWED', phoneNumber: ADMIN, metadata: {} }])
    await warden.say(OWNER, '!config set timezone Asia/Tokyo')
    expect(await warden.ask(ADMIN, '!config get')).toContain('• timezone: *Asia/Tokyo*\n')
    await warden.say(OWNER, '!config reset timezone')
  })

  test('shows as many on a page as page-size says, and `more` shows the rest', async () => {
    const { warden } = shared
    await warden.say(OWNER, '!config set page-size 4')
    const pages = [await warden.ask(ADMIN, '!config get')]
    pages.push(await warden.ask(ADMIN, '!config more'), await warden.ask(ADMIN, 'more'))
    const names = pages.map((page) => [...page.matchAll(/^• ([a-z-]+):/gm)].map(([, name]) => name))
    expect(names.map(({ length }) => length)).toEqual([4, 4, 2])
    expect(names.flat()).toEqual(OWN.map(({ key }) => key))
    const more = '_Send *more* or !config more for the next ones._'
    expect(pages.map((page) => page.includes(more))).toEqual([true, true, false])
    expect(await warden.ask(ADMIN, '!config more')).toBe('There is nothing more to show.')
    await warden.say(OWNER, '!config reset page-size')
  })

  test.each(OWN)('tells of $key what it takes, who may change it and an example that can be sent', async (of) => {
    const { warden } = shared
    const { result, entries } = await entriesOf(warden, () => warden.ask(ADMIN, `!config get ${of.key}`))
    const lines = [`⚙️ *${of.key}*`, `Value: *${of.fallback}*`, `Default: ${of.fallback}`, `Takes: ${of.takes}`]
    for (const line of [...lines, `Requires: ${roleFor(of)}`]) expect(result.split('\n')).toContain(line)
    expect(entries).toMatchObject([{ action: 'CONFIG_VIEWED', metadata: { setting: of.key } }])
    const example = /Example: (.*)/.exec(result)?.[1] ?? ''
    expect((await warden.say(OWNER, example)).status).toBe('answered')
    await warden.say(OWNER, `!config reset ${of.key}`)
  })

  test.each([
    ['timezon', 'timezone'],
    ['PAGESIZE', 'page-size'],
    ['retention', 'retention-days'],
    ['xQ7-marker', undefined],
  ])('an unknown key suggests the nearest, and is not repeated: %s', async (typed, nearest) => {
    const { warden } = shared
    const suggestion = nearest === undefined ? '' : ` Did you mean ${nearest}?`
    const text = `There is no such setting.${suggestion} Send !config get for all of them.`
    for (const command of [`get ${typed}`, `set ${typed} marker`, `reset ${typed}`]) {
      const { result, entries } = await entriesOf(warden, () => warden.say(OWNER, `!config ${command}`))
      expect(result).toMatchObject({ status: 'usage', replies: [{ text }] })
      expect(entries).toEqual([])
    }
  })
})

describe('set and reset', () => {
  const shared = shareWarden()

  test.each(OWN)('change $key with one entry each, by whoever may', async (of) => {
    const { warden } = shared
    const { key, fallback, other } = of
    const by = roleFor(of) === 'ADMIN' ? ADMIN : OWNER
    const changed = await entriesOf(warden, () => warden.ask(by, `!config set ${key} ${other}`))
    const actor = `✏️ Changed by: ${by} (${roleFor(of)})`
    expect(changed.result).toBe(`✅ *Setting Changed*\n\n⚙️ ${key}: ${fallback} → ${other}\n${actor}`)
    expect(await warden.ask(by, `!config get ${key}`)).toContain(`Value: *${other}*`)
    expect(changed.entries).toMatchObject([
      {
        action: 'CONFIG_UPDATE',
        category: 'CONFIG',
        phoneNumber: by,
        userRole: roleFor(of),
        resourceType: 'setting',
        resourceId: key,
        metadata: { setting: key },
      },
    ])
    const [{ metadata }] = changed.entries as [(typeof changed.entries)[number]]
    const inWords = (value: unknown) => (typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value))
    expect([metadata.oldValue, metadata.newValue].map(inWords)).toEqual([fallback, other])
    expect(metadata).not.toHaveProperty('effectiveAt')

    const same = await entriesOf(warden, () => warden.ask(by, `!config set ${key} ${other}`))
    expect(same.result).toBe(`ℹ️ ${key} is ${other} already. Nothing was changed.`)
    expect(same.entries).toEqual([])

    const { entries } = await entriesOf(warden, () => warden.say(by, `!config reset ${key}`))
    if (key === 'retention-days') expect(entries).toMatchObject([{ action: 'CONFIRMATION_REQUESTED' }])
    else {
      expect(entries).toMatchObject([{ action: 'CONFIG_UPDATE', metadata: { oldValue: metadata.newValue } }])
      expect(warden.sql('SELECT * FROM settings WHERE name = ?', key)).toEqual([])
      expect(await warden.ask(by, `!config reset ${key}`)).toBe(`ℹ️ ${key} is ${fallback} already. Nothing was changed.`)
    }
  })

  test.each(OWN.filter((of) => roleFor(of) === 'OWNER'))('an ADMIN may not change $key, to whatever', async (of) => {
    const { warden, clock } = shared
    const settings = warden.sql('SELECT * FROM settings')
    for (const value of [of.other, of.fallback, 'nonsense']) {
      const denial = { attemptedAction: 'CHANGE_SETTING', by: ADMIN, role: 'ADMIN' }
      const denied = await expectDenial(warden, () => warden.say(ADMIN, `!config set ${of.key} ${value}`), denial)
      expect(textOf(denied)).toBe(`❌ Only OWNER can change ${of.key}.`)
    }
    clock.advance(HOUR)
    const denial = { attemptedAction: 'RESET_SETTING', by: ADMIN, role: 'ADMIN' }
    await expectDenial(warden, () => warden.say(ADMIN, `!config reset ${of.key}`), denial)
    expect(warden.sql('SELECT * FROM settings')).toEqual(settings)
  })

  test.each([OPERATOR, USER, STRANGER])('%s may neither see nor change any', async (by) => {
    const { warden } = shared
    for (const [command, attemptedAction] of [
      ['get', 'VIEW_SETTINGS'],
      ['set timezone Asia/Tokyo', 'CHANGE_SETTING'],
      ['reset timezone', 'RESET_SETTING'],
    ] as const) {
      const role = by === OPERATOR ? 'OPERATOR' : by === USER ? 'USER' : 'NONE'
      await expectDenial(warden, () => warden.say(by, `!config ${command}`), { attemptedAction, by, role })
    }
  })

  test('a key is a key in any case, and so are words for on and off', async () => {
    const { warden } = shared
    const read = () => warden.ask(OWNER, '!config GET Whitelist-Mode')
    for (const [value, shown] of [
      ['ON', 'on'],
      ['No', 'off'],
      ['yes', 'on'],
      ['False', 'off'],
      ['TRUE', 'on'],
      ['Off', 'off'],
    ]) {
      expect((await warden.say(OWNER, `!config SET WHITELIST-MODE ${value}`)).status).toBe('answered')
      expect(await read()).toContain(`Value: *${shown}*`)
    }
    await warden.say(OWNER, '!config Reset WhiteList-Mode')
  })
})

/** Beyond each bound, just within it, and what is no value at all. */
const BOUNDS: Readonly<Record<string, { readonly wrong: readonly string[]; readonly right: readonly string[] }>> = {
  'cost-threshold-day': {
    wrong: ['0', '0.009', '1000000.01', '-1', 'nothing', 'off'],
    right: ['0.01', '1000000', 'none'],
  },
  'cost-threshold-month': { wrong: ['0', '0.009', '1000001', '-1', '5 dollars'], right: ['0.01', '1000000', 'none'] },
  'moderation-when-down': { wrong: ['keep', 'drop', 'on', 'hold pass'], right: ['pass', 'hold'] },
  'off-hours': {
    wrong: ['22-6', '24:00-06:00', '22:00-06:60', '22:00', '22:00–06:00', 'never', '9:00-17:00', '22:00-22:00'],
    right: ['00:00-23:59', '22:00-06:00', 'none'],
  },
  'page-size': { wrong: ['0', '11', '-1', '2.5', '1e1', '0x5', '5 6', 'ten', 'on'], right: ['1', '10', '07'] },
  'rate-limit-global': { wrong: ['-1', '1000001', '0.5', 'none'], right: ['0', '1000000'] },
  'rate-limit-user': { wrong: ['-1', '10001', '0.5', 'off'], right: ['0', '10000'] },
  'retention-days': { wrong: ['29', '3651', '0', '-90', '90.5', '90d', '7'], right: ['90', '3650'] },
  timezone: { wrong: ['Mars/Olympus', '../../etc/passwd', 'Europe/Berlin UTC', ''], right: ['Europe/Berlin', 'UTC'] },
  'whitelist-mode': { wrong: ['1', '0', '2', 'enabled', 'on off'], right: ['on', 'off'] },
}

describe('a value', () => {
  const shared = shareWarden()

  test.each(OWN)('out of bounds, or none at all, is refused with what $key takes, and changes nothing', async (of) => {
    const { warden } = shared
    const { wrong = [], right = [] } = BOUNDS[of.key] ?? {}
    for (const value of right) {
      const { status } = await warden.say(OWNER, `!config set ${of.key} ${value}`)
      expect([value, status]).toEqual([value, 'answered'])
    }
    const before = warden.sql('SELECT * FROM settings')
    const { entries } = await entriesOf(warden, async () => {
      for (const value of wrong) {
        const handled = await warden.say(OWNER, `!config set ${of.key} ${value}`)
        expect([value, handled.status]).toEqual([value, 'usage'])
        const refusal = `That is no value for ${of.key}. It takes ${of.takes}.`
        expect(textOf(handled)).toContain(value === '' ? 'Please provide a value' : refusal)
      }
    })
    expect(entries).toEqual([])
    expect(warden.sql('SELECT * FROM settings')).toEqual(before)
  })

  test('that is hostile comes back harmless, and changes nothing', async () => {
    const { warden } = shared
    const before = warden.sql('SELECT * FROM settings')
    const { entries } = await entriesOf(warden, async () => {
      // Each value for three of the settings, so that every setting meets ten of them.
      for (const [index, [what, value]] of Object.entries(HOSTILE).entries())
        for (const { key } of [0, 3, 7].map((step) => OWN[(index + step) % OWN.length] ?? OWN[0])) {
          const handled = await warden.say(OWNER, `!config set ${key} ${value}`)
          expect([what, key, handled.status]).toEqual([what, key, 'usage'])
          expectHarmless(handled)
          expect(textOf(handled)).not.toContain(value.slice(0, 30).trim() || value)
        }
    })
    expect(entries).toEqual([])
    expect(warden.sql('SELECT * FROM settings')).toEqual(before)
  })
})

describe('what is set has its effect', () => {
  const MIDNIGHT = Date.UTC(2026, 5, 15)

  test('timezone: in the times of lists, and at once', async () => {
    const warden = await openTestWarden({ clock: new FakeClock() })
    expect(await warden.ask(OWNER, '!config audit list')).toContain('📅 2026-06-15 12:00')
    await warden.say(ADMIN, '!config set timezone Asia/Tokyo')
    expect(await warden.ask(OWNER, '!config audit list')).toContain('📅 2026-06-15 21:00')
    await warden.say(ADMIN, '!config reset timezone')
    expect(await warden.ask(OWNER, '!config audit list')).not.toContain('21:00')
  })

  test('page-size: in lists of the audit log', async () => {
    const warden = await openTestWarden()
    const shown = async () => (await warden.ask(OWNER, '!config audit list')).match(/^---$/gm)?.length
    await warden.say(ADMIN, '!config set page-size 2')
    expect(await shown()).toBe(2)
    await warden.say(ADMIN, '!config set page-size 5')
    expect(await shown()).toBe(5)
  })

  test('whitelist-mode: who is not on the list is turned away, an ADMIN never', async () => {
    const warden = await openTestWarden()
    const message = {
      id: 'm',
      source: 'api',
      chat: { id: USER, kind: 'private' },
      sender: { id: USER },
      text: 'hi',
    } as const
    expect(await warden.admit(message)).toMatchObject({ admitted: true })
    await warden.say(OWNER, '!config set whitelist-mode on')
    expect(await warden.admit(message)).toMatchObject({ admitted: false, reason: 'not-whitelisted' })
    expect((await warden.say(OPERATOR, '!config audit mine')).status).toBe('blocked')
    expect((await warden.say(ADMIN, '!config audit mine')).status).toBe('answered')
    await warden.say(OWNER, '!config set whitelist-mode off')
    expect(await warden.admit(message)).toMatchObject({ admitted: true })
  })

  test('rate-limit-user and rate-limit-global: how many are answered', async () => {
    const warden = await openTestWarden()
    await warden.say(OWNER, '!config set rate-limit-user 3')
    const statuses = async (by: string, count: number) => {
      const all = []
      for (let sent = 0; sent < count; sent++) all.push((await warden.say(by, '!config help')).status)
      return all
    }
    expect(await statuses(OPERATOR, 4)).toEqual(['answered', 'answered', 'answered', 'limited'])
    await warden.say(OWNER, '!config set rate-limit-user 0')
    expect(await statuses(OPERATOR, 4)).toEqual(['answered', 'answered', 'answered', 'answered'])
    await warden.say(OWNER, '!config set rate-limit-global 1')
    expect((await statuses(OPERATOR, 3)).at(-1)).toBe('limited')
    expect(await statuses(ADMIN, 3)).toEqual(['answered', 'answered', 'answered'])
  })

  test('off-hours: audit stats counts what happened then, in the time zone that is set', async () => {
    const clock = new FakeClock(MIDNIGHT + 12 * HOUR)
    const warden = await openTestWarden({ clock })
    const offHours = async () => /Off-hours \(.*\): (\d+)/.exec(await warden.ask(OWNER, '!config audit stats 1'))?.[1]
    expect(await offHours()).toBeUndefined()
    await warden.say(OWNER, '!config set off-hours 20:00-06:00')
    expect(await offHours()).toBe('0')
    const sofar = await warden.AuditLogRepository.count()
    await warden.say(OWNER, '!config set timezone Asia/Tokyo')
    expect(await offHours()).toBe(String(sofar + 1))
  })

  test('retention-days: the clean-up keeps that much', async () => {
    const clock = new FakeClock()
    const warden = await openTestWarden({ clock })
    await warden.say(OWNER, '!config set retention-days 365')
    await warden.say(OWNER, '!config get')
    clock.advance(100 * DAY)
    expect(await warden.cleanupExpiredAuditLogs()).toBe(0)
    clock.advance(266 * DAY)
    expect(await warden.cleanupExpiredAuditLogs()).toBeGreaterThan(0)
    const [entry] = await warden.AuditLogRepository.findByAction('AUDIT_RETENTION', 1)
    expect(entry?.metadata).toContain('"retentionDays":365')
  })

  test('moderation-when-down: messages are held, or pass', async () => {
    const warden = await openTestWarden({ moderate: () => Promise.reject(new Error('down')) })
    const passes = async () => (await warden.moderate({ phoneNumber: USER }, 'hello')).passes
    expect(await passes()).toBe(false)
    await warden.say(OWNER, '!config set moderation-when-down pass')
    expect(await passes()).toBe(true)
    await warden.say(OWNER, '!config reset moderation-when-down')
    expect(await passes()).toBe(false)
  })

  test('cost-threshold-day and cost-threshold-month: going over them is an entry', async () => {
    const warden = await openTestWarden({ clock: new FakeClock() })
    await warden.say(OWNER, '!config set cost-threshold-day 5')
    await warden.say(OWNER, '!config set cost-threshold-month 8')
    const { entries } = await entriesOf(warden, async () => {
      for (let sent = 0; sent < 3; sent++) await warden.addCost(3)
    })
    expect(entries.map(({ action, metadata }) => [action, metadata.period, metadata.threshold])).toEqual([
      ['COST_THRESHOLD_BREACH', 'day:2026-06-15', 5],
      ['COST_THRESHOLD_BREACH', 'month:2026-06', 8],
    ])
  })
})

test('what counts goes on counting when the clock is set back', async () => {
  const clock = new FakeClock()
  const warden = await openTestWarden({ clock })
  for (const command of ['set page-size 5', 'set whitelist-mode on']) await warden.say(OWNER, `!config ${command}`)
  clock.advance(-30 * HOUR)
  const later = await openTestWarden({ clock }, warden.folder)
  expect(await later.ask(OWNER, '!config get page-size')).toContain('Value: *5*\nDefault')
  expect((await later.say(USER, '!config audit mine')).status).toBe('blocked')
})
