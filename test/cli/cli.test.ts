import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openChatwarden } from '../../src/app/open.ts'
import { run as confirmRequest } from '../../src/cli/confirm.ts'
import { run as seed } from '../../src/cli/seed.ts'
import { createLogger } from '../../src/kernel/log.ts'
import { OWNER, OWNER2, temporaryFolder } from '../support/chatwarden.ts'
import { CLI, runNode, SHORT_LIVED, startNode } from '../support/child.ts'
import { onCommandLine } from '../support/command-line.ts'
import { codeIn } from '../support/confirming.ts'

const TRIAL_OWNER = '+15550000001'

/** What a process would use that is started in that folder. */
const environmentIn = (cwd: string) => ({
  DATABASE_URL: `file:${join(cwd, 'data/chatwarden.db')}`,
  DATA_DIR: join(cwd, 'data'),
})

/** Asks as `chatwarden say` does, in this process. */
async function say(cwd: string, as: string, text: string, env: Readonly<Record<string, string>> = {}) {
  const options = { jobs: false, log: createLogger('silent'), env: { ...environmentIn(cwd), ...env } }
  const chatwarden = await openChatwarden(options)
  const sender = { id: as, phone: as, operator: 'root@machine' }
  const message = { id: randomUUID(), source: 'cli', chat: { id: as, kind: 'private' }, sender, text } as const
  const { status, replies } = await chatwarden.handle(message).finally(() => chatwarden.close())
  return { status, text: replies[0]?.text, note: replies[1]?.text }
}

describe.concurrent('chatwarden start', () => {
  test('answers piped input line by line and ends with it', async ({ expect, onTestFinished }) => {
    const input = '!config role promote +15550000301 OPERATOR\ngood morning\n!config role list'
    const { code, stdout, stderr } = await runNode([CLI, 'start'], {
      cwd: temporaryFolder(onTestFinished),
      input,
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/Role Change Successful.*That is no command.*OPERATORS \(1\)/s)
  })

  test('is what happens without a word', async ({ expect, onTestFinished }) => {
    const { code, stdout } = await runNode([CLI], {
      cwd: temporaryFolder(onTestFinished),
      input: '!config role list\n',
    })
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('User Roles Summary') })
  })

  test('ends in order when it is told to stop', async ({ expect, onTestFinished }) => {
    const running = startNode([...SHORT_LIVED, CLI, 'start'], { cwd: temporaryFolder(onTestFinished) }, onTestFinished)
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
    const ask = (text: string, env = {}) => {
      const cwd = temporaryFolder()
      writeFileSync(join(cwd, '.env'), `OWNER_PHONE_NUMBERS=${OWNER}\nCOMMAND_PREFIX=!fromfile\n`)
      return runNode([CLI, 'say', text], { cwd, env })
    }
    const asked = [ask('!fromfile role list'), ask('!mine role list', { COMMAND_PREFIX: '!mine' })]
    for (const { stdout } of await Promise.all(asked)) expect(stdout).toContain(OWNER)
  })
})

describe('a .env that an editor saved', () => {
  const line = 'DATABASE_URL=file:./data/mine.db\n'

  test('with a byte order mark loses nothing', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, '.env'), `\uFEFF${line}`)
    expect((await runNode([CLI, 'say', '!config role list'], { cwd })).code).toBe(0)
    expect(readdirSync(join(cwd, 'data'))).toContain('mine.db')
  })

  test.each([
    ['UTF-16', Buffer.from(`\uFEFF${line}`, 'utf16le')],
    ['Windows-1252', Buffer.from(`# für\n${line}`, 'latin1')],
  ])('as %s is refused, and nothing begins', async (_, bytes) => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, '.env'), bytes)
    const { code, stderr } = await runNode([CLI, 'say', '!config role list'], { cwd })
    expect({ code, files: readdirSync(cwd) }).toEqual({ code: 3, files: ['.env'] })
    expect(stderr).toMatch(/^[^\n]*\.env: it is not UTF-8; save it as UTF-8\.\n$/)
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
    await say(cwd, TRIAL_OWNER, '!config role list')
    const env = { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` }
    const roleOf = async (phone: string) => (await say(cwd, OWNER2, `!config role info ${phone}`, env)).text
    expect(await roleOf(TRIAL_OWNER)).toContain('🎭 Role: USER')
    const asked = await say(cwd, OWNER2, `!config role demote ${OWNER} USER`, env)
    expect((await say(cwd, OWNER, `!config confirm ${codeIn(asked.note)}`, env)).status).toBe('answered')
    expect((await onCommandLine(() => seed([]), { ...environmentIn(cwd), ...env })).code).toBe(0)
    expect(await roleOf(OWNER)).toContain('🎭 Role: USER')
    expect((await runNode([CLI, 'seed', '--force'], { cwd, env })).code).toBe(0)
    expect(await roleOf(OWNER)).toContain('🎭 Role: OWNER')
  })
})

describe('the command line', () => {
  test('tells its version and its usage', async () => {
    const [version, help] = await Promise.all(['--version', '--help'].map((option) => runNode([CLI, option])))
    expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
    expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('chatwarden say') })
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
    expect((await say(cwd, TRIAL_OWNER, '!config role list')).status).toBe('answered')
    const path = join(cwd, 'data/chatwarden.db')
    writeFileSync(path, damage(readFileSync(path)))
    const { code, stdout, stderr } = await runNode([CLI, 'say', '!config role list'], { cwd })
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toMatch(/^Chatwarden cannot [^\n]*(?:malformed|not a database)[^\n]*\n$/)
  })
})

describe('chatwarden confirm', () => {
  test('lists what waits for another owner, and decides it by its code', async () => {
    const cwd = temporaryFolder()
    const env = { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` }
    const confirm = (...args: string[]) => onCommandLine(() => confirmRequest(args), { ...environmentIn(cwd), ...env })
    await say(cwd, OWNER, `!config role demote ${OWNER2} ADMIN`, env)
    const { code, out } = await confirm()
    expect([code, out]).toEqual([0, expect.stringContaining(`role demote, asked by ${OWNER}, until `)])
    expect(out).toContain(`${OWNER2}: OWNER → ADMIN`)
    expect((await confirm('000000')).code).toBe(2)
    await expect(confirm('12')).rejects.toThrow('confirm takes one code of six digits')
    const decided = await confirm(/^\d{6}/.exec(out)?.[0] ?? '')
    expect([decided.code, decided.out]).toEqual([0, expect.stringContaining('OWNER → ADMIN')])
    expect((await say(cwd, OWNER, `!config role info ${OWNER2}`, env)).text).toContain('🎭 Role: ADMIN')
    expect((await confirm()).out).toBe('Nothing waits for another owner.\n')
  })
})
