import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { run as runBackup } from '../../src/cli/backup.ts'
import { explain } from '../../src/cli/explain.ts'
import { run as runExport } from '../../src/cli/export.ts'
import { run as runImport } from '../../src/cli/import.ts'
import { run as runKey } from '../../src/cli/key.ts'
import { run as runReport } from '../../src/cli/report.ts'
import { run as runRestore } from '../../src/cli/restore.ts'
import { run as runVerify } from '../../src/cli/verify.ts'
import { run as runVerifyExport } from '../../src/cli/verify-export.ts'
import { temporaryFolder } from '../support/chatwarden.ts'
import { CLI, ROOT, runNode } from '../support/child.ts'
import { environmentOf } from '../support/database.ts'
import { inShell } from '../support/in-shell.ts'
import { type Ran, runHere } from '../support/run-here.ts'
import { shareWarden } from '../support/shared-warden.ts'

const shared = shareWarden()
const isRoot = process.getuid?.() === 0

/** What the command line says and ends with: also for what was thrown. */
const told = (run: (args: string[]) => Promise<number>, args: readonly string[]): Promise<Ran> =>
  runHere((words) => run(words).catch((error) => explain(error)), args, shared.warden)

/** Everything that can lie where a file should be, by what it is. */
async function lyingAround(): Promise<Record<string, string>> {
  const folder = temporaryFolder()
  const at = (name: string) => join(folder, name)
  mkdirSync(at('directory'))
  writeFileSync(at('file'), 'as it was')
  execFileSync('mkfifo', [at('pipe')])
  symlinkSync(at('file'), at('link'))
  symlinkSync(at('nowhere'), at('dangling'))
  const server = createServer().listen(at('socket'))
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  // A device of our own: the machine's could really be replaced.
  if (isRoot) execFileSync('mknod', [at('device'), 'c', '1', '3'])
  return {
    ...Object.fromEntries(['directory', 'pipe', 'socket', 'link', 'dangling'].map((name) => [name, at(name)])),
    ...(isRoot && { device: at('device') }),
    'below a file': join(at('file'), 'x.json'),
    'in a missing folder': join(at('missing'), 'x.json'),
    'a folder’s name': `${at('file')}/`,
    nothing: '',
  }
}

/** What a path is, whatever lies there. */
const kindOf = (path: string): string => {
  const there = lstatSync(path.replace(/\/$/, ''), { throwIfNoEntry: false, bigint: true })
  return there === undefined ? 'nothing' : `${there.mode} ${there.ino}`
}
const kind = (path: string): string => {
  try {
    return kindOf(path)
  } catch {
    return 'nothing'
  }
}

function expectLine({ code, stdout, stderr }: Ran): void {
  const said = stdout + stderr
  expect([2, 3]).toContain(code)
  expect(said).not.toMatch(/^ {4}at /m)
  expect(said.trim().split('\n').length).toBeLessThan(4)
  expect(said.trim()).not.toBe('')
}

describe('what is no file is never replaced', () => {
  const writers: readonly [string, (path: string) => Promise<Ran>][] = [
    ['export --to', (path) => told(runExport, ['--to', path])],
    ['report --html', (path) => told(runReport, ['daily', '--html', path])],
  ]
  test.each(writers)('by %s: a line says why, before any work', async (name, write) => {
    const entries = () => shared.warden.sql('SELECT count(*) AS n FROM audit_logs')
    const before = entries()
    for (const [what, path] of Object.entries(await lyingAround())) {
      // A report makes the folder that its page is to be in.
      if (name === 'report --html' && what === 'in a missing folder') continue
      const was = kind(path)
      const ran = await write(path)
      expect({ what, kind: kind(path) }).toEqual({ what, kind: was })
      expectLine(ran)
    }
    expect(entries()).toEqual(before)
  })

  test('nor is what would lie beside an export', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'a.json.manifest'))
    expect(await told(runExport, ['--to', join(folder, 'a.json')])).toMatchObject({ code: 3 })
    expect(readdirSync(folder)).toEqual(['a.json.manifest'])
  })

  test('and no backup is made where no folder can be', async () => {
    for (const [what, path] of Object.entries(await lyingAround())) {
      if (['directory', 'in a missing folder'].includes(what)) continue
      expectLine(await told(runBackup, [path]))
    }
  })

  test('a file that is there is, with all that belongs to it', async () => {
    const path = join(temporaryFolder(), 'a.json')
    writeFileSync(path, 'old')
    expect(await told(runExport, ['--to', path])).toMatchObject({ code: 0 })
    expect(readFileSync(path, 'utf8')).toMatch(/^\[/)
  })

  test.each([
    [runBackup, ['~/backups']],
    [runExport, ['--to', '~/a.json']],
    [runReport, ['daily', '--html', '~/pages/a.html']],
    [runBackup, ['$HOME/backups']],
    [runBackup, ['-']],
    [runReport, ['daily', '--html', '-']],
  ])('nor is anything made under a name that only a shell understands: %o %j', async (run, args) => {
    expect(await told(run, args)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/only a shell|is none|no folder/),
    })
    expect(existsSync('~') || existsSync('$HOME') || existsSync('-')).toBe(false)
  })
})

describe('what is no file is read by nobody, and nobody waits for it', () => {
  const elsewhere = (): { path: string; folder: string } => {
    const folder = temporaryFolder()
    return { folder, path: join(folder, 'restored.db') }
  }
  const restoring = (args: readonly string[]) =>
    runHere((words) => runRestore(words).catch((error) => explain(error)), args, elsewhere())
  const readers: readonly [string, (path: string) => Promise<Ran>][] = [
    ['import', (path) => told(runImport, ['--format', 'csv', path])],
    ['verify-export', (path) => told(runVerifyExport, [path])],
    ['verify-export --manifest', (path) => told(runVerifyExport, [join(ROOT, 'package.json'), '--manifest', path])],
    ['verify --checkpoint', (path) => told(runVerify, ['--checkpoint', path])],
    ['verify --proof', (path) => told(runVerify, ['--proof', path, '--entry', path, '--key', path])],
    ['verify --key', (path) => told(runVerify, ['--key', path])],
    ['restore', restoringFile],
    ['restore --checkpoint', (path) => restoring(['--checkpoint', path, join(ROOT, 'package.json')])],
    ['restore --erasures', (path) => restoring(['--erasures', path, join(ROOT, 'package.json')])],
    ['key rotate --old', (path) => told(runKey, ['rotate', '--old', path])],
  ]
  function restoringFile(path: string): Promise<Ran> {
    return restoring([path])
  }
  test.each(readers)('%s', async (name, read) => {
    const { link: _, ...bad } = await lyingAround()
    for (const [what, path] of Object.entries({ ...bad, stdin: '-' })) {
      const ran = await read(path)
      // What is no backup at all is a finding.
      if (name.startsWith('restore --') && ran.code === 5) continue
      expect({ what, code: ran.code, said: ran.stdout + ran.stderr }).toMatchObject({
        code: expect.toSatisfy((code) => code === 2 || code === 3),
      })
      expectLine(ran)
    }
  })

  test('but a small text may come by a pipe that the shell gives', () => {
    const line = 'echo nothing | chatwarden verify --key k+00000000+x --checkpoint /dev/stdin'
    const { status, stdout } = inShell(shared.warden.path, line)
    expect({ status, stdout }).toMatchObject({ status: 2 })
  })
})

test('a name that is none is told alike by every option that takes one', async () => {
  const asked: readonly [(args: string[]) => Promise<number>, readonly string[]][] = [
    [runKey, ['rotate', '--old']],
    [runVerifyExport, [join(ROOT, 'package.json'), '--manifest']],
  ]
  for (const [run, args] of asked) {
    const option = args.at(-1)
    expect(await told(run, [...args, ''])).toMatchObject({ code: 2, stderr: `${option} needs the name of a file.\n\n` })
    expect(await told(run, [...args, '-'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        `${option} needs the name of a file, and - is none. For what is piped in write /dev/stdin.`,
      ),
    })
  }
})

test('the password of a URL in the place of a path is not repeated, and neither is a line break', async () => {
  const url = 'postgresql://u:hunter2@h/d'
  const tried: readonly [(args: string[]) => Promise<number>, readonly string[]][] = [
    [runBackup, []],
    [runRestore, []],
    [runImport, ['--format', 'csv']],
    [runExport, ['--to']],
    [runReport, ['daily', '--html']],
    [runVerifyExport, []],
    [runKey, ['rotate', '--old']],
    [runVerify, ['--checkpoint']],
  ]
  for (const [run, args] of tried)
    for (const path of [url, `x\n${url}`]) {
      const { code, stdout, stderr } = await told(run, [...args, path])
      const said = (stdout + stderr).trim()
      expect({ args, said }).toEqual({ args, said: expect.not.stringContaining('hunter2') })
      expect([2, 3]).toContain(code)
      expect(said.split('\n')).toHaveLength(1)
    }
})

test('a folder in the place of a file is told with what to write', async () => {
  const folder = temporaryFolder()
  expect(await told(runExport, ['--to', folder])).toMatchObject({
    stderr: expect.stringContaining(`as ${folder}/audit.csv`),
  })
})

describe('stdout', () => {
  test('is what --to - writes the entries to, alone and whole; the trail names no file', async () => {
    const cwd = temporaryFolder()
    const env = environmentOf(shared.warden.path)
    const { code, stdout, stderr } = await runNode([CLI, 'export', '--to', '-', '--format', 'json'], { cwd, env })
    expect(code).toBe(0)
    const entries = JSON.parse(stdout) as unknown[]
    expect(stderr).toBe(`${entries.length} entries on stdout, without a manifest.\n`)
    expect([...readdirSync(cwd), ...readdirSync(shared.warden.folder)].join()).not.toMatch(/stdout|^-/)
    const [newest] = await shared.warden.AuditLogRepository.query({ action: 'AUDIT_LOG_EXPORTED', limit: 1 })
    expect(JSON.parse(newest?.metadata ?? '')).toMatchObject({ by: 'stdout', recordCount: entries.length })
    expect(newest?.metadata).not.toContain('"file"')
  })

  test('may be closed by who has read enough: nothing is said of it', () => {
    const { status, stderr } = inShell(shared.warden.path, 'chatwarden export --to - | true')
    expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.not.stringMatching(/EPIPE|^ {4}at /m) })
  })

  test.skipIf(!existsSync('/dev/full'))('that is full is told, and ends a command with 3', () => {
    const { status, stderr } = inShell(shared.warden.path, 'chatwarden export --to - > /dev/full')
    expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringMatching(/could not be written: ENOSPC/) })
    expect(stderr).not.toMatch(/^ {4}at /m)
  })

  test('has a name of its own, which is told to who writes that of a device', async () => {
    for (const path of ['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'])
      expect(await told(runExport, ['--to', path])).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/write --to -$/m),
      })
  })
})

describe('a disk that takes no more', () => {
  test('leaves nothing of an export, and is a line', async () => {
    const folder = temporaryFolder()
    const line = 'ulimit -f 0; chatwarden export --to x.json 2>&1 | cat'
    const { stdout, status } = inShell(shared.warden.path, line, folder)
    expect({ status, stdout }).toEqual({ status: 3, stdout: expect.stringMatching(/^Chatwarden cannot go on/) })
    expect(readdirSync(folder)).toEqual([])
  })
})

test('a key is not named what no key can be named', async () => {
  for (const origin of ['a+b', 'a b', '', '\ud800'])
    expect(await told(runKey, ['new', '--origin', origin])).toMatchObject({ code: 2, stdout: '' })
})
