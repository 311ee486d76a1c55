import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SessionLock } from '../../src/chat/whatsapp/lock.ts'
import { checkClock, checkMemory, checkNode } from '../../src/doctor/machine.ts'
import { DAY } from '../../src/kernel/clock.ts'
import { createLogger } from '../../src/kernel/log.ts'
import { OWNER, temporaryFolder } from '../support/chatwarden.ts'
import { CLI, runNode } from '../support/child.ts'
import { findTestBrowser } from '../support/whatsapp-web/browser.ts'

/** Settings for WhatsApp with which everything is there, in a folder of its own. */
async function settings(): Promise<{ cwd: string; env: Record<string, string> }> {
  const browser = await findTestBrowser()
  return {
    cwd: temporaryFolder(),
    env: { CHAT: 'whatsapp', OWNER_PHONE_NUMBERS: OWNER, WHATSAPP_BROWSER_PATH: browser },
  }
}

/** This test's process takes the session directory, as another bot would. */
async function lock(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true })
  const held = await SessionLock.take(directory, { beat: 1000, watch: 1000 }, createLogger('silent'), () => {})
  onTestFinished(() => held.release())
}

interface Wrong {
  readonly what: string
  readonly env: Readonly<Record<string, string>>
  readonly says: RegExp
}

const WRONG: readonly Wrong[] = [
  { what: 'without an owner', env: { OWNER_PHONE_NUMBERS: '' }, says: /OWNER_PHONE_NUMBERS=\+15550001111/ },
  { what: 'without a browser', env: { WHATSAPP_BROWSER_PATH: '/nowhere/chrome' }, says: /apt install chromium/ },
  {
    what: 'without a writable session directory',
    env: { WHATSAPP_SESSION_DIR: 'file/x' },
    says: /WHATSAPP_SESSION_DIR/,
  },
  {
    what: 'without the version of WhatsApp Web that is asked for',
    env: { WHATSAPP_WEB_VERSION: '1.2', WHATSAPP_WEB_CACHE_DIR: 'web' },
    says: /web\/1\.2\.html/,
  },
]

describe('chatwarden start on WhatsApp', () => {
  test.each(WRONG)('$what says so in one message and ends with 3', async ({ env, says }) => {
    const given = await settings()
    writeFileSync(join(given.cwd, 'file'), '')
    const { code, stdout, stderr } = await runNode([CLI, 'start'], { ...given, env: { ...given.env, ...env } })
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toMatch(/^Chatwarden cannot start\.\n/)
    expect(stderr).toMatch(says)
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  test('on a session that another process uses says which, and ends with 3', async () => {
    const given = await settings()
    await lock(join(given.cwd, 'data/whatsapp'))
    const { code, stderr } = await runNode([CLI, 'start'], given)
    expect(code).toBe(3)
    expect(stderr).toMatch(new RegExp(`in use by process ${process.pid} on .*Stop that one first`))
  })
})

describe('chatwarden doctor', () => {
  test('finds nothing wrong on a new machine, and makes nothing', async () => {
    const cwd = temporaryFolder()
    const { code, stdout } = await runNode([CLI, 'doctor'], { cwd })
    expect(stdout).toMatch(/✔ Node\.js: .*✔ Database: .*The bot can start\.\n$/s)
    expect(code).toBe(0)
    expect(readdirSync(cwd)).toEqual([])
  })

  test('looks at all that WhatsApp needs', async () => {
    const { code, stdout } = await runNode([CLI, 'doctor'], await settings())
    for (const name of ['WhatsApp library', 'Browser', 'WhatsApp session', 'Session directory', 'Owner'])
      expect(stdout).toMatch(new RegExp(`^✔ ${name}: `, 'm'))
    expect(code).toBe(0)
  })

  test.each(WRONG)('$what names the problem and what to do', async ({ env, says }) => {
    const given = await settings()
    writeFileSync(join(given.cwd, 'file'), '')
    const { code, stdout } = await runNode([CLI, 'doctor'], { ...given, env: { ...given.env, ...env } })
    expect(code).toBe(3)
    expect(stdout).toMatch(/^✘ /m)
    expect(stdout).toMatch(says)
  })

  test('tells of a session in use without calling it a problem', async () => {
    const given = await settings()
    await lock(join(given.cwd, 'data/whatsapp'))
    const { code, stdout } = await runNode([CLI, 'doctor'], given)
    expect(stdout).toContain(`in use by process ${process.pid}`)
    expect(code).toBe(0)
  })

  test('tells of a database that is no database, and of a wrong setting', async () => {
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, 'data'))
    writeFileSync(join(cwd, 'data/chatwarden.db'), 'not a database '.repeat(1000))
    const damaged = await runNode([CLI, 'doctor'], { cwd })
    expect(damaged).toMatchObject({ code: 3, stdout: expect.stringContaining('✘ Database: ') })
    const wrong = await runNode([CLI, 'doctor'], { cwd, env: { LOG_LEVEL: 'loud' } })
    expect(wrong).toMatchObject({ code: 3, stdout: expect.stringContaining('Example: LOG_LEVEL=warn') })
  })

  const JULY = Date.UTC(2026, 6)

  test.each([
    ['an old Node.js', checkNode('20.18.3'), 'problem'],
    ['a new Node.js', checkNode('22.0.0'), 'ok'],
    ['a clock that was never set', checkClock(0, undefined), 'problem'],
    ['a clock behind the trail', checkClock(JULY - DAY, { newestEntry: JULY, isClockInDoubt: false }), 'warning'],
    ['a clock in doubt', checkClock(JULY, { newestEntry: JULY, isClockInDoubt: true }), 'warning'],
    ['a clock days after the trail', checkClock(JULY, { newestEntry: JULY - 9 * DAY, isClockInDoubt: false }), 'ok'],
    ['too little memory', checkMemory(2 ** 28), 'warning'],
  ])('judges %s', (_, { verdict, advice }, expected) => {
    expect(verdict).toBe(expected)
    if (expected !== 'ok') expect(advice).toBeTruthy()
  })
})
