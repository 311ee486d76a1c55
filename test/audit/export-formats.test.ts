import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineEvent } from '../../src/audit/entry/event-type.ts'
import { cellText, csvCell } from '../../src/audit/export/csv-cell.ts'
import { toExportEntry } from '../../src/audit/export/export-entry.ts'
import { Exporter } from '../../src/audit/export/exporter.ts'
import { type ExportFormat, type ExportProfile, formatOf } from '../../src/audit/export/formats.ts'
import { entryOfLine } from '../../src/audit/export/jsonl-entry.ts'
import { openManifest } from '../../src/audit/export/manifest.ts'
import { pieces } from '../../src/audit/export/pieces.ts'
import { verifyExport } from '../../src/audit/export/verify-export.ts'
import { leafHash } from '../../src/audit/tree/leaf.ts'
import type { ProvableEntry } from '../../src/audit/verify/proof.repository.ts'
import { isPhone } from '../../src/kernel/phone.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { openSnapshot } from '../../src/storage/snapshot.ts'
import { shareCleanUps } from '../support/at-end.ts'
import { FakeClock, OWNER, type TestWarden, temporaryFolder, USER } from '../support/chatwarden.ts'
import { readCsv } from '../support/csv.ts'
import { testDatabase } from '../support/database.ts'
import { leafFields } from '../support/entries.ts'
import { FORMULAS } from '../support/formulas.ts'
import { runPython } from '../support/python.ts'
import { cellsSeparatedBy } from '../support/separated.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { keyIn } from '../support/tamper.ts'
import { keyOf } from '../support/writer.ts'

const anything = defineEvent({
  category: 'ADMIN',
  failure: 'open',
  metadata: z.looseObject({}),
  describe: ({ text }) => String(text),
  resource: ({ text }) => ({ type: 'note', id: String(text) }),
})
const events = { ANYTHING: anything }

const HARMLESS = [
  '',
  'plain',
  'a,b',
  'a"b',
  '"',
  "'",
  "it's",
  '1,5',
  '5-3',
  '日本語',
  'a\r\nb',
  'a\rb',
  'a\nb',
  ' x ',
  USER,
  'ﬁ😀',
]

/** One entry as the database holds it. */
type Row = Omit<ProvableEntry, 'createdAt'> & { readonly createdAt: number; readonly leafHash: Uint8Array }

const rowsOf = ({ sql }: TestWarden): Row[] =>
  sql<Row>(`SELECT seq, id, created_at AS "createdAt", source, category, action, description, user_id AS "userId",
    account, actor_name AS "actorName", user_role AS "userRole", resource_type AS "resourceType",
    resource_id AS "resourceId", subject_id AS "subjectId", channel_id AS "channelId", request_id AS "requestId", ip_address AS "ipAddress",
    user_agent AS "userAgent", metadata, nonce, leaf_hash AS "leafHash" FROM audit_logs ORDER BY seq`)

const shared = shareWarden({ events })
beforeAll(async () => {
  const { AuditLogger } = shared.warden
  await Promise.all(
    [...FORMULAS, ...HARMLESS].flatMap((text, n) => {
      const person = { role: 'USER', name: text, phoneNumber: n % 2 === 0 ? USER : 'GLOBAL' }
      const place = { source: 'api', channelId: text, requestId: text, ipAddress: text, userAgent: text } as const
      const metadata = { text, reason: text, [text]: [text, { n, none: null, is: true, small: 1e-7, large: 2 ** 53 }] }
      return AuditLogger.record({ action: 'ANYTHING', actor: person, place, metadata })
    }),
  )
  await Promise.all(
    Array.from({ length: 1100 }, (_, n) =>
      AuditLogger.logUsageQuery({ performedBy: { phoneNumber: OWNER }, queryType: `query ${n}` }),
    ),
  )
})

const PYTHON = `
import csv, json, sys
readers = {
    'json': lambda path: json.load(open(path, encoding='utf-8')),
    'jsonl': lambda path: [json.loads(line) for line in open(path, encoding='utf-8', newline='\\n')],
    'csv': lambda path: list(csv.reader(open(path, encoding='utf-8', newline=''), strict=True)),
}
print(json.dumps([readers[format](path) for format, path in zip(sys.argv[1::2], sys.argv[2::2])]))`

/** Files as somebody reads them who has never heard of us. */
async function readElsewhere(
  files: readonly (readonly [path: string, format: ExportFormat])[],
  folder = temporaryFolder(),
): Promise<unknown[]> {
  const args = files.flatMap(([path, format], index) => {
    const file = join(folder, `${index}`)
    const content = readFileSync(path)
    writeFileSync(file, path.endsWith('.gz') ? gunzipSync(content) : content)
    return [format, file]
  })
  const { code, stdout, stderr } = await runPython(['-c', PYTHON, ...args])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

const isoOf = (row: Row): string => new Date(row.createdAt).toISOString()
const newest = (rows: readonly Row[]): Row[] => [...rows].reverse()

/** What a file should hold, told by the database. */
const EXPECTED: Readonly<Record<string, (rows: readonly Row[]) => unknown>> = {
  json: (rows) =>
    newest(rows).map(({ nonce, leafHash: _, metadata, ...row }) => ({
      ...row,
      phoneNumber: row.account,
      createdAt: isoOf(row as Row),
      metadata: JSON.parse(metadata),
    })),
  jsonl: (rows) =>
    rows.map(({ nonce, leafHash: _, metadata, ...row }) => ({
      ...row,
      createdAt: isoOf(row as Row),
      metadata: JSON.parse(metadata),
      metadataText: metadata,
      nonce: Buffer.from(nonce).toString('hex'),
    })),
  csv: (rows) => {
    const names =
      'id,seq,createdAt,source,category,action,account,phoneNumber,actorName,userRole,userId,resourceType,resourceId,subjectId,channelId,requestId,ipAddress,userAgent,description,metadata'
    const columns = names.split(',') as (keyof Row | 'phoneNumber')[]
    return [
      columns,
      ...newest(rows).map((row) =>
        columns.map((name) =>
          cellOf(name === 'createdAt' ? isoOf(row) : row[name === 'phoneNumber' ? 'account' : name]),
        ),
      ),
    ]
  },
  moderation: (rows) => [
    'timestamp,actor_username,actor_id,action,resource_type,resource_id,channel_id,reason,ip_address'.split(','),
    ...newest(rows).map((row) =>
      [
        isoOf(row),
        row.actorName,
        row.account,
        row.action,
        row.resourceType,
        row.resourceId,
        row.channelId,
        JSON.parse(row.metadata).reason ?? null,
        row.ipAddress,
      ].map(cellOf),
    ),
  ],
}

/** What stands in the cell, with the apostrophe that keeps a formula from being one. */
const cellOf = (value: unknown): string => {
  const text = value === null ? '' : String(value)
  const inner = text.replace(/(?<=[;\t\r\n])(?='*[^\S\t\r\n"]*"*[=+\-@＝＋－＠])/gu, "'")
  return /^'*\s*[=+\-@＝＋－＠]|^'*[\t\r\n]/u.test(text) && !/^\+[0-9]{7,15}$/.test(text) ? `'${inner}` : inner
}

const FILES: readonly (readonly [name: string, format: ExportFormat, profile: ExportProfile | undefined])[] = [
  ['all.json', 'json', undefined],
  ['all.json.gz', 'json', undefined],
  ['all.jsonl', 'jsonl', undefined],
  ['all.jsonl.gz', 'jsonl', undefined],
  ['all.csv', 'csv', undefined],
  ['all.csv.gz', 'csv', undefined],
  ['moderation.csv', 'csv', 'moderation'],
  ['moderation.csv.gz', 'csv', 'moderation'],
]

/** The whole trail in each of the files: how many entries that were, and what another program reads. */
const whole = {} as { folder: string; files: Map<string, { rows: Row[]; count: number; read: unknown }> }
const cleanUps = shareCleanUps()
beforeAll(async () => {
  const { AuditLogRepository } = shared.warden
  const folder = temporaryFolder(cleanUps.add)
  const exported: { rows: Row[]; count: number }[] = []
  for (const [name, format, profile] of FILES) {
    const rows = rowsOf(shared.warden)
    const options = { ...(profile && { profile }) }
    exported.push({ rows, count: await AuditLogRepository.exportTo(join(folder, name), format, {}, options) })
  }
  const read = await readElsewhere(
    FILES.map(([name, format]) => [join(folder, name), format]),
    folder,
  )
  const files = new Map(FILES.map(([name], n) => [name, { ...exported[n], read: read[n] }]))
  Object.assign(whole, { folder, files })
})

test.each(FILES)('%s holds what the database does, read by another program', (name, format, profile) => {
  const { folder, files } = whole
  const path = join(folder, name)
  const { rows = [], ...file } = files.get(name) ?? {}
  expect(file).toEqual({ count: rows.length, read: EXPECTED[profile ?? format]?.(rows) })
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
  expect(readFileSync(`${path}.sha256`, 'utf8')).toBe(`${sha256}  ${name}\n`)
  const { fields } = openManifest(readFileSync(`${path}.manifest`, 'utf8'), [keyIn(shared.warden.folder)])
  expect(fields).toMatchObject({
    sha256,
    entries: rows.length,
    'first-seq': 0,
    'last-seq': rows.length - 1,
    compression: name.endsWith('.gz') ? 'gzip' : 'none',
  })
})

test('of nothing is a file that can be read too, and of one entry', async () => {
  const { warden } = shared
  const row = rowsOf(warden).find(({ description }) => description.includes('query 1099')) as Row
  const files: [path: string, format: ExportFormat][] = []
  const expected: unknown[] = []
  for (const [name, format, profile] of FILES) {
    const options = { ...(profile && { profile }) }
    const none = join(temporaryFolder(), name)
    expect(await warden.AuditLogRepository.exportTo(none, format, { action: 'NO_SUCH' }, options)).toBe(0)
    expect(readFileSync(`${none}.manifest`, 'utf8')).not.toContain('first-seq')
    const one = join(temporaryFolder(), name)
    expect(
      await warden.AuditLogRepository.exportTo(one, format, { text: 'query 1099', action: 'USAGE_QUERY' }, options),
    ).toBe(1)
    files.push([none, format], [one, format])
    expected.push(EXPECTED[profile ?? format]?.([]), EXPECTED[profile ?? format]?.([row]))
  }
  expect(await readElsewhere(files)).toEqual(expected)
})

test('a trail without entries is an empty file, and its manifest has no checkpoint', async () => {
  const folder = temporaryFolder()
  const database = testDatabase(folder)
  await (await openDatabase(database.url)).close()
  const key = keyOf(database.path)
  const exporter = new Exporter(() => openSnapshot(database.url), key, new FakeClock())
  const path = join(folder, 'none.jsonl')
  const request = { path, filter: {}, format: 'jsonl', by: 'SYSTEM', timeZone: 'UTC' } as const
  expect(await exporter.write(request)).toMatchObject({ count: 0, bytes: 0 })
  const manifest = readFileSync(`${path}.manifest`, 'utf8')
  const keys = [keyIn(folder)]
  expect(openManifest(manifest, keys)).toMatchObject({ checkpoint: '', fields: { entries: 0 } })
  expect(await verifyExport({ path, manifest, keys })).toMatchObject({ findings: [], completeness: 'signer' })
})

test('the lines of a JSONL give the leaves of the tree again', async () => {
  const { warden } = shared
  const path = join(temporaryFolder(), 'all.jsonl')
  const rows = rowsOf(warden)
  await warden.AuditLogRepository.exportTo(path, 'jsonl')
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  expect(lines.map((line) => leafHash(entryOfLine(line)).toString('hex'))).toEqual(
    rows.map((row) => Buffer.from(row.leafHash).toString('hex')),
  )
})

test('the reason in the moderation CSV is text, whatever a host means by a reason', async () => {
  const { warden } = shared
  const reasons = [{ code: 7 }, ['a', 'b'], 7, false, null, 'words', '=1+1']
  for (const reason of reasons)
    await warden.AuditLogger.record({
      action: 'ANYTHING',
      actor: { account: 'SYSTEM', role: 'SYSTEM' },
      place: { source: 'api' },
      metadata: { reason, mark: 'the reasons' },
    })
  const path = join(temporaryFolder(), 'reasons.csv')
  await warden.AuditLogRepository.exportTo(path, 'csv', { text: 'the reasons' }, { profile: 'moderation' })
  const cells = readCsv(readFileSync(path, 'utf8'))
    .slice(1)
    .map((row) => row[7])
  expect(cells.reverse()).toEqual(['{"code":7}', '["a","b"]', '7', 'false', '', 'words', "'=1+1"])
})

describe('text of any kind', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({
      unit: fc.constantFrom(
        "'",
        '=',
        '+',
        '-',
        '@',
        '＝',
        '＠',
        ' ',
        '\t',
        '\r',
        '\n',
        '"',
        ',',
        ';',
        'x',
        '\uFEFF',
        '\u2028',
      ),
      maxLength: 8,
    }),
    fc.constantFrom(...FORMULAS, ...HARMLESS),
  )
  const begins = (cell: string) => /^\s*[=+\-@＝＋－＠]/u.test(cell)
  const isFormula = (cell: string) => /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/u.test(cell) && !isPhone(cell)

  test('comes back from its cell, and no cell is a formula', () => {
    fc.assert(
      fc.property(text, (each) => {
        expect(cellText(csvCell(each))).toBe(each)
        expect(isFormula(csvCell(each))).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  test('is no formula in any part, where semicolons or tabs separate', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), (texts) => {
        const line = stringify([['id', ...texts.map(csvCell)]], { record_delimiter: 'windows', quoted_match: /[\r\n]/ })
        for (const separator of [';', '\t']) expect(cellsSeparatedBy(separator, line).filter(begins)).toEqual([])
      }),
      { numRuns: 200000 },
    )
  })

  test.each([
    ['pls see =1+1;=1+2', "pls see =1+1;'=1+2"],
    ['a;-b', "a;'-b"],
    ['a; =b', "a;' =b"],
    ['a;"=b', 'a;\'"=b'],
    ['a\t@b', "a\t'@b"],
    ['a\n+b', "a\n'+b"],
    ['a\r\n=b', "a\r\n'=b"],
    ["a;'=b", "a;''=b"],
    ['=a;=b', "'=a;'=b"],
    ['a;b=c', 'a;b=c'],
    ['a,=b', 'a,=b'],
    ['a;', 'a;'],
  ])('%j stands in its cell as %j', (each, cell) => {
    expect(csvCell(each)).toBe(cell)
    expect(cellText(cell)).toBe(each)
  })

  const entry = fc
    .record({
      description: text,
      account: text,
      actorName: fc.option(text.filter((each) => each !== '')),
      resourceId: fc.option(text.filter((each) => each !== '')),
      channelId: fc.option(text.filter((each) => each !== '')),
      userAgent: fc.option(text.filter((each) => each !== '')),
      metadata: fc.dictionary(text, fc.jsonValue()).map((value) => JSON.stringify(value)),
    })
    .map((fields) => ({ ...leafFields(fields as object), seq: 7 }) as ProvableEntry)

  async function written(format: ExportFormat, entries: ProvableEntry[]): Promise<string> {
    const parts: string[] = []
    async function* pages() {
      yield entries.slice(0, 1).map(toExportEntry)
      yield []
      yield entries.slice(1).map(toExportEntry)
    }
    for await (const piece of pieces(pages(), formatOf(format), { count: 0 })) parts.push(piece)
    return parts.join('')
  }

  test('comes back from JSON, JSONL and CSV as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 4 }), async (entries) => {
        const plain = entries.map(({ nonce, metadata, ...each }) => ({
          ...each,
          phoneNumber: each.account,
          createdAt: each.createdAt.toISOString(),
          metadata: JSON.parse(metadata),
        }))
        expect(JSON.parse(await written('json', entries))).toEqual(plain)
        const lines = (await written('jsonl', entries)).split('\n').slice(0, -1)
        expect(lines.map(entryOfLine)).toEqual(entries.map((each) => ({ ...each, nonce: new Uint8Array(each.nonce) })))
        const content = await written('csv', entries)
        const [names = [], ...rows] = readCsv(content)
        expect(rows.flat().filter(isFormula)).toEqual([])
        for (const separator of [';', '\t']) expect(cellsSeparatedBy(separator, content).filter(begins)).toEqual([])
        expect(rows.map((row) => row.map(cellText))).toEqual(
          entries.map((each) =>
            names.map((name) =>
              name === 'createdAt'
                ? each.createdAt.toISOString()
                : String({ ...each, phoneNumber: each.account }[name as keyof ProvableEntry] ?? ''),
            ),
          ),
        )
      }),
      { numRuns: 100 },
    )
  })

  test('that a host logs comes back from all three files', async () => {
    const { warden } = shared
    const first = rowsOf(warden).length
    const metadata = fc.sample(fc.dictionary(text, fc.jsonValue()), 100)
    await Promise.all(
      metadata.map((each) =>
        warden.AuditLogger.record({
          action: 'ANYTHING',
          actor: { account: 'SYSTEM', role: 'SYSTEM' },
          place: { source: 'import' },
          metadata: each,
        }),
      ),
    )
    const rows = rowsOf(warden).slice(first)
    expect(rows.map((row) => row.source)).toEqual(metadata.map(() => 'import'))
    const folder = temporaryFolder()
    const files = (['json', 'jsonl', 'csv'] as const).map((format) => [join(folder, `file.${format}`), format] as const)
    for (const [path, format] of files) await warden.AuditLogRepository.exportTo(path, format, { source: 'import' })
    expect(await readElsewhere(files)).toEqual(files.map(([, format]) => EXPECTED[format]?.(rows)))
  })
})
