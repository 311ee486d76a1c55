import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { UsageError } from '../../src/app/usage-error.ts'
import { type ManifestFields, openManifest, signManifest } from '../../src/audit/export/manifest.ts'
import { sidecarText } from '../../src/audit/export/sidecar.ts'
import { type ExportVerification, verifyExport } from '../../src/audit/export/verify-export.ts'
import { Signer } from '../../src/audit/tree/note.ts'
import { run as runKey } from '../../src/cli/key.ts'
import { run } from '../../src/cli/verify-export.ts'
import { DAY } from '../../src/kernel/clock.ts'
import { FakeClock, OWNER, openTestWarden, STRANGER, type TestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { type Ended, onCommandLine } from '../support/command-line.ts'
import { environmentOf } from '../support/database.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { keyIn } from '../support/tamper.ts'
import { keyOf } from '../support/writer.ts'

const shared = shareWarden()
const log = ({ AuditLogger }: TestWarden, count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, n) =>
      AuditLogger.logUsageQuery({ performedBy: { phoneNumber: OWNER }, queryType: `query ${n}` }),
    ),
  )
beforeAll(() => log(shared.warden, 20))

type Format = 'json' | 'jsonl' | 'csv'

/** An export of all entries, or of those that match, in a folder of its own. */
async function exported(name = 'all.jsonl', filter = {}, warden = shared.warden): Promise<string> {
  const path = join(temporaryFolder(), name)
  await warden.AuditLogRepository.exportTo(path, (name.split('.')[1] ?? 'jsonl') as Format, filter)
  return path
}

const manifestIn = (path: string): string => readFileSync(`${path}.manifest`, 'utf8')
const verified = (path: string, warden = shared.warden): Promise<ExportVerification> =>
  verifyExport({ path, manifest: manifestIn(path), keys: [keyIn(warden.folder)] })

const onTrail = (args: readonly string[], warden = shared.warden): Promise<Ended> =>
  onCommandLine(() => run([...args]), environmentOf(warden.path))

const WHOLE = 'the entries are all of the signed tree: nothing was left out.'
const SIGNER = 'That no entry which matches was left out rests on the signer.'

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

/** Puts another content in place, and makes all that is beside it say so. */
function replaced(path: string, content: Buffer, signer: Signer, changes: Partial<ManifestFields> = {}): void {
  const { fields, checkpoint } = openManifest(manifestIn(path), [keyIn(shared.warden.folder)])
  const hash = sha256(content)
  writeFileSync(path, content)
  writeFileSync(`${path}.sha256`, sidecarText(hash, path))
  const forged = { ...fields, sha256: hash, bytes: content.length, ...changes }
  writeFileSync(`${path}.manifest`, signManifest(forged, checkpoint, signer))
}

const linesOf = (path: string): string[] => readFileSync(path, 'utf8').split(/(?<=\n)/)

describe('what was not touched is clean', () => {
  test.each(['all.jsonl', 'all.jsonl.gz'])('%s of all entries is the whole tree', async (name) => {
    const { code, out } = await onTrail([await exported(name)])
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(WHOLE) })
    expect(out).toContain('by SYSTEM (api).\nFilters: {}; times of UTC.\n')
  })

  test.each(['all.json', 'all.json.gz', 'all.csv', 'all.csv.gz'])('%s rests on the signer', async (name) => {
    const { code, out } = await onTrail([await exported(name)])
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(SIGNER) })
  })

  test('what a filter left out rests on the signer, and so does nothing at all', async () => {
    for (const filter of [{ category: 'ADMIN' } as const, { text: 'query 7' }, { action: 'NO_SUCH' }])
      for (const name of ['some.jsonl', 'some.json', 'some.csv.gz']) {
        const { code, out } = await onTrail([await exported(name, filter)])
        expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(SIGNER) })
      }
  })

  test('under another name, without its sidecar, and with its manifest elsewhere', async () => {
    const path = await exported()
    const other = join(temporaryFolder(), 'renamed.jsonl')
    copyFileSync(path, other)
    expect(await onTrail(['--manifest', `${path}.manifest`, other])).toMatchObject({ code: 0 })
    copyFileSync(`${path}.sha256`, `${other}.sha256`)
    expect(await onTrail(['--manifest', `${path}.manifest`, other])).toMatchObject({ code: 0 })
    const compressed = await exported('all.jsonl.gz')
    copyFileSync(compressed, other)
    rmSync(`${other}.sha256`)
    expect(await onTrail(['--manifest', `${compressed}.manifest`, other])).toMatchObject({ code: 0 })
  })

  test.each(['all.jsonl', 'all.jsonl.gz'])('in numbered parts that nobody has joined: %s', async (name) => {
    const path = await exported(name)
    const content = readFileSync(path)
    const size = Math.ceil(content.length / 3)
    for (let n = 0; n < 3; n++) writeFileSync(`${path}.00${n + 1}`, content.subarray(n * size, (n + 1) * size))
    rmSync(path)
    expect(await onTrail([path])).toMatchObject({ code: 0, out: expect.stringContaining(WHOLE) })
    renameSync(`${path}.002`, `${path}.tmp`)
    renameSync(`${path}.003`, `${path}.002`)
    renameSync(`${path}.tmp`, `${path}.003`)
    expect(await onTrail([path])).toMatchObject({ code: 5 })
    rmSync(`${path}.003`)
    expect(await onTrail([path])).toMatchObject({ code: 5 })
  })

  test('in an empty folder without a database, by the key alone, and nothing is left there', async () => {
    const path = await exported()
    const folder = temporaryFolder()
    const env = environmentOf(join(folder, 'none/chatwarden.db'))
    const key = keyIn(shared.warden.folder).toString()
    writeFileSync(join(folder, 'key.txt'), `${key}\n`)
    for (const given of [key, join(folder, 'key.txt')])
      expect(await onCommandLine(() => run([path, '--key', given]), env)).toMatchObject({
        code: 0,
        out: expect.stringContaining(WHOLE),
      })
    expect(await onCommandLine(() => run([path]), env)).toMatchObject({
      code: 3,
      out: expect.stringContaining('there is no key'),
    })
    expect(readdirSync(folder)).toEqual(['key.txt'])
  })
})

describe('whatever was changed is found', () => {
  /** Flips a bit of each byte of a file, one at a time. @returns where nothing was found. */
  async function unnoticed(path: string, changed: string, bits: readonly number[]): Promise<string[]> {
    const content = readFileSync(changed)
    const keys = [keyIn(shared.warden.folder)]
    const clean: string[] = []
    for (let at = 0; at < content.length; at++)
      for (const bit of bits) {
        const flipped = Buffer.from(content)
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
        writeFileSync(changed, flipped)
        const { findings } = await verifyExport({ path, manifest: manifestIn(path), keys })
        if (findings.length === 0) clean.push(`${at}^${bit}`)
      }
    writeFileSync(changed, content)
    return clean
  }

  test.each([
    ['', [0]],
    ['.manifest', [0, 5]],
    ['.sha256', [0, 7]],
  ] as const)('every byte of a file, of its manifest and of its sidecar: %s', async (suffix, bits) => {
    const path = await exported('two.jsonl', { text: 'query 1', endDate: new Date(shared.clock.now()) })
    const twoLines = linesOf(path).slice(0, 2)
    replaced(path, Buffer.from(twoLines.join('')), keyOf(shared.warden.path).current(), { entries: 2 })
    expect(await verified(path)).toMatchObject({ findings: [] })
    expect(await unnoticed(path, `${path}${suffix}`, bits)).toEqual([])
  })

  test.each(['two.csv.gz'])('every byte of %s', async (name) => {
    const path = await exported(name, { text: 'query 7' })
    expect(await unnoticed(path, path, [3])).toEqual([])
  })

  const CHANGES: Readonly<Record<string, (lines: string[]) => string[]>> = {
    'a line is dropped': ([_, ...rest]) => rest,
    'the last line is dropped': (lines) => lines.slice(0, -1),
    'two lines are swapped': ([a = '', b = '', ...rest]) => [b, a, ...rest],
    'a line is doubled': ([a = '', ...rest]) => [a, a, ...rest],
    'a line is added': (lines) => [...lines, '\n'],
    'a word is another': (lines) => lines.map((line) => line.replaceAll('query 1', 'query 2')),
    'it is cut': (lines) => [lines.join('').slice(0, 500)],
    'it is empty': () => [],
  }

  test.each(Object.keys(CHANGES))('%s', async (change) => {
    for (const name of ['all.jsonl', 'all.json', 'all.csv']) {
      const path = await exported(name)
      const before = linesOf(path)
      const after = Buffer.from(CHANGES[change]?.(before).join('') ?? '')
      writeFileSync(path, after)
      expect(await onTrail([path])).toMatchObject({ code: 5, out: expect.stringContaining('1 finding.') })
      writeFileSync(`${path}.sha256`, sidecarText(sha256(after), path))
      expect(await onTrail([path])).toMatchObject({ code: 5 })
    }
  })

  test.each(Object.keys(CHANGES))('with everything computed again and signed by somebody else: %s', async (change) => {
    const path = await exported()
    const lines = CHANGES[change]?.(linesOf(path)) ?? []
    const forger = Signer.generate(keyIn(shared.warden.folder).name)
    replaced(path, Buffer.from(lines.join('')), forger, { entries: lines.length })
    expect(await onTrail([path])).toMatchObject({
      code: 5,
      out: expect.stringContaining('by none of the trusted keys'),
    })
  })

  test.each(['a line is doubled', 'two lines are swapped', 'a word is another', 'it is cut', 'a line is added'])(
    'even by who has the key, where the tree tells: %s',
    async (change) => {
      const path = await exported()
      const lines = CHANGES[change]?.(linesOf(path)) ?? []
      replaced(path, Buffer.from(lines.join('')), keyOf(shared.warden.path).current())
      expect(await onTrail([path])).toMatchObject({ code: 5 })
    },
  )

  test('who has the key and leaves entries out cannot say that nothing was left out', async () => {
    for (const change of ['a line is dropped', 'the last line is dropped']) {
      const path = await exported()
      const lines = CHANGES[change]?.(linesOf(path)) ?? []
      replaced(path, Buffer.from(lines.join('')), keyOf(shared.warden.path).current(), { entries: lines.length })
      expect(await onTrail([path])).toMatchObject({ code: 0, out: expect.stringContaining(SIGNER) })
    }
  })

  test.each<[string, string, (content: Buffer) => Buffer]>([
    ['a gzip that ends too early', 'all.jsonl.gz', (content) => content.subarray(0, -20)],
    ['no gzip', 'all.jsonl.gz', () => Buffer.from('{}\n')],
    ['a gzip of no UTF-8', 'all.json.gz', () => gzipSync(Buffer.of(0x5b, 0x0a, 0xff, 0xfe, 0x0a))],
    ['no UTF-8', 'all.jsonl', (content) => Buffer.concat([content, Buffer.of(0xc3)])],
    ['a line without an end', 'all.jsonl', () => Buffer.alloc(3 * 1024 * 1024, 'x')],
    ['no entries', 'all.jsonl', () => Buffer.from('{"seq":0}\n')],
    ['no JSON lines', 'all.jsonl', () => Buffer.from('hello\n')],
    ['no array', 'all.json', () => Buffer.from('{}\n')],
    ['no CSV', 'all.csv', () => Buffer.from('id,seq\r\n"a\r\n')],
    ['rows of other lengths', 'all.csv', () => Buffer.from('id,seq\r\na,1,2\r\n')],
  ])('who has the key signed %s', async (_, name, make) => {
    const path = await exported(name)
    replaced(path, make(readFileSync(path)), keyOf(shared.warden.path).current())
    expect(await onTrail([path])).toMatchObject({ code: 5, out: expect.stringMatching(/^✘ /) })
  })

  test('a manifest of another export of the same trail', async () => {
    const [path, other] = [await exported(), await exported('some.jsonl', { category: 'ADMIN' })]
    copyFileSync(`${other}.manifest`, `${path}.manifest`)
    expect(await onTrail([path])).toMatchObject({ code: 5 })
    copyFileSync(`${other}.sha256`, `${path}.sha256`)
    expect(await onTrail([path])).toMatchObject({ code: 5 })
  })

  test('another note that the same key signed in place of the manifest', async () => {
    const path = await exported()
    const [{ checkpoint = '' } = {}] = shared.warden.sql<{ checkpoint: string }>('SELECT checkpoint FROM audit_head')
    writeFileSync(`${path}.manifest`, checkpoint)
    expect(await onTrail([path])).toMatchObject({ code: 5, out: expect.stringContaining('no manifest') })
  })

  test('the key of another trail trusts nothing of it', async () => {
    const path = await exported()
    const other = Signer.generate('somebody.example').verifier.toString()
    expect(await onTrail([path, '--key', other])).toMatchObject({
      code: 5,
      out: expect.stringContaining('by none of the trusted keys'),
    })
    const own = keyIn(shared.warden.folder).toString()
    expect(await onTrail([path, '--key', other, '--key', own])).toMatchObject({ code: 0 })
  })
})

test('after the key was changed an old file is checked by the old key, and a new one by the new', async () => {
  const folder = temporaryFolder()
  const warden = await openTestWarden({ clock: new FakeClock() }, folder, () => {})
  await log(warden, 3)
  const old = await exported('old.jsonl', {}, warden)
  const oldKey = keyIn(folder).toString()
  await warden.close()
  const env = environmentOf(warden.path)
  expect(await onCommandLine(() => runKey(['rotate']), env)).toMatchObject({ code: 0 })
  const again = await openTestWarden({}, folder)
  const recent = await exported('recent.jsonl', {}, again)
  expect(await onTrail([old, '--key', oldKey], again)).toMatchObject({ code: 0, out: expect.stringContaining(WHOLE) })
  expect(await onTrail([old], again)).toMatchObject({ code: 5 })
  expect(await onTrail([recent], again)).toMatchObject({ code: 0, out: expect.stringContaining(WHOLE) })
  expect(await onTrail([recent, '--key', oldKey], again)).toMatchObject({ code: 5 })
})

test('where retention has removed entries, completeness rests on the signer', async () => {
  const clock = new FakeClock()
  const warden = await openTestWarden({ clock })
  await warden.AuditLogger.logRateLimitViolation({ phoneNumber: STRANGER, limitType: 'user' })
  clock.advance(91 * DAY)
  await log(warden, 3)
  expect(await onTrail([await exported('all.jsonl', {}, warden)], warden)).toMatchObject({
    code: 0,
    out: expect.stringContaining(WHOLE),
  })
  expect(await warden.cleanupExpiredAuditLogs()).toBeGreaterThan(0)
  expect(await onTrail([await exported('all.jsonl', {}, warden)], warden)).toMatchObject({
    code: 0,
    out: expect.stringContaining(SIGNER),
  })
})

describe('what cannot be checked', () => {
  test('has no manifest, no file, or is a folder', async () => {
    const path = await exported()
    const folder = join(temporaryFolder(), 'folder.jsonl')
    mkdirSync(folder)
    copyFileSync(`${path}.manifest`, `${folder}.manifest`)
    for (const args of [
      [join(temporaryFolder(), 'none.jsonl')],
      [folder],
      [path, '--manifest', `${path}.none`],
      [path, '--key', temporaryFolder()],
    ])
      expect(await onTrail(args)).toMatchObject({ code: 3, out: expect.stringContaining('Could not check: ') })
    rmSync(`${path}.manifest`)
    expect(await onTrail([path])).toMatchObject({ code: 3 })
  })

  test.each([[[]], [['a', 'b']], [['a', '--key', 'no key']], [['a', '--key', `${basename('x')}+1234abcd+AAAA`]]])(
    'is asked wrongly: %j',
    async (args) => {
      await expect(onTrail(args)).rejects.toThrow(UsageError)
    },
  )
})
