import { describe, expect, test } from 'vitest'
import { createLogger } from '../../src/kernel/log.ts'
import { ADMIN, OPERATOR, OWNER, openTestWarden, STRANGER, temporaryFolder, USER } from '../support/chatwarden.ts'
import { countedTogether } from '../support/counted-together.ts'
import { openRaw, testDatabase, withoutTriggers } from '../support/database.ts'
import { findingsIn, keyIn } from '../support/tamper.ts'
import { keyOf } from '../support/writer.ts'

/** Two bots, each with a directory of its own, as on two machines. */
async function twoBots(env: Record<string, string> = {}, log = createLogger('silent')) {
  const folder = temporaryFolder()
  const first = await openTestWarden({ env, log }, folder)
  const { url } = testDatabase(folder)
  const shared = { DATABASE_URL: url, AUDIT_SIGNING_KEY: keyOf(first.path).current().export() }
  const second = await openTestWarden({ env: { ...env, ...shared }, log }, temporaryFolder())
  return { folder, first, second }
}

describe('two bots on one trail', () => {
  test('see each other’s roles, settings, blocks and pages, and write one trail without a gap', async () => {
    const { folder, first, second } = await twoBots()
    await first.ask(OWNER, `!config role promote ${USER} OPERATOR`)
    expect(await second.ask(OWNER, `!config role info ${USER}`)).toContain('OPERATOR')
    await second.ask(OWNER, '!config set page-size 5')
    await expect.poll(() => first.ask(OWNER, '!config get page-size')).toContain('5')
    await first.ask(ADMIN, `!config user block ${USER} 1h`)
    expect((await second.say(USER, '!config help')).status).toBe('blocked')
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        (n % 2 === 0 ? first : second).AuditLogger.logRateLimitViolation({ phoneNumber: STRANGER, limitType: 'user' }),
      ),
    )
    const listed = await first.ask(OWNER, '!config audit list')
    expect(await second.ask(OWNER, '!config more')).not.toBe(listed)
    const entries = await second.AuditLogRepository.query({})
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => entries.length - 1 - index))
    expect(await findingsIn(first.path, { keys: [keyIn(folder)], now: Date.now() })).toEqual([])
  })

  test('count messages together', async () => {
    const answered = await countedTogether(async (log) => {
      const { first, second } = await twoBots({ RATE_LIMIT_USER: '10' }, log)
      const says = Array.from({ length: 30 }, (_, n) => (n % 2 === 0 ? first : second).say(OPERATOR, '!config help'))
      return (await Promise.all(says)).filter(({ status }) => status === 'answered')
    })
    expect(answered).toHaveLength(10)
  })

  test('act once upon a message that both receive', async () => {
    const { first, second } = await twoBots()
    const more = { id: 'one-message' }
    const handled = await Promise.all(
      [first, second].map((bot) => bot.say(OWNER, `!config role promote ${USER} ADMIN`, more)),
    )
    expect(handled.map(({ status }) => status).sort()).toEqual(['answered', 'duplicate'])
    expect(await first.AuditLogRepository.count({ action: 'ROLE_CHANGE', targetPhoneNumber: USER })).toBe(1)
  })
})

describe('on one server', () => {
  test('what is asked for is answered: search, history, proof, data request', async () => {
    const warden = await openTestWarden()
    await warden.ask(OWNER, `!config role promote ${USER} USER`)
    for (const command of [
      'audit search text:promote',
      `audit history ${USER}`,
      'audit proof 1',
      `audit dsar ${USER}`,
      'audit verify',
    ])
      expect(await warden.say(OWNER, `!config ${command}`)).toMatchObject({ status: 'answered' })
  })

  test('what somebody alters past the triggers is found', async () => {
    const folder = temporaryFolder()
    const warden = await openTestWarden({}, folder)
    await warden.ask(OWNER, `!config role promote ${USER} ADMIN`)
    const raw = openRaw(warden.path)
    expect(() => raw.exec("UPDATE audit_logs SET description = 'x' WHERE seq = 2")).toThrow(/immutable/)
    withoutTriggers(raw, () => {
      raw.exec("UPDATE audit_logs SET description = 'x' WHERE seq = 2")
      raw.exec(`UPDATE users SET role = 'OWNER' WHERE id = (SELECT user_id FROM accounts WHERE account = '${USER}')`)
    })
    raw.close()
    const found = await findingsIn(warden.path, { keys: [keyIn(folder)], now: Date.now() })
    expect(found.map(({ about }) => about).join('\n')).toMatch(/role of/)
    expect(found.length).toBeGreaterThan(1)
  })
})
