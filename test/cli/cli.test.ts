import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/chatwarden.ts'
import { CLI, runNode, startNode } from '../support/child.ts'

const OWNER = '+15550000101'
const TRIAL_OWNER = '+15550000001'

describe('chatwarden start', () => {
  test('answers piped input line by line and ends with it', async () => {
    const input = '!config role promote +15550000301 OPERATOR\ngood morning\n!config role list'
    const { code, stdout, stderr } = await runNode([CLI, 'start'], { cwd: temporaryFolder(), input })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/Role Change Successful.*That is no command.*OPERATORS \(1\)/s)
  })

  test('is what happens without a word', async () => {
    const { code, stdout } = await runNode([CLI], { cwd: temporaryFolder(), input: '!config role list\n' })
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('User Roles Summary') })
  })

  test('ends in order when it is told to stop', async () => {
    const running = startNode([CLI, 'start'], { cwd: temporaryFolder() })
    running.send('!config role list')
    await running.line()
    running.process.kill('SIGTERM')
    const [code] = await once(running.process, 'exit')
    expect(code).toBe(0)
  })
})

describe('a wrong configuration', () => {
  test('refuses to start, names every variable that is wrong with an example, and makes nothing', async () => {
    const cwd = temporaryFolder()
    const env = {
      DATABASE_URL: 'mysql://user:secret@host/db',
      CHAT: 'telegram',
      OWNER_PHONE_NUMBERS: 'me',
      TIMEZONE: 'Mars/Olympus',
      AUDIT_LOG_RETENTION_DAYS: '-5',
      AUDIT_CLEANUP_CRON: 'daily',
      LOG_LEVEL: 'loud',
      DEFAULT_COUNTRY: 'Germany',
      COMMAND_PREFIX: 'two words',
    }
    const { code, stdout, stderr } = await runNode([CLI, 'start'], { cwd, env })
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    for (const name of Object.keys(env)) expect(stderr).toMatch(new RegExp(`^  ${name}=.*Example: ${name}=`, 'm'))
    expect(stderr).not.toContain('secret')
    expect(readdirSync(cwd)).toEqual([])
  })
})

describe('the file .env', () => {
  test('counts where the environment says nothing', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, '.env'), `OWNER_PHONE_NUMBERS=${OWNER}\nCOMMAND_PREFIX=!fromfile\n`)
    const { stdout } = await runNode([CLI, 'say', '!fromfile role list'], { cwd })
    expect(stdout).toContain(OWNER)
    const overruled = await runNode([CLI, 'say', '!mine role list'], { cwd, env: { COMMAND_PREFIX: '!mine' } })
    expect(overruled.stdout).toContain(OWNER)
  })
})

describe('a .env that cannot be read', () => {
  test('is told of in one line, and nothing is made', async () => {
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, '.env'))
    const { code, stdout, stderr } = await runNode([CLI, 'say', '!config help'], { cwd })
    expect({ code, stdout, files: readdirSync(cwd) }).toEqual({ code: 3, stdout: '', files: ['.env'] })
    expect(stderr).toMatch(/^Chatwarden cannot go on \(CONFIG_INVALID\)\. .*\.env: EISDIR.*\n$/)
  })
})

describe('chatwarden seed', () => {
  test('gives a demoted owner their role back only by force, and the trial owner goes when a real one comes', async () => {
    const cwd = temporaryFolder()
    const say = (text: string, env = {}) => runNode([CLI, 'say', text], { cwd, env })
    await say('!config role list')
    const env = { OWNER_PHONE_NUMBERS: `${OWNER},+15550000102` }
    expect((await say(`!config role info ${TRIAL_OWNER}`, env)).stdout).toContain('🎭 Role: USER')
    const demote = ['say', '--as', '+15550000102', `!config role demote ${OWNER} USER`]
    expect((await runNode([CLI, ...demote], { cwd, env })).code).toBe(0)
    expect((await runNode([CLI, 'seed'], { cwd, env })).code).toBe(0)
    expect((await say(`!config role info ${OWNER}`, env)).stdout).toContain('🎭 Role: USER')
    expect((await runNode([CLI, 'seed', '--force'], { cwd, env })).code).toBe(0)
    expect((await say(`!config role info ${OWNER}`, env)).stdout).toContain('🎭 Role: OWNER')
  })
})

describe('the command line', () => {
  test('tells its version and its usage', async () => {
    expect(await runNode([CLI, '--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    })
    expect(await runNode([CLI, '--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('chatwarden say') })
  })

  test('explains what it does not know', async () => {
    const { code, stderr } = await runNode([CLI, 'fly'])
    expect(code).toBe(2)
    expect(stderr).toContain('Unknown command: fly')
  })

  test.each([
    [
      'pages are damaged',
      (file: Buffer) => Buffer.concat([file.subarray(0, 4096), Buffer.alloc(file.length - 4096, 7)]),
    ],
    ['it is another file', () => Buffer.alloc(8192, 'no database ')],
  ])('says that the database is damaged where %s', async (_, damage) => {
    const cwd = temporaryFolder()
    const say = () => runNode([CLI, 'say', '!config role list'], { cwd })
    expect((await say()).code).toBe(0)
    const path = join(cwd, 'data/chatwarden.db')
    writeFileSync(path, damage(readFileSync(path)))
    const { code, stdout, stderr } = await say()
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toMatch(/^Chatwarden cannot [^\n]*(?:malformed|not a database)[^\n]*\n$/)
  })
})
