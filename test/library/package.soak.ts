import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/chatwarden.ts'
import { ROOT, runNode } from '../support/child.ts'
import { environmentOf, testDatabase } from '../support/database.ts'

/** Runs a script given as text that resolves `chatwarden` as the package itself does. */
async function runScript(script: string, env: Record<string, string> = {}, kind: 'module' | 'commonjs' = 'module') {
  const folder = temporaryFolder()
  const settings = {
    DATABASE_URL: `file:${join(folder, 'data', 'chatwarden.db')}`,
    DATA_DIR: join(folder, 'data'),
    ...env,
  }
  const ended = await runNode([`--input-type=${kind}`, '--eval', script], { cwd: ROOT, env: settings })
  return { ...ended, files: readdirSync(folder) }
}

describe('importing the package', () => {
  test('opens nothing and keeps no process alive', async () => {
    const { code, stdout, stderr, files } = await runScript(
      "import * as all from 'chatwarden'; console.log(typeof all.openChatwarden, all.isSchedulerRunning())",
    )
    expect({ code, stdout, stderr, files }).toEqual({ code: 0, stdout: 'function false\n', stderr: '', files: [] })
  })

  test('works by require, without a warning', async () => {
    const { code, stdout, stderr } = await runScript(
      "const { openChatwarden, AuditCategory } = require('chatwarden'); console.log(typeof openChatwarden, AuditCategory.AUTH)",
      {},
      'commonjs',
    )
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'function AUTH\n', stderr: '' })
  })
})

describe('the names of the package', () => {
  test('open an instance from the environment at the first call, which keeps no process alive', async () => {
    const { code, stdout, files } = await runScript(
      "import { AuditLogger } from 'chatwarden'; console.log(await AuditLogger.logConversationReset({ performedBy: { phoneNumber: '+15550000401' } }))",
    )
    expect({ code, stdout, files }).toEqual({ code: 0, stdout: 'stored\n', files: ['data'] })
  })

  test('mean the instance that is open, and its jobs', async () => {
    const { code, stdout } = await runScript(`
      import { AuditLogRepository, isSchedulerRunning, openChatwarden } from 'chatwarden'
      const chatwarden = await openChatwarden({ env: { OWNER_PHONE_NUMBERS: '+15550000777' } })
      const [entry] = await AuditLogRepository.findByAction('ROLE_CHANGE')
      console.log(entry.resourceId, isSchedulerRunning())
      await chatwarden.close()
      console.log(isSchedulerRunning())`)
    expect({ code, stdout }).toEqual({ code: 0, stdout: '+15550000777 true\nfalse\n' })
  })

  test('iterate over the trail', async () => {
    const { stdout } = await runScript(
      "import { AuditLogRepository } from 'chatwarden'; for await (const entry of AuditLogRepository.iterate()) console.log(entry.seq, entry.action)",
    )
    expect(stdout).toBe('0 ROLE_CHANGE\n')
  })

  test('never throw an observation into the host, not even where nothing can be opened', async () => {
    const { code, stdout, stderr } = await runScript(
      "import { AuditLogger } from 'chatwarden'; console.log(await AuditLogger.logConversationReset({ performedBy: { phoneNumber: '+15550000401' } }))",
      { DATABASE_URL: 'file:/dev/null/chatwarden.db' },
    )
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'lost\n' })
    expect(stderr).toContain('An audit event is lost')
  })
})

describe('the example', () => {
  test('of embedding runs as it stands', async () => {
    const folder = temporaryFolder()
    const env = environmentOf(testDatabase(folder).path)
    const { code, stdout } = await runNode([join(ROOT, 'examples/embed.mjs')], { env })
    expect(code).toBe(0)
    expect(stdout).toContain('→ +15550001111: ✅ *Role Change Successful*')
    expect(stdout).toContain("→ +15550009999: ❌ You don't have permission to view audit logs.")
    expect(stdout).toContain('(your bot answers "good morning")')
  })
})
