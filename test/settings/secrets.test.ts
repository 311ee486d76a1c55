import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Handled } from '../../src/kernel/message.ts'
import { defineSetting } from '../../src/settings/setting.ts'
import { ADMIN, FakeClock, OWNER, openTestWarden, STRANGER, temporaryFolder } from '../support/chatwarden.ts'
import { child, startNode } from '../support/child.ts'
import { capturedLog, tracesOf } from '../support/traces.ts'
import { entriesOf, textOf } from '../support/trail.ts'

const summary = 'For tests.'
const apiKey = defineSetting({
  name: 'ai-key',
  summary,
  schema: z.string().min(8).max(500),
  fallback: '',
  example: 'sk-…',
  secret: true,
})
const token = defineSetting({ name: 'token', summary, schema: z.string(), fallback: '', example: 'x', secret: true })
/** A schema whose error quotes what it was given. */
const hook = defineSetting({
  name: 'hook',
  summary,
  schema: z.string().transform((text) => new URL(text)),
  fallback: new URL('https://example.org'),
  example: 'https://example.org/hook',
  secret: true,
})
const settings = [apiKey, token, hook]

let made = 0
/** A value that stands nowhere else. */
const newSecret = () => `sk-${++made}-${randomBytes(12).toString('hex')}`

async function open(folder = temporaryFolder(), env: Record<string, string> = {}) {
  const { log, lines } = capturedLog()
  const warden = await openTestWarden({ settings, log, env, clock: new FakeClock() }, folder)
  const replies: Handled[] = []
  return {
    ...warden,
    lines,
    /** Where a text is found that should be nowhere. */
    traces: (...texts: string[]) => tracesOf(texts, folder, { 'the log': lines, 'the replies': replies }),
    say: async (...message: Parameters<typeof warden.say>) => {
      const handled = await warden.say(...message)
      replies.push(handled)
      return handled
    },
  }
}

describe('a secret setting', () => {
  test('is there for the host, and is in no reply, no entry, no log line and no file', async () => {
    const warden = await open()
    const [first, second] = [newSecret(), newSecret()]
    const { entries } = await entriesOf(warden, async () => {
      const set = textOf(await warden.say(OWNER, `!config set ai-key ${first}`))
      expect(set).toContain('⚙️ ai-key: (not set) → (secret)')
      expect(set).toContain('🔑 Please delete your message: it shows the secret.')
      expect(warden.settings.get(apiKey)).toBe(first)
      // Nobody finds out by trying whether it is the one that is set.
      const same = textOf(await warden.say(OWNER, `!config set ai-key ${first}`))
      expect(same).toContain('⚙️ ai-key: (secret) → (secret)')
      expect(textOf(await warden.say(OWNER, `!config set ai-key ${second}`))).toContain('(secret) → (secret)')
      expect(warden.settings.get(apiKey)).toBe(second)
      expect(textOf(await warden.say(ADMIN, '!config get'))).toContain('• ai-key: *(secret)*')
      expect(textOf(await warden.say(ADMIN, '!config get ai-key'))).toContain('Value: *(secret)*\nDefault: (not set)')
    })
    const changes = entries.filter(({ action }) => action === 'CONFIG_UPDATE')
    const row = expect.stringMatching(/^[0-9a-f]{64}$/)
    expect(changes.map(({ metadata, description }) => [metadata, description])).toEqual([
      [
        { setting: 'ai-key', oldValue: '(not set)', newValue: '(secret)', row },
        'Changed ai-key from (not set) to (secret)',
      ],
      [
        { setting: 'ai-key', oldValue: '(secret)', newValue: '(secret)', row },
        'Changed ai-key from (secret) to (secret)',
      ],
      [
        { setting: 'ai-key', oldValue: '(secret)', newValue: '(secret)', row },
        'Changed ai-key from (secret) to (secret)',
      ],
    ])
    expect(warden.traces(first, second)).toEqual([])
    // What is searched for would be found.
    expect(warden.traces('Changed ai-key').length).toBeGreaterThan(0)
  })

  test('is kept over a restart, as something else each time, and reset for good', async () => {
    const folder = temporaryFolder()
    const secret = newSecret()
    const before = await open(folder)
    await before.say(OWNER, `!config set ai-key ${secret}`)
    await before.say(OWNER, `!config set token ${secret}`)
    const kept = before.sql<{ value: string }>('SELECT value FROM settings')
    expect(new Set(kept.map(({ value }) => value)).size).toBe(2)
    await before.close()
    const after = await open(folder)
    expect([after.settings.get(apiKey), after.settings.get(token)]).toEqual([secret, secret])
    await after.say(OWNER, '!config reset token')
    await after.say(OWNER, `!config set token ${secret}`)
    // The same nonce twice would give away what two values have in common.
    const nonces = [...kept, ...after.sql<{ value: string }>('SELECT value FROM settings')].map(({ value }) => value)
    expect(new Set(nonces.map((value) => value.slice(0, 16))).size).toBe(3)
    expect(textOf(await after.say(OWNER, '!config reset ai-key'))).toContain('ai-key: (secret) → (not set)')
    expect(after.settings.get(apiKey)).toBe('')
    expect(after.sql(`SELECT * FROM settings WHERE name = 'ai-key'`)).toEqual([])
    expect(after.traces(secret)).toEqual([])
  })

  test('may be a long one, and is none that its schema does not take', async () => {
    const warden = await open()
    const long = newSecret().padEnd(500, 'x')
    expect((await warden.say(OWNER, `!config set ai-key ${long}`)).status).toBe('answered')
    expect(warden.settings.get(apiKey)).toBe(long)
    const tooLong = newSecret().padEnd(501, 'x')
    expect(textOf(await warden.say(OWNER, `!config set ai-key ${tooLong}`))).toBe(
      'That is no value for ai-key. It takes a text of 8 to 500 characters.\n🔑 Please delete your message: it shows the secret.',
    )
    expect(textOf(await warden.say(OWNER, `!config set token ${newSecret().padEnd(1001, 'x')}`))).toContain('1000')
  })
})

describe('a secret in the wrong place is told to nobody', () => {
  const cases: [string, string, (secret: string) => string][] = [
    ['an unknown key', OWNER, (secret) => `set no-such ${secret}`],
    ['for the key', OWNER, (secret) => `set ${secret}`],
    ['for the key to get', OWNER, (secret) => `get ${secret}`],
    ['for the key to reset', OWNER, (secret) => `reset ${secret}`],
    ['before the key', OWNER, (secret) => `set ${secret} ai-key`],
    ['a misspelt command', OWNER, (secret) => `sett ai-key ${secret}`],
    ['no command', OWNER, (secret) => `ai-key ${secret}`],
    ['another command', OWNER, (secret) => `audit set ai-key ${secret}`],
    ['after get', OWNER, (secret) => `get ai-key ${secret}`],
    ['after reset', OWNER, (secret) => `reset ai-key ${secret}`],
    ['for a code', OWNER, (secret) => `confirm ${secret}`],
    ['too long', OWNER, (secret) => `set ai-key ${secret.padEnd(1001, 'x')}`],
    ['too short', OWNER, (secret) => `set ai-key ${secret.slice(0, 7)}`],
    ['for another setting', OWNER, (secret) => `set timezone ${secret}`],
    ['for a number', OWNER, (secret) => `set retention-days ${secret}`],
    ['in a help text', OWNER, (secret) => `help set ai-key ${secret}`],
    ['in a question', OWNER, (secret) => `role why ${ADMIN} set ai-key ${secret}`],
    ['a schema that throws', OWNER, (secret) => `set hook ${secret}`],
    ['by an ADMIN, who may not', ADMIN, (secret) => `set ai-key ${secret}`],
    ['by a stranger', STRANGER, (secret) => `set ai-key ${secret}`],
  ]

  test('wherever that is', async () => {
    const warden = await open()
    for (const [where, by, typed] of cases) {
      const secret = newSecret()
      const { status } = await warden.say(by, `!config ${typed(secret)}`)
      expect([where, ['usage', 'denied', 'answered', 'not-found'].includes(status)]).toEqual([where, true])
      expect([where, warden.traces(secret, secret.slice(0, 7))]).toEqual([where, []])
    }
    expect(warden.sql('SELECT * FROM settings')).toEqual([])
  })

  test('nor where it cannot be kept: it is not set, and the error quotes nothing', async () => {
    for (const table of ['settings', 'audit_logs', 'processed_messages']) {
      const warden = await open()
      warden.sql(`CREATE TRIGGER refuse BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
      const secret = newSecret()
      const { status, replies } = await warden.say(OWNER, `!config set ai-key ${secret}`)
      expect(status).toBe('failed')
      expect(replies).toHaveLength(1)
      expect(warden.lines.some((line) => line.includes('A command failed'))).toBe(true)
      expect(warden.settings.get(apiKey)).toBe('')
      expect(warden.sql('SELECT * FROM settings')).toEqual([])
      expect(warden.traces(secret)).toEqual([])
      await warden.close()
    }
  })

  test('nor by a listener of the host that fails over it', async () => {
    const warden = await open()
    const secret = newSecret()
    warden.settings.onChange((_setting, value) => {
      throw new Error(`cannot use ${String(value)}`)
    })
    await warden.say(OWNER, `!config set ai-key ${secret}`)
    expect(warden.lines.filter((line) => line.includes('A listener to settings failed'))).toHaveLength(1)
    expect(warden.traces(secret)).toEqual([])
  })
})

describe('the key of secret settings', () => {
  test('is made at the first use, whole and for its owner alone; without secrets there is none', async () => {
    const folder = temporaryFolder()
    const none = await openTestWarden({}, folder)
    await none.close()
    expect(existsSync(join(folder, 'settings.key'))).toBe(false)
    const warden = await open(folder)
    const path = join(folder, 'settings.key')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const key = readFileSync(path, 'utf8')
    expect(key).toMatch(/^[0-9a-f]{64}\n$/)
    await warden.close()
    await open(folder)
    expect(readFileSync(path, 'utf8')).toBe(key)
    expect(readdirSync(folder).filter((name) => name.startsWith('settings.key'))).toEqual(['settings.key'])
  })

  test('is one also where several processes make it at once', async () => {
    for (let round = 0; round < 3; round++) {
      const folder = temporaryFolder()
      const makers = Array.from({ length: 3 }, () => startNode([child('make-key.mjs'), folder]))
      await Promise.all(makers.map((maker) => maker.line()))
      for (const maker of makers) maker.send('go')
      const keys = await Promise.all(makers.map((maker) => maker.line()))
      expect(new Set(keys).size).toBe(1)
      expect(keys[0]).toMatch(/^[0-9a-f]{64}$/)
      expect(readdirSync(folder)).toEqual(['settings.key'])
    }
  })

  test.each(['', 'short', `${'0'.repeat(63)}g`, '0'.repeat(128)])(
    'in a file that holds %j is refused',
    async (text) => {
      const folder = temporaryFolder()
      writeFileSync(join(folder, 'settings.key'), text)
      await expect(open(folder)).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('settings.key does not hold a key of 64 hexadecimal digits'),
      })
    },
  )

  test('can be SETTINGS_KEY; another one opens nothing, and the error says what to do', async () => {
    const folder = temporaryFolder()
    const [key, other] = ['ab'.repeat(32), 'cd'.repeat(32)]
    const secret = newSecret()
    const before = await open(folder, { SETTINGS_KEY: key })
    await before.say(OWNER, `!config set ai-key ${secret}`)
    await before.close()
    expect(existsSync(join(folder, 'settings.key'))).toBe(false)
    for (const env of [{ SETTINGS_KEY: other }, {}]) {
      const refused = await open(folder, env as Record<string, string>).catch((error: unknown) => error)
      expect(refused).toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/secret setting ai-key .*SETTINGS_KEY.*settings\.key/),
      })
      expect(JSON.stringify([refused, String(refused)])).not.toContain(secret)
    }
    // Nothing was left open or changed, and the right key, in any case, still opens it.
    const after = await open(folder, { SETTINGS_KEY: key.toUpperCase() })
    expect(after.settings.get(apiKey)).toBe(secret)
    expect(after.traces(secret, key)).toEqual([])
  })
})

describe('what somebody alters in the database', () => {
  const alterations: [string, string][] = [
    ['copies the row of another', `UPDATE settings SET value = (SELECT value FROM settings WHERE name = 'token')`],
    ['cuts the end', `UPDATE settings SET value = substr(value, 1, length(value) - 4)`],
    ['cuts all but the beginning', `UPDATE settings SET value = substr(value, 1, 16)`],
    ['cuts the tag', `UPDATE settings SET value = substr(value, 1, 24)`],
    ['empties it', `UPDATE settings SET value = ''`],
    ['writes a text', `UPDATE settings SET value = '"sk-mine"'`],
    ['alters a byte', `UPDATE settings SET value = replace(value, substr(value, length(value) - 5, 1), '/')`],
  ]

  test.each(alterations)('is refused at the next start: %s', async (_what, sql) => {
    const folder = temporaryFolder()
    const before = await open(folder)
    await before.say(OWNER, '!config set token another-secret-value')
    do await before.say(OWNER, `!config set ai-key ${newSecret()}`)
    while (before.sql<{ value: string }>(`SELECT value FROM settings WHERE name = 'ai-key'`)[0]?.value.at(-6) === '/')
    before.sql(`${sql} WHERE name = 'ai-key'`)
    await before.close()
    await expect(open(folder)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('SETTINGS_KEY'),
    })
  })

  test('while it runs is logged, not used, and keeps nobody from changing another setting', async () => {
    const warden = await open()
    const secret = newSecret()
    await warden.say(OWNER, `!config set ai-key ${secret}`)
    warden.sql(`UPDATE settings SET value = '"sk-mine"' WHERE name = 'ai-key'`)
    const { result, entries } = await entriesOf(warden, () => warden.say(OWNER, '!config set timezone Asia/Tokyo'))
    expect(result.status).toBe('answered')
    expect(entries).toMatchObject([{ action: 'CONFIG_UPDATE' }])
    expect(warden.lines.join()).toContain('A setting that was changed elsewhere cannot be read here')
    // As may happen where another process has another key: what was set here goes on.
    expect(warden.settings.get(apiKey)).toBe(secret)
    expect((await warden.say(OWNER, '!config get')).status).toBe('answered')
    expect(textOf(await warden.say(OWNER, '!config audit list'))).toContain('📅 2026-06-15 21:00')
  })
})
