import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { run as runBackup } from '../src/cli/backup.ts'
import { run as runDoctor } from '../src/cli/doctor.ts'
import { explain } from '../src/cli/explain.ts'
import { run as runExport } from '../src/cli/export.ts'
import { run as runMove } from '../src/cli/move.ts'
import { run as runRestore } from '../src/cli/restore.ts'
import { run as runSeed } from '../src/cli/seed.ts'
import { run as runVerify } from '../src/cli/verify.ts'
import { describeEnvironment, type Environment, readConfig } from '../src/config.ts'
import { ChatwardenError } from '../src/kernel/errors.ts'
import { temporaryFolder } from './support/chatwarden.ts'
import { CLI, runNode } from './support/child.ts'
import { runHere } from './support/run-here.ts'

const NAMES = [...describeEnvironment().matchAll(/^# ([A-Z0-9_]+)=/gm)].map(([, name = '']) => name)
const NOTHING: Environment = Object.fromEntries(NAMES.map((name) => [name, undefined]))

/** What is said of one variable's value; `undefined`: it is taken. */
function problem(name: string, value: string): string | undefined {
  try {
    readConfig({ ...NOTHING, [name]: value })
    return undefined
  } catch (error) {
    if (!(error instanceof ChatwardenError && error.code === 'CONFIG_INVALID')) throw error
    const [, line = '', ...others] = error.message.split('\n')
    expect(others).toEqual([])
    expect(line.trim()).toMatch(new RegExp(`^${name}=`))
    return line
  }
}

const url = (value: string) => readConfig({ ...NOTHING, DATABASE_URL: value }).databaseUrl

describe('a database that is no file as it is written', () => {
  const cases: readonly [string, RegExp][] = [
    ['file:./x.db?connection_limit=1', /parameters, of which there are none; write file:\.\/x\.db\./],
    ['file:x.db?', /parameters/],
    ['file:///srv/x.db?mode=ro', /write file:\/srv\/x\.db\./],
    ['file:x.db#frag', /is followed by a #, which no name of a database may hold\. Example/],
    ['file:./x#1.db', /is followed by a #, which no name of a database may hold\. Example/],
    ['file:///C:/x.db', /a path of Windows/],
    ['file:/c:/x.db', /a path of Windows/],
    ['file:./x.db&connection_limit=1', /parameters, of which there are none; write file:\.\/x\.db\./],
    ['file:x.db;mode=ro', /parameters, of which there are none; write file:x\.db\./],
    ['./data/x.db', /must name a file, as file:PATH.*; write file:\.\/data\/x\.db\./],
    ['/srv/x.db', /; write file:\/srv\/x\.db\./],
    ['data', /must name a file, as file:PATH, or a database on a server, as [^;]*\. Example/],
    ['sqlite:./x.db', /must begin with file:; write file:\.\/x\.db\./],
    ['file:~/x.db', /only a shell replaces/],
    ['file:~bob/x.db', /only a shell replaces/],
    ['~/x.db', /must name a file, as file:PATH/],
    ['file:$HOME/x.db', /only a shell replaces/],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what somebody wrote.
    ['file:${HOME}/x.db', /only a shell replaces/],
    ['file:%APPDATA%/x.db', /only a shell replaces/],
    ['file://./x.db', /write file:\.\/x\.db\./],
    ['file://host/x.db', /name of a machine; write the path alone/],
    ['file://localhost/srv/x.db', /name of a machine/],
    ['file:%2Ftmp%2Fx.db', /% escape/],
    ['file:///srv/a%20b.db', /% escape/],
    ['file:a%20b%zz.db', /% escape/],
    ['"file:./x.db"', /has quotes/],
    ["'file:./x.db'", /has quotes/],
    ['“file:./x.db”', /has quotes/],
    ['file:"./x.db"', /has quotes/],
    ['file: ./x.db', /a space; write it without/],
    ['file:./a\tb.db', /must be a path/],
    ['file:./a\0b.db', /must be a path/],
    ['file:./a\nb.db', /must be a path/],
    ['file:C:\\x.db', /a path of Windows/],
    ['file:C:/x.db', /a path of Windows/],
    ['file:data\\x.db', /no separator here; write \//],
    ['sqlite:x.db', /write file:x\.db\./],
    ['sqlite://x.db', /write file:x\.db\./],
    ['sqlite:///x.db', /must begin with file:/],
    ['FILE:x.db', /small letters; write file:x\.db\./],
    ['File:./x.db', /small letters; write file:\.\/x\.db\./],
    ['file:', /must name a file/],
    ['file:file:x.db', /must name a file/],
    ['file:https://example.com/x.db', /is a URL/],
    ['file:.', /names a folder; write the file in it too/],
    ['file:/', /names a folder/],
    ['file:./nowhere/', /names a folder; write the file in it too, as file:\.\/nowhere\/chatwarden\.db/],
    ['file:/dev/null', /a device/],
  ]
  test.each(cases)('is refused with what to write: %j', (value, words) => {
    expect(problem('DATABASE_URL', value)).toMatch(words)
    expect(problem('DATABASE_URL', value)).toContain('Example: DATABASE_URL=file:./data/chatwarden.db')
  })

  test.each([
    ['file:///srv/x.db', 'file:/srv/x.db'],
    ['file:////srv/x.db', 'file:/srv/x.db'],
    ['file:x.db', 'file:x.db'],
    ['  file:./a b.db  ', 'file:./a b.db'],
    ['file:../über/日本.db', 'file:../über/日本.db'],
    ['file:./50%.db', 'file:./50%.db'],
    ['file:./a$.db', 'file:./a$.db'],
  ])('is not %j', (value, expected) => {
    expect(url(value)).toBe(expected)
  })

  test('is any text of which a file of another name would be made', () => {
    const pieces = fc.constantFrom(
      './',
      '/srv/',
      'x',
      '.db',
      '?a=1',
      '#b',
      '~/',
      '$HOME',
      '%2F',
      '"',
      ' ',
      '\\',
      ':',
      '//',
      'file:',
      '\0',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 6 }), (parts) => {
        const value = `file:${parts.join('')}`
        if (problem('DATABASE_URL', value) !== undefined) return
        expect(url(value)).not.toMatch(/[?#"\\\0]|(?:^file:|\/)~\/|^file:~|\$HOME|%2F| $|^file:\/\//)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a server’s URL', () => {
  test.each([
    'postgresql://u:%zz@h/d',
    'postgres://u:p%@localhost/d',
    'postgresql://u:p@localhost/%ff',
    'postgresql://u@localhost/a%00b',
  ])('with a malformed escape is told by the variable: %s', (value) => {
    for (const name of ['DATABASE_URL', 'DATABASE_OWNER_URL'])
      expect(problem(name, value)).toMatch(/begins no escape: a % itself has to be written as %25/)
  })

  test('is never repeated, however it is written', () => {
    const around = fc.constantFrom('', '"', "'", 'file:', 'FILE:', 'sqlite://', ' ', 'file://', '“', 'postgres:', 'x')
    const scheme = fc.constantFrom('postgresql://', 'postgres://', 'Postgres://', 'mysql://', '', 'postgresql:')
    const end = fc.constantFrom('', '?a=1', '#b', '/', '"', '?sslmode=x', '%zz')
    fc.assert(
      fc.property(around, scheme, fc.constantFrom('u', 'u.v', ''), end, (first, name, user, last) => {
        const value = `${first}${name}${user}:hunter2@db.example.com/d${last}`
        expect(problem('DATABASE_URL', value) ?? '').not.toContain('hunter2')
      }),
    )
  })
})

test.each([
  'DATA_DIR',
  'AUDIT_EXPORT_DIR',
  'AUDIT_ARCHIVE_DIR',
  'WHATSAPP_SESSION_DIR',
  'S3_REGION',
  'TIMEZONE',
  'CHAT',
])('a server’s URL in the wrong place is repeated without its password: %s', (name) => {
  for (const password of ['hunter2', 'x@hunter2', 'x/hunter2', 'hunter2 x', 'x#hunter2', 'x:hunter2'])
    for (const scheme of ['postgresql', 'https', 'mysql']) {
      const said = problem(name, `${scheme}://u:${password}@db.example.com/d`)
      expect(said).toContain(`${scheme}://…@db.example.com`)
      expect(said).not.toContain('hunter2')
    }
})

describe('a folder', () => {
  const FOLDERS = ['DATA_DIR', 'AUDIT_EXPORT_DIR', 'AUDIT_ARCHIVE_DIR']
  const wrong: readonly [string, RegExp][] = [
    ['~/x', /only a shell replaces; write the whole path/],
    ['$HOME/x', /only a shell replaces/],
    ['"./x"', /has quotes/],
    ['file:./x', /is a URL; write the path alone/],
    ['C:\\x', /a path of Windows/],
    ['./a%20b', /% escape/],
    ['./package.json', /must be a folder, and there is something else/],
    ['./package.json/x', /below a file/],
    ['/dev/null', /must be a folder/],
  ]
  test.each(FOLDERS.flatMap((name) => wrong.map(([value, words]) => [name, value, words] as const)))(
    'that %s=%s is not, is refused',
    (name, value, words) => {
      expect(problem(name, value)).toMatch(words)
    },
  )

  test.each(FOLDERS)('may be there or not, and end with a slash: %s', (name) => {
    for (const value of ['./nowhere/', '/srv/a b', 'test']) expect(problem(name, value)).toBeUndefined()
  })
})

describe('every command', () => {
  const value = 'file:./x.db?connection_limit=1'
  const said = 'is followed by parameters, of which there are none; write file:./x.db.'
  const commands: readonly [string, (args: string[]) => Promise<number>, string[]][] = [
    ['doctor', runDoctor, []],
    ['verify', runVerify, []],
    ['export', runExport, []],
    ['restore', runRestore, ['.']],
    ['seed', runSeed, []],
    ['backup', runBackup, ['backups']],
  ]
  test.each(commands)('says the same of a database that is none, and makes nothing: %s', async (_name, run, args) => {
    const [folder, before] = [temporaryFolder(), process.cwd()]
    process.chdir(folder)
    onTestFinished(() => process.chdir(before))
    const explained = (words: string[]) => run(words).catch((error) => explain(error))
    const { code, stdout, stderr } = await runHere(explained, args, { path: 'x.db', folder }, { DATABASE_URL: value })
    expect(code).toBe(3)
    expect(stdout + stderr).toContain(said)
    expect(readdirSync(folder)).toEqual([])
  })

  test.each([['start'], ['say', '!config help']])('also as a program: %s', async (...args) => {
    const cwd = temporaryFolder()
    const { code, stdout, stderr } = await runNode([CLI, ...args], { cwd, env: { DATABASE_URL: value } })
    expect(code).toBe(3)
    expect(stdout + stderr).toContain(said)
    expect(readdirSync(cwd)).toEqual([])
  })

  test('move as well, of what it moves from', async () => {
    const move = runMove(['--from', value, '--to', 'postgresql://u@localhost/d'])
    await expect(move).rejects.toThrow('--from names no file as it is: the path is followed by parameters')
    const other = runMove(['--from', 'file:x.db', '--to', 'postgresql://u:%zz@localhost/d'])
    await expect(other).rejects.toThrow('--to has a % that begins no escape')
  })
})

test('what lies in the place of a database is looked at', () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'd'))
  writeFileSync(join(folder, 'f'), '')
  execFileSync('mkfifo', [join(folder, 'p')])
  expect(problem('DATABASE_URL', `file:${folder}/d`)).toContain(`as file:${folder}/d/chatwarden.db`)
  expect(problem('DATABASE_URL', `file:${folder}/p`)).toContain('a pipe')
  expect(problem('DATABASE_URL', `file:${folder}/f`)).toBeUndefined()
  expect(problem('DATABASE_URL', `file:${folder}/none/x.db`)).toBeUndefined()
  expect(existsSync(join(folder, 'none'))).toBe(false)
})
