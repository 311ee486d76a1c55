import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
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
    const { status, stdout } = spawnSync(
      'sh',
      ['-c', `echo nothing | "${process.execPath}" "${CLI}" verify --key k+00000000+x --checkpoint /dev/stdin`],
      {
        encoding: 'utf8',
        env: { PATH: process.env.PATH ?? '', ...environmentOf(shared.warden.path) },
        cwd: temporaryFolder(),
      },
    )
    expect({ status, stdout }).toMatchObject({ status: 2 })
  })
})

describe('stdout', () => {
  const inShell = (line: string) =>
    spawnSync('bash', ['-c', `set -o pipefail; ${line.replaceAll('chatwarden', `"${process.execPath}" "${CLI}"`)}`], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', ...environmentOf(shared.warden.path) },
      cwd: temporaryFolder(),
    })

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

  test('takes what is packed to the byte', () => {
    const { stdout } = inShell('chatwarden export --to - --format jsonl.gz | base64')
    expect(gunzipSync(Buffer.from(stdout, 'base64')).toString()).toMatch(/^{"seq":0,/)
  })

  test.each(['export --to -', 'verify', '--help', "say '!config help'", 'key'])(
    'may be closed by who has read enough of %s: nothing is said of it',
    (command) => {
      const { status, stderr } = inShell(`chatwarden ${command} | true`)
      expect(status).toBe(0)
      expect(stderr).not.toMatch(/EPIPE|^ {4}at /m)
    },
  )

  test.skipIf(!existsSync('/dev/full')).each(['export --to -', 'verify', '--help', 'key'])(
    'that is full is told, and ends %s with 3',
    (command) => {
      const { status, stderr } = inShell(`chatwarden ${command} > /dev/full`)
      expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringMatching(/could not be written: ENOSPC/) })
      expect(stderr).not.toMatch(/^ {4}at /m)
    },
  )
})

describe('a disk that takes no more', () => {
  test('leaves nothing of an export, and is a line', async () => {
    const folder = temporaryFolder()
    const line = `ulimit -f 0; "${process.execPath}" "${CLI}" export --to x.json 2>&1 | cat`
    const { stdout, status } = spawnSync('bash', ['-c', `set -o pipefail; ${line}`], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', ...environmentOf(shared.warden.path) },
      cwd: folder,
    })
    expect({ status, stdout }).toEqual({ status: 3, stdout: expect.stringMatching(/^Chatwarden cannot go on/) })
    expect(readdirSync(folder)).toEqual([])
  })
})

test('a key is not named what no key can be named', async () => {
  for (const origin of ['a+b', 'a b', '', '\ud800'])
    expect(await told(runKey, ['new', '--origin', origin])).toMatchObject({ code: 2, stdout: '' })
})
