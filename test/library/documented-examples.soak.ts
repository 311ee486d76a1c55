import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { shareCleanUps } from '../support/at-end.ts'
import { OWNER, openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { ROOT, runNode } from '../support/child.ts'
import { environmentOf, testDatabase } from '../support/database.ts'

// Document 002's examples, word for word but for the module's name, in test/library/examples/.
describe('an example of document 002 runs as it stands, and its script ends by itself', () => {
  const cleanUps = shareCleanUps()
  let env: Record<string, string>

  beforeAll(async () => {
    const folder = temporaryFolder(cleanUps.add)
    env = environmentOf(testDatabase(folder).path)
    const warden = await openTestWarden({}, folder, cleanUps.add)
    const performedBy = { id: 'user_123', phoneNumber: OWNER, role: 'OWNER' }
    await warden.AuditLogger.logConfigChange({ performedBy, setting: 'model', oldValue: 'small', newValue: 'large' })
    await warden.AuditLogger.logCircuitBreakerChange({ service: 'ai', state: 'OPEN', failureCount: 3 })
    for (let n = 0; n < 2; n++)
      await warden.AuditLogger.logRateLimitViolation({ phoneNumber: '+15550000401', limitType: 'user' })
    await warden.close()
  })

  async function run(name: string): Promise<string> {
    const { code, stdout, stderr } = await runNode([join(ROOT, 'test/library/examples', name)], { env })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return stdout
  }

  test('the API block', async () => {
    const { securityLogs, userLogs, roleChangeLogs, jsonData, csvData } = JSON.parse(await run('api.mjs'))
    expect(securityLogs).toHaveLength(3)
    expect(userLogs).toMatchObject([{ action: 'CONFIG_UPDATE', userId: 'user_123' }])
    expect(roleChangeLogs).toHaveLength(4)
    expect(JSON.parse(jsonData)).toEqual([])
    expect(csvData.split('\r\n')).toHaveLength(6)
  })

  test('example 1, who changed the configuration', async () => {
    const printed = await run('changes.mjs')
    expect(printed).toContain(
      `: ${OWNER} (OWNER)\n  Action: Changed model from small to large\n  Setting: model\n  small → large\n`,
    )
  })

  test('example 2, security events by action', async () => {
    expect(await run('security.mjs')).toBe(
      'Security Events (last 7 days):\n  Rate Limit Violations: 2\n  Moderation Flags: 0\n  Circuit Breaker Opens: 1\n',
    )
  })

  test("example 3, one person's data", async () => {
    const [first = '', ...rest] = (await run('own-data.mjs')).split('\n')
    expect(first).toBe('User has 1 audit log entries')
    expect(JSON.parse(rest.join('\n'))).toMatchObject([{ action: 'CONFIG_UPDATE', metadata: { setting: 'model' } }])
  })

  test('the checks of the troubleshooting section', async () => {
    // Eight, and the entries of three exports in the examples before.
    expect(await run('debug.mjs')).toBe('Found 11 recent logs\nScheduler running: false\n')
  })

  test('the clean-up by hand', async () => {
    expect(await run('cleanup.mjs')).toBe('')
  })
})
