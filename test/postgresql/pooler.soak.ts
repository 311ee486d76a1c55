import { describe, expect, onTestFinished, test } from 'vitest'
import { run as doctor } from '../../src/cli/doctor.ts'
import { run as migrate } from '../../src/cli/migrate.ts'
import { run as verify } from '../../src/cli/verify.ts'
import { ERRORS } from '../../src/kernel/errors.ts'
import { OWNER, openTestWarden, STRANGER, temporaryFolder, USER } from '../support/chatwarden.ts'
import { onCommandLine } from '../support/command-line.ts'
import { PgBouncer, type PoolMode } from '../support/pgbouncer.ts'
import { serverUrl } from '../support/server-url.ts'
import { ask, makeTwoRoles } from '../support/two-roles.ts'

async function behind(mode: PoolMode) {
  const roles = await makeTwoRoles()
  // Its owner is who it connects as, so that the rights are what they would be.
  const bouncer = await PgBouncer.start(serverUrl(), mode, onTestFinished)
  const folder = temporaryFolder()
  const env = {
    DATABASE_URL: bouncer.urlOf(roles.adminUrl),
    DATABASE_OWNER_URL: bouncer.urlOf(roles.adminUrl),
    DATA_DIR: folder,
    OWNER_PHONE_NUMBERS: OWNER,
    CHAT: 'terminal',
  }
  const tables = () => ask(roles.adminUrl, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
  return { roles, bouncer, folder, env, tables, start: () => openTestWarden({ env }, folder) }
}

const PROMOTE = `!config role promote ${USER} OPERATOR`

describe('behind PgBouncer', () => {
  test('that keeps a session for each connection, everything is as without it', async () => {
    const { env, start } = await behind('session')
    const warden = await start()
    expect(await warden.ask(OWNER, PROMOTE)).toMatch(/Successful/)
    const many = Array.from({ length: 200 }, () => ({ phoneNumber: STRANGER, limitType: 'user' as const }))
    await Promise.all(many.map((each) => warden.AuditLogger.logRateLimitViolation(each)))
    const kept = await warden.AuditLogRepository.count({ action: 'RATE_LIMIT_VIOLATION' })
    expect(kept).toBe(200)
    await warden.close()
    expect((await onCommandLine(() => doctor([]), env)).out).toMatch(/✔ Database: /)
    expect(await onCommandLine(() => verify([]), env)).toMatchObject({
      code: 0,
      out: expect.stringContaining('onsistent'),
    })
  })

  test.each(['transaction', 'statement'] as const)(
    'that gives its sessions to whoever asks next (%s), nothing is begun',
    async (mode) => {
      const { env, tables, start, roles, bouncer } = await behind(mode)
      const message = expect.stringContaining('pool_mode = session')
      await expect(start()).rejects.toMatchObject({ code: 'CONFIG_INVALID', message })
      await expect(onCommandLine(() => migrate([]), env)).rejects.toMatchObject({ code: 'CONFIG_INVALID', message })
      expect(await onCommandLine(() => doctor([]), env)).toMatchObject({
        code: 3,
        out: expect.stringMatching(/✘ Database: .*pooler[\s\S]*pool_mode = session/),
      })
      expect(await tables()).toEqual([])
      // With several sessions that take turns, or while others ask, it is found too.
      const url = bouncer.urlOf(roles.adminUrl)
      await Promise.all(Array.from({ length: 4 }, () => ask(url, 'SELECT pg_sleep(0.3)')))
      for (let round = 0; round < 5; round++) await expect(start()).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
      let isOver = false
      const busy = Array.from({ length: 6 }, async () => {
        while (!isOver) await ask(url, 'SELECT pg_sleep(random() * 0.005)')
      })
      for (let round = 0; round < 20; round++) await expect(start()).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
      isOver = true
      await Promise.all(busy)
      expect(await tables()).toEqual([])
    },
  )

  test('that begins to do so while a bot runs, what it can’t keep it does not take', async () => {
    const { env, start, bouncer, roles } = await behind('session')
    const warden = await start()
    expect(await warden.ask(OWNER, PROMOTE)).toMatch(/Successful/)
    await bouncer.startAs('transaction')
    // The connections are made again, with sessions that others have too.
    const promoted = () => warden.say(OWNER, `!config role promote ${USER} ADMIN`)
    await promoted()
    // Another program leaves its settings behind in every session that there is.
    const url = bouncer.urlOf(roles.adminUrl)
    const leave = (setting: string) =>
      Promise.all(Array.from({ length: 12 }, () => ask(url, `SET ${setting}; SELECT pg_sleep(0.2)`)))
    for (const setting of ['synchronous_commit = off', "datestyle = 'German'", 'array_nulls = off']) {
      await leave(setting)
      const said = await promoted()
      expect({ setting, said }).toMatchObject({
        said: { status: 'failed', replies: [{ text: expect.stringContaining(ERRORS.AUDIT_UNAVAILABLE.chat) }] },
      })
    }
    await bouncer.startAs('session')
    expect(await warden.ask(OWNER, `!config user block ${STRANGER}`)).toMatch(/Blocked/)
    await warden.close()
    expect(await onCommandLine(() => verify([]), env)).toMatchObject({ code: 0 })
  })
})
