import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { explain } from '../../src/cli/explain.ts'
import { run as runExport } from '../../src/cli/export.ts'
import { run as runReport } from '../../src/cli/report.ts'
import { temporaryFolder } from '../support/chatwarden.ts'
import { type Ran, runHere } from '../support/run-here.ts'
import { shareWarden } from '../support/shared-warden.ts'

const shared = shareWarden()
const writers: readonly [string, (path: string) => Promise<Ran>][] = [
  ['export --to', (path) => told(runExport, ['--to', path])],
  ['report --html', (path) => told(runReport, ['daily', '--html', path])],
]
const told = (run: (args: string[]) => Promise<number>, args: readonly string[]): Promise<Ran> => {
  const { path, folder } = shared.warden
  const env = { AUDIT_ARCHIVE_DIR: join(folder, 'kept'), WHATSAPP_SESSION_DIR: join(folder, 'session') }
  return runHere((words) => run(words).catch((error) => explain(error)), args, { path, folder }, env)
}

const own: readonly [string, RegExp][] = [
  ['DB', /is the database of this trail\./],
  ['DB-wal', /begins like the database/],
  ['DB-shm', /begins like the database/],
  ['DB-journal', /begins like the database/],
  ['DB.signing-key', /is the key that signs this trail\./],
  ['DB.signing-key.next', /begins like the database/],
  ['DB.instance', /is the file by which this bot is known/],
  ['DB.erasures', /is the list of whom erasures erased/],
  ['DB.spool/x.jsonl', /in the folder of entries that wait/],
  ['DB.archive/2026/a.jsonl.gz', /in the folder of archives/],
  ['settings.key', /is the key of secret settings/],
  ['session/creds.json', /in the folder of the keys of the linked device/],
  ['kept/2026/audit-1-9-0123abcd.jsonl.gz', /is an archive of this trail/],
]

describe('Chatwarden’s own files are never replaced', () => {
  let root: string
  let before: string
  beforeEach(() => {
    root = realpathSync(shared.warden.folder)
    before = process.cwd()
    mkdirSync(join(root, 'sub'), { recursive: true })
    process.chdir(root)
  })
  afterEach(() => process.chdir(before))
  const named = (name: string) => name.replace('DB', basename(shared.warden.path))

  test.each(writers.flatMap(([by, write]) => own.map(([name, words]) => [by, name, words, write] as const)))(
    'by %s: %s, however its path is written',
    async (_by, name, words, write) => {
      const file = named(name)
      const other = temporaryFolder()
      symlinkSync(root, join(other, 'link'))
      symlinkSync(join(root, 'sub'), join(other, 'below'))
      const was = existsSync(file) ? readFileSync(file) : undefined
      for (const path of [
        file,
        join(root, file),
        `sub/../${file}`,
        `${other}/link/${file}`,
        `${other}/below/../${file}`,
      ]) {
        const { code, stderr } = await write(path)
        expect({ path, code, stderr: stderr.trim() }).toEqual({ path, code: 2, stderr: expect.stringMatching(words) })
        expect(stderr).toContain(path)
      }
      if (was === undefined) expect(existsSync(file)).toBe(false)
      else if (name !== 'DB-shm') expect(readFileSync(file).equals(was)).toBe(true)
    },
  )

  test.each(writers)('by %s: nor the configuration in the folder where one works', async (_by, write) => {
    writeFileSync('.env', '# mine')
    for (const path of ['.env', './sub/../.env', join(root, '.env')])
      expect(await write(path)).toMatchObject({ code: 2, stderr: expect.stringContaining('is the configuration.') })
    expect(readFileSync('.env', 'utf8')).toBe('# mine')
    rmSync('.env')
  })

  test.each(writers)('by %s: nor another name of one', async (_by, write) => {
    const folder = temporaryFolder()
    const name = join(folder, 'x.json')
    linkSync(shared.warden.path, name)
    expect(await write(name)).toMatchObject({ code: 2, stderr: expect.stringContaining('is the database') })
    expect(statSync(name).ino).toBe(statSync(shared.warden.path).ino)
  })

  test('nor by what would lie beside an export', async () => {
    const run = (url: string, to: string) =>
      runHere((words) => runExport(words).catch((error) => explain(error)), ['--to', to], { path: url, folder: root })
    for (const beside of ['manifest', 'sha256'])
      expect(await run(join(root, `a.${beside}`), 'a')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(`--to a.${beside} is the database of this trail.`),
      })
  })

  test('nor by the library', async () => {
    const { AuditLogRepository } = shared.warden
    for (const name of ['DB', 'DB-wal', 'DB.signing-key', 'settings.key', 'DB.spool/x.json'])
      await expect(AuditLogRepository.exportTo(named(name), 'json')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(AuditLogRepository.exportTo('a\nb.csv', 'csv')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  test.each(writers)('by %s: but what only looks like one is written', async (_by, write) => {
    mkdirSync('kept', { recursive: true })
    for (const path of [`sub/${named('DB')}`, 'settings.json', 'kept/mine.json', 'x.env'])
      expect(await write(path)).toMatchObject({ code: 0 })
    expect(readdirSync('kept')).toContain('mine.json')
  })
})

describe('a name of several lines', () => {
  test.each(writers)('is none for %s, and is told on one', async (_by, write) => {
    for (const mark of ['\n', '\r', '\t', '\x1b', '\u2028', '\x7f']) {
      const ran = await write(join(temporaryFolder(), `a${mark}b.csv`))
      expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('a\ufffdb.csv must be a path') })
      expect(ran.stderr.trim().split('\n')).toHaveLength(1)
    }
  })
})
