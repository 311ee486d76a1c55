import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { OWNER, openTestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { CLI, runNode } from '../support/child.ts'
import { environmentOf, onPostgres } from '../support/database.ts'

const TRIAL_OWNER = '+15550000001'
const STRANGER = '+15550000901'

/** `chatwarden say` in a folder of its own, as on a fresh machine. */
function freshMachine() {
  const cwd = temporaryFolder()
  return { cwd, say: (...args: string[]) => runNode([CLI, 'say', ...args], { cwd }) }
}

describe('chatwarden say', () => {
  test('answers on stdout and nowhere else, as the owner that a fresh machine has', async () => {
    const { say } = freshMachine()
    const { code, stdout, stderr } = await say('!config role list')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(`👥 *User Roles Summary*\n\n*OWNERS (1):*\n• ${TRIAL_OWNER}\n\n*Total Users: 1*\n`)
  })

  test('ends with 0 when it was answered, also when there was nothing to do', async () => {
    const { say } = freshMachine()
    expect(await say('!config role promote +15550000301 OPERATOR')).toMatchObject({ code: 0 })
    const again = await say('!config role promote +15550000301 OPERATOR')
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('already has the role OPERATOR') })
  })

  test('ends with 2 when it was not understood, not found, or no command', async () => {
    const { say } = freshMachine()
    expect((await say('!config adit list')).code).toBe(2)
    expect((await say('!config audit list 7abc')).code).toBe(2)
    expect((await say('!config role info +15559998888')).code).toBe(2)
    const chatter = await say('good morning')
    expect(chatter).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('!config help') })
  })

  test.each([
    [['--as', 'nobody', '!config help'], '--as nobody is not a phone number'],
    [['--unknown', '!config help'], '--unknown'],
    [['--group', '', '!config help'], '--group needs'],
    [['--group', TRIAL_OWNER, '!config role list'], '--group needs'],
    [['--group', 'team:\n→ you (private)', '!config role list'], '--group needs'],
    [[], 'say needs a message'],
  ])('explains %j on stderr and ends with 2', async (args, explanation) => {
    const { code, stdout, stderr } = await freshMachine().say(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(explanation)
  })

  test('ends with 4 when it was denied, also when the denial is only counted', async () => {
    const { say } = freshMachine()
    for (let n = 0; n < 5; n++)
      expect(await say('--as', STRANGER, '!config role list')).toMatchObject({
        code: 4,
        stdout: expect.stringMatching(/^❌/),
      })
    expect(await say('--as', STRANGER, '!config role list')).toMatchObject({ code: 4, stdout: '', stderr: '' })
  })

  test('ends with 3 and one clear message where the database cannot be opened', async () => {
    const { cwd } = freshMachine()
    const env = { DATABASE_URL: 'file:/dev/null/chatwarden.db' }
    const { code, stdout, stderr } = await runNode([CLI, 'say', '!config help'], { cwd, env })
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toContain('DATABASE_URL=file:/dev/null/chatwarden.db')
  })

  test('in a group tells the group only that the answer went elsewhere', async () => {
    const { stdout } = await freshMachine().say('--group', 'friends', '!config role list')
    const [, toGroup = ''] = stdout.split('→ friends:\n')
    expect(toGroup).toBe('🔒 I sent you the answer in private.\n')
    expect(stdout).toContain(`→ ${TRIAL_OWNER} (private):\n👥 *User Roles Summary*`)
  })

  test('saves files where --out says', async () => {
    const { cwd, say } = freshMachine()
    const { code, stdout } = await say('--out', 'files', '!config audit export')
    expect(code).toBe(0)
    const [name = '', ...others] = readdirSync(join(cwd, 'files'))
    expect(others).toEqual([`${name}.manifest`])
    for (const each of [name, ...others]) expect(stdout).toContain(`📎 Saved: ${join('files', each)}`)
    expect(JSON.parse(readFileSync(join(cwd, 'files', name), 'utf8'))).toMatchObject([
      { action: 'ROLE_CHANGE', seq: 0 },
    ])
    expect(readdirSync(join(cwd, 'data', 'outgoing'))).toEqual([])
  })

  test('ends with 3 where a file cannot be saved, although the command itself went well', async () => {
    const { cwd, say } = freshMachine()
    writeFileSync(join(cwd, 'taken'), '')
    const { code, stdout, stderr } = await say('--out', 'taken', '!config audit export')
    expect({ code, stdout }).toEqual({ code: 3, stdout: expect.not.stringContaining('Complete') })
    expect(stderr).toContain('A reply could not be sent')
  })

  // In PostgreSQL the place of the next entry can't be taken.
  if (!onPostgres)
    test('ends with 3 and shows no data where the entry that it depends on cannot be written', async () => {
      const warden = await openTestWarden()
      warden.sql(`INSERT INTO audit_logs SELECT (SELECT size FROM audit_head), 'x', created_at, source, category, action,
      description, user_id, account, actor_name, user_role, resource_type, resource_id, subject_id, channel_id, request_id,
      ip_address, user_agent, metadata, nonce, leaf_hash FROM audit_logs WHERE seq = 0`)
      const env = environmentOf(warden.path)
      const { code, stdout, stderr } = await runNode([CLI, 'say', '!config role list'], { cwd: warden.folder, env })
      const [, reference] = /^❌ The audit log cannot be written.*\(Reference: (\w+)\)\n$/.exec(stdout) ?? []
      expect(code).toBe(3)
      expect(JSON.parse(stderr)).toMatchObject({ reference, err: { code: 'AUDIT_UNAVAILABLE' } })
    })

  test('cannot pass for the person it acts as: who typed is recorded and shown', async () => {
    const { cwd, say } = freshMachine()
    await say('!config role promote +15550000301 OPERATOR')
    const typedBy = `${userInfo().username}@${hostname()}`
    expect((await say('!config audit list')).stdout).toContain(`typed by ${typedBy}`)
    const warden = await openTestWarden({ env: { DATABASE_URL: `file:${join(cwd, 'data', 'chatwarden.db')}` } })
    const [entry] = await warden.AuditLogRepository.query({ action: 'ROLE_CHANGE', targetPhoneNumber: '+15550000301' })
    expect(entry).toMatchObject({ source: 'cli', phoneNumber: TRIAL_OWNER })
    expect(JSON.parse(entry?.metadata ?? '{}')).toMatchObject({ operator: typedBy })
  })

  test('runs beside the bot on the same database', async () => {
    const warden = await openTestWarden()
    const env = { ...environmentOf(warden.path), OWNER_PHONE_NUMBERS: OWNER }
    const { code } = await runNode([CLI, 'say', '!config role promote +15550000401 USER'], { cwd: warden.folder, env })
    expect(code).toBe(0)
    expect(await warden.UserRepository.findByPhoneNumber('+15550000401')).toMatchObject({ role: 'USER' })
  })
})
