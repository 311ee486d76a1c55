import { randomBytes } from 'node:crypto'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { canonicalJson } from '../../src/audit/entry/canonical.ts'
import { auditEvent } from '../../src/audit/entry/entry.ts'
import type { ExportEntry } from '../../src/audit/export/export-entry.ts'
import { type ExportFormat, formatOf } from '../../src/audit/export/formats.ts'
import { checkSource, readRecord } from '../../src/audit/import/checked-source.ts'
import { sourceRecords } from '../../src/audit/import/source-records.ts'
import { parseSourceTime } from '../../src/audit/import/source-time.ts'
import { run as importCommand } from '../../src/cli/import.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { newId } from '../../src/kernel/ids.ts'
import { plainLine } from '../../src/kernel/plain-text.ts'
import { shareCleanUps } from '../support/at-end.ts'
import {
  ADMIN,
  OWNER,
  OWNER2,
  openTestWarden,
  openWithUser,
  STRANGER,
  type TestWarden,
  temporaryFolder,
  USER,
} from '../support/chatwarden.ts'
import { CLI, runNode } from '../support/child.ts'
import { confirmed } from '../support/confirming.ts'
import { environmentOf, openRaw } from '../support/database.ts'
import { fileIn, importedIn, importInto } from '../support/importing.ts'
import { findingsIn, keyIn } from '../support/tamper.ts'
import { type Entry, readEntry } from '../support/trail.ts'
import { openWriter } from '../support/writer.ts'

const FORMATS: readonly ExportFormat[] = ['jsonl', 'json', 'csv']
const BAN = {
  id: 'log-abc123',
  actor_id: 'user-def456',
  actor_username: 'admin_user',
  action: 'ban_user',
  resource_type: 'user',
  resource_id: 'user-ghi789',
  channel_id: 'channel-jkl012',
  details: { reason: 'Spam', duration: null, is_permanent: true },
  ip_address: '192.168.1.1',
  user_agent: 'Mozilla/5.0...',
  created_at: '2026-02-03T10:00:00Z',
}
const BAN_CSV = `timestamp,actor_username,actor_id,action,resource_type,resource_id,channel_id,reason,ip_address
2026-02-03T10:00:00Z,admin_jane,user-abc123,ban_user,user,user-def456,channel-ghi789,Spam,192.168.1.1
2026-02-03T10:05:00Z,mod_john,user-jkl012,unban_user,user,user-def456,channel-ghi789,Appeal approved,192.168.1.2
`
const JIT = `{"request_id":"req-123","event_type":"REQUESTED","event_time":"2026-01-15T10:00:00Z","account_id":"123456789012","channel_id":"ch1","actor_email":"user@company.com"}
{"request_id":"req-123","event_type":"APPROVED","event_time":"2026-01-15T10:05:00Z","account_id":"123456789012","channel_id":"ch1","actor_email":"approver@company.com"}
{"request_id":"req-123","event_type":"GRANTED","event_time":"2026-01-15T10:05:05Z","account_id":"123456789012","channel_id":"ch1","actor_email":"system"}
`

const lines = (...records: readonly object[]): string => records.map((each) => `${JSON.stringify(each)}\n`).join('')
const bans = (count: number, more: object = {}) =>
  lines(...Array.from({ length: count }, (_, index) => ({ ...BAN, id: `log-${index}`, ...more })))
const findings = (warden: TestWarden) =>
  findingsIn(warden.path, { keys: [keyIn(warden.folder)], now: systemClock.now() })
const withManifest = async (warden: TestWarden, name: string, format: ExportFormat, folder = warden.folder) => {
  const path = join(folder, name)
  await warden.AuditLogRepository.exportTo(path, format)
  return path
}

const cleanUps = shareCleanUps()
const shared = {} as { origin: TestWarden }
beforeAll(async () => {
  shared.origin = await openWithUser({}, cleanUps.add)
  const { AuditLogger } = shared.origin
  await AuditLogger.logRateLimitViolation({ phoneNumber: STRANGER, limitType: 'user' })
  await AuditLogger.logPermissionDenied({
    user: { phoneNumber: USER, name: '=1+1 "x", 😀' },
    phoneNumber: USER,
    action: '-2+3 O’Neil, "quoted"',
    reason: '@cmd',
  })
})

describe('an export of a trail', () => {
  test.each(['jsonl', 'json', 'csv', 'jsonl.gz', 'json.gz', 'csv.gz'])('comes back as it was from %s', async (name) => {
    const before = (await shared.origin.AuditLogRepository.query()).reverse().map(readEntry)
    const path = await withManifest(shared.origin, `whole.${name}`, name.replace('.gz', '') as ExportFormat)
    const warden = await openTestWarden()
    const { imported, source } = await importInto(warden, path)
    expect({ imported, bad: source.bad }).toEqual({ imported: before.length, bad: [] })
    const after = await importedIn(warden)
    if (!name.startsWith('jsonl')) after.reverse()
    const origin = keyIn(shared.origin.folder).name
    expect(after).toEqual(
      before.map(({ id, seq, createdAt, source, metadata, ...fields }) => ({
        ...fields,
        source: 'import',
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        seq: expect.any(Number),
        createdAt: expect.any(Date),
        metadata: {
          source: origin,
          sourceId: id,
          sourceTime: createdAt.toISOString(),
          sourceSeq: seq,
          sourceVia: source,
          details: metadata,
        },
      })),
    )
    expect(await findings(warden)).toEqual([])
  })

  test('comes once, in whichever format and however often', async () => {
    const warden = await openTestWarden()
    const first = await importInto(warden, await withManifest(shared.origin, 'once.jsonl', 'jsonl'))
    let known = first.imported
    for (const format of FORMATS) {
      // The entry of the export before is new.
      const path = await withManifest(shared.origin, `again.${format}`, format)
      expect(await importInto(warden, path)).toMatchObject({ imported: 1, known })
      known++
      expect(await importInto(warden, path)).toMatchObject({ imported: 0, known })
    }
    expect(await importedIn(warden)).toHaveLength(known)
  })

  test('of this very trail adds nothing', async () => {
    const warden = await openTestWarden()
    const path = await withManifest(warden, 'own.csv', 'csv')
    expect(await importInto(warden, path)).toMatchObject({ imported: 0 })
  })

  test('whose manifest is of another file needs a name', async () => {
    const path = await withManifest(shared.origin, 'first.jsonl', 'jsonl')
    const other = await withManifest(shared.origin, 'second.csv', 'csv')
    renameSync(`${other}.manifest`, `${path}.manifest`)
    await expect(checkSource({ path, format: 'jsonl' })).rejects.toThrow(/--from/)
    expect(await checkSource({ path, format: 'jsonl', from: 'the old bot' })).toMatchObject({ from: 'the old bot' })
  })

  describe('with whatever texts', () => {
    const folder = mkdtempSync(join(tmpdir(), 'chatwarden-test-'))
    afterAll(() => rmSync(folder, { recursive: true }))
    const nasty = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom(
        '=1+1',
        "'=x",
        "''",
        '-2',
        '+15550001111',
        '@a',
        'a\r\nb',
        'a,"b"',
        '😀',
        '\u2028',
        '\t',
        '{"a":1}',
      ),
    )
    const text = nasty.map((text) => plainLine(text, 200))
    const maybe = text.map((text) => (text === '' ? null : text))
    const keys = fc.oneof(nasty, fc.constantFrom('__proto__', 'constructor', 'details', 'nonce', '1', 'S'))
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        nasty,
        fc.constantFrom(1e21, -0, 2 ** 53, 1.5e-9, true, null),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.array(tie('value'), { maxLength: 3 }),
        tie('object'),
      ),
      object: fc.array(fc.tuple(keys, tie('value')), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs)),
    }))
    const metadata = fc
      .array(fc.tuple(keys, value), { maxLength: 4 })
      .map((pairs) => canonicalJson(Object.fromEntries(pairs)))
    const entry = fc.record({
      category: fc.constantFrom('AUTH', 'CONFIG', 'ADMIN', 'SECURITY'),
      action: fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.:-]{0,63}$/),
      description: text.map((text) => text || 'x'),
      userId: maybe,
      account: fc.constantFrom('+15550001111', 'SYSTEM', 'GLOBAL', 'whatsapp:123@lid', 'telegram:42'),
      actorName: maybe,
      userRole: fc.constantFrom('OWNER', 'NONE'),
      resourceType: maybe,
      resourceId: maybe,
      subjectId: maybe,
      channelId: maybe,
      requestId: maybe,
      ipAddress: maybe,
      userAgent: maybe,
      metadata,
    })

    test.each(FORMATS)('comes back as it was from %s', async (name) => {
      const format = formatOf(name)
      const path = join(folder, `any.${name}`)
      await fc.assert(
        fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 5 }), async (made) => {
          const entries = made.map((fields, seq) => {
            const stored = {
              seq,
              id: newId(),
              createdAt: new Date(seq * 1e9),
              source: 'api',
              nonce: randomBytes(16).toString('hex'),
            }
            return { ...stored, ...fields, phoneNumber: fields.account } as ExportEntry
          })
          const body = format.first + format.lines(entries)
          writeFileSync(path, format.head + body + format.tail(entries.length))
          const found: object[] = []
          for await (const record of sourceRecords(path, name)) {
            const read = readRecord(record, 'x', 0)
            if (typeof read === 'string') throw new Error(read)
            const { action, category, metadata, id, seq, createdAt, source, ...fields } = read.draft
            found.push({ ...fields, category, action, metadata: canonicalJson(JSON.parse(metadata).details) })
          }
          expect(found).toEqual(made.map((fields) => ({ ...fields, action: expect.any(String) })))
        }),
        { numRuns: 60 },
      )
    })
  })
})

describe('an import', () => {
  test('brings what is missing after it was interrupted, and nothing twice', async () => {
    const warden = await openTestWarden()
    const path = fileIn(warden, 'bans.jsonl', bans(600))
    const interrupt = () => {
      throw new Error('interrupted')
    }
    await expect(importInto(warden, path, { onProgress: interrupt })).rejects.toThrow('interrupted')
    expect(await importInto(warden, path)).toMatchObject({ imported: 100, known: 500 })
    const overlapping = fileIn(warden, 'more.jsonl', bans(700))
    expect(await importInto(warden, overlapping, { from: 'bans.jsonl' })).toMatchObject({ imported: 100, known: 600 })
    const [{ n }] = warden.sql<{ n: number }>(
      "SELECT count(DISTINCT metadata) AS n FROM audit_logs WHERE source = 'import'",
    ) as [{ n: number }]
    expect(n).toBe(700)
    expect(await findings(warden)).toEqual([])
  })

  test('takes a line without an id once, also twice in a file', async () => {
    const warden = await openTestWarden()
    const path = fileIn(warden, 'jit.jsonl', JIT + JIT)
    expect(await importInto(warden, path)).toMatchObject({ imported: 3, known: 3 })
    expect(await importInto(warden, path)).toMatchObject({ imported: 0, known: 6 })
    expect(await importInto(warden, path, { from: 'another log' })).toMatchObject({ imported: 3, known: 3 })
  })

  test('is an entry that says what came from where, also where nothing did', async () => {
    const warden = await openTestWarden()
    const path = fileIn(warden, 'bans.jsonl.gz', gzipSync(bans(2)))
    const { source } = await importInto(warden, path)
    await importInto(warden, path)
    const entries = (await warden.AuditLogRepository.findByAction('AUDIT_IMPORTED')).map(readEntry)
    const { sha256 } = source
    const said = { file: 'bans.jsonl.gz', from: 'bans.jsonl', sha256, operator: 'me' }
    expect(entries.map(({ metadata }) => metadata)).toEqual([
      { ...said, importedCount: 0, skippedCount: 2 },
      { ...said, importedCount: 2, skippedCount: 0 },
    ])
  })

  test('is found by its source', async () => {
    const warden = await openTestWarden()
    await importInto(warden, fileIn(warden, 'bans.jsonl', bans(1)))
    expect(await warden.ask(OWNER, '!config audit search source:import')).toContain('ban_user')
  })
})

describe('what other systems write', () => {
  const reading = async (name: string, content: string): Promise<Partial<Entry>[]> => {
    const path = join(temporaryFolder(), name)
    writeFileSync(path, content)
    const format = name.replace(/.*\./, '') as ExportFormat
    expect((await checkSource({ path, format })).bad).toEqual([])
    const entries: Partial<Entry>[] = []
    for await (const record of sourceRecords(path, format)) {
      const read = readRecord(record, name, 0)
      if (typeof read === 'string') throw new Error(read)
      const { seq, id, createdAt, ...entry } = readEntry({ ...read.draft, phoneNumber: read.draft.account })
      entries.push(entry)
    }
    return entries
  }
  const nothing = {
    subjectId: null,
    actorName: null,
    resourceType: null,
    resourceId: null,
    channelId: null,
    requestId: null,
    userId: null,
    ipAddress: null,
    userAgent: null,
  }
  const banned = {
    ...nothing,
    source: 'import',
    category: 'ADMIN',
    action: 'ban_user',
    description: 'ban_user user user-ghi789',
    userId: 'user-def456',
    account: 'user-def456',
    phoneNumber: 'user-def456',
    actorName: 'admin_user',
    userRole: 'UNKNOWN',
    resourceType: 'user',
    resourceId: 'user-ghi789',
    channelId: 'channel-jkl012',
    ipAddress: '192.168.1.1',
    userAgent: 'Mozilla/5.0...',
    metadata: {
      source: expect.any(String),
      sourceId: 'log-abc123',
      sourceTime: '2026-02-03T10:00:00.000Z',
      details: BAN.details,
    },
  }

  test.each([
    ['lines.jsonl', `${JSON.stringify(BAN)}\n`],
    ['lines.json', lines(BAN)],
    ['array.json', JSON.stringify([BAN], null, 2)],
    ['one-line.json', JSON.stringify([BAN])],
    ['answer.json', JSON.stringify({ logs: [BAN], total: 1 }, null, 2)],
  ])('is read from the moderation runbook’s JSON in %s', async (name, content) => {
    expect(await reading(name, content)).toEqual([banned])
  })

  test('is read from the moderation runbook’s CSV', async () => {
    const [jane, john] = await reading('000.csv', BAN_CSV)
    expect(jane).toMatchObject({
      phoneNumber: 'user-abc123',
      actorName: 'admin_jane',
      action: 'ban_user',
      resourceId: 'user-def456',
      channelId: 'channel-ghi789',
      ipAddress: '192.168.1.1',
    })
    expect(jane?.metadata?.details).toEqual({ reason: 'Spam' })
    expect(john?.metadata).toMatchObject({
      sourceTime: '2026-02-03T10:05:00.000Z',
      details: { reason: 'Appeal approved' },
    })
  })

  test('is read from the JIT audit export', async () => {
    const [asked, , granted] = await reading('jit.jsonl', JIT)
    expect(asked).toEqual({
      ...nothing,
      source: 'import',
      category: 'ADMIN',
      action: 'REQUESTED',
      description: 'REQUESTED account 123456789012',
      account: 'user@company.com',
      phoneNumber: 'user@company.com',
      userRole: 'UNKNOWN',
      resourceType: 'account',
      resourceId: '123456789012',
      channelId: 'ch1',
      requestId: 'req-123',
      metadata: { source: 'jit.jsonl', sourceTime: '2026-01-15T10:00:00.000Z', details: {} },
    })
    expect(granted).toMatchObject({ action: 'GRANTED', phoneNumber: 'SYSTEM' })
  })

  const item = {
    request_id: { S: 'req-1' },
    'event_time#event_id': { S: '2026-01-15T10:00:00Z#e1' },
    event_type: { S: 'ERROR' },
    actor_email: { S: 'a@b.c' },
    details: {
      M: {
        list: { L: [{ N: '1.5' }, { BOOL: false }, { NULL: true }, { M: { deep: { S: 'x' } } }] },
        big: { N: '12345678901234567890' },
        ids: { SS: ['a', 'b'] },
        numbers: { NS: ['1', '2'] },
        S: { S: 'a name like a type' },
      },
    },
    version: { N: '7' },
  }
  test.each([
    [
      'export.json',
      lines({ Item: item }, { Item: { ...item, 'event_time#event_id': { S: '2026-01-15T10:00:00Z#e2' } } }),
    ],
    ['items.jsonl', lines(item)],
    ['query.json', JSON.stringify({ Items: [item], Count: 1 }, null, 2)],
  ])('is read from DynamoDB’s JSON in %s', async (name, content) => {
    const [entry] = await reading(name, content)
    expect(entry).toMatchObject({ action: 'ERROR', requestId: 'req-1', phoneNumber: 'a@b.c' })
    expect(entry?.metadata).toMatchObject({
      sourceId: 'req-1/2026-01-15T10:00:00Z#e1',
      sourceTime: '2026-01-15T10:00:00.000Z',
    })
    expect(entry?.metadata?.details).toEqual({
      list: [1.5, false, null, { deep: 'x' }],
      big: '12345678901234567890',
      ids: ['a', 'b'],
      numbers: [1, 2],
      S: 'a name like a type',
      version: 7,
    })
  })

  test('keeps ids of digits exact, takes them for no phone, and loses nothing of the same name', async () => {
    const [entry] = await reading(
      'ids.jsonl',
      `{"created_at":"2026-02-03T10:00:00Z","action":"x","actor_id":175928847299117063,"a":1,"details":{"a":2,"n":-9007199254740993}}\n`,
    )
    expect(entry).toMatchObject({ phoneNumber: '175928847299117063', userId: '175928847299117063' })
    expect(entry?.metadata?.details).toEqual({ a: 2, n: '-9007199254740993', 'line.a': 1 })
  })

  test('becomes phones where it is phones', async () => {
    const [entry] = await reading(
      'phones.csv',
      'timestamp,action,account,resource_type,resource_id\n2026-02-03 10:00:00+00,x,15550001111@c.us,user,+1 (555) 000-2222\n',
    )
    expect(entry).toMatchObject({ phoneNumber: '+15550001111', resourceId: '+15550002222' })
  })

  test.each([
    ['2026-02-03T10:00:00Z', '2026-02-03T10:00:00.000Z'],
    ['2026-02-03 10:00:00.123456+01', '2026-02-03T09:00:00.123Z'],
    ['2026-02-03T10:00-0530', '2026-02-03T15:30:00.000Z'],
    ['1770112800', '2026-02-03T10:00:00.000Z'],
    ['1770112800000', '2026-02-03T10:00:00.000Z'],
    ['2026-02-30T10:00:00Z', undefined],
    ['2026-02-03T25:00:00Z', undefined],
    ['2026-02-03T10:00:00', undefined],
    ['2026-02-03', undefined],
    ['yesterday', undefined],
  ])('has the time %s, or none', (text, expected) => {
    expect(parseSourceTime(text)?.toISOString()).toBe(expected)
  })
})

describe('a file with bad lines', () => {
  const good = JSON.stringify(BAN)
  const deep = `{"created_at":"2026-02-03T10:00:00Z","action":"x","d":${'['.repeat(500)}${']'.repeat(500)}}`
  // In a text, as a table has it.
  const deepText = JSON.stringify({ ...BAN, id: 'deep', details: `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}` })
  const large = JSON.stringify({ ...BAN, id: 'large', text: 'x'.repeat(66_000) })
  const bad = [
    '{"action":"x"}',
    'no json',
    '[1]',
    `{"created_at":"2026-02-03T10:00:00Z"}`,
    deep,
    large,
    deepText,
    '{"action":"x","created_at":"2026-13-01T00:00:00Z"}',
  ]
  const content = `${[good, '', ...bad].join('\n')}\n`
  const run = (warden: TestWarden, args: readonly string[]) =>
    runNode([CLI, 'import', ...args], {
      cwd: warden.folder,
      env: environmentOf(warden.path),
    })

  const inProcess = async (args: string[]) => {
    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    onTestFinished(() => written.mockRestore())
    const code = await importCommand(args)
    return { code, stdout: written.mock.calls.map(([text]) => text).join('') }
  }

  test('says which they are and why, and imports nothing; with --skip-bad, the others', async () => {
    const warden = await openTestWarden()
    const path = fileIn(warden, 'bad.jsonl', content)
    const { code: refused, stdout: told } = await inProcess([path])
    expect(refused).toBe(3)
    expect(told.split('\n')).toEqual([
      '✘ line 3: no time with its zone in createdAt, created_at, timestamp, event_time',
      '✘ line 4: it is no JSON',
      '✘ line 5: it is no JSON object',
      '✘ line 6: no action or event_type',
      '✘ line 7: it has more than 100 levels',
      '✘ line 8: it is larger than 65535 bytes',
      '✘ line 9: it has more than 100 levels',
      '✘ line 10: no time with its zone in createdAt, created_at, timestamp, event_time',
      'Nothing was imported. --skip-bad imports the others.',
      '',
    ])
    expect(await importedIn(warden)).toEqual([])
    const { code, stdout } = await run(warden, [path, '--skip-bad', '--from', 'the old bot'])
    expect(code).toBe(0)
    expect(stdout).toContain(
      '1 entries of bad.jsonl imported as those of the old bot.\n8 not imported: they cannot be read.',
    )
    expect(await importedIn(warden)).toHaveLength(1)
  })

  test('names the line of a CSV where the record begins', async () => {
    const path = fileIn(
      { folder: temporaryFolder() },
      'bad.csv',
      'timestamp,action,note\n2026-02-03T10:00:00Z,x,"a\nb"\n2026-02-03T10:00:00Z,x\nnever,x,y\n',
    )
    expect((await checkSource({ path, format: 'csv' })).bad).toEqual([
      'line 4: it has 2 cells, and the header has 3',
      'line 5: no time with its zone in createdAt, created_at, timestamp, event_time',
    ])
  })

  test('tells which lines are too long or too much, and imports the others', async () => {
    const line = (more: string) => `{"timestamp":"2026-01-01T00:00:00Z","action":"X"${more}}\n`
    const many = Array.from({ length: 66_000 }, (_, n) => `,"k${n}":1`).join('')
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    const content = [
      line(''),
      line(`,"a":"${' '.repeat(2_000_000)}"`),
      line(`,"a":${deep}`),
      line(many),
      line(',"n":1'),
    ]
    const path = fileIn({ folder: temporaryFolder() }, 'long.jsonl', content.join(''))
    expect(await checkSource({ path, format: 'jsonl' })).toMatchObject({
      count: 2,
      bad: [
        'line 2: it is longer than 1048576 characters',
        'line 3: it has more than 100 levels',
        'line 4: it has more than 65535 values',
      ],
    })
  })

  test('tells the first of many, and how many more', async () => {
    const path = fileIn({ folder: temporaryFolder() }, 'bad.jsonl', 'x\n'.repeat(50))
    const source = await checkSource({ path, format: 'jsonl' })
    expect(source).toMatchObject({ badCount: 50, count: 0 })
    expect(source.bad).toHaveLength(20)
  })

  test.each([
    ['no.jsonl', undefined, /There is no file/],
    ['broken.jsonl.gz', 'no gzip', /It cannot be read/],
    ['object.json', '{\n"a": 1}', /It is no JSON array/],
    ['broken.json', '[{"a":', /It is no JSON/],
    ['broken.csv', 'timestamp,action\n"2026,x\n', /It is no CSV/],
    // What is small, or looks it, and would keep a machine busy for minutes.
    ['spaces.json.gz', gzipSync(' '.repeat(30_000_000)), /unpacks to more than 100 times its size/],
    ['lines.jsonl.gz', gzipSync('\n'.repeat(5_000_000)), /unpacks to more than 100 times its size/],
    ['spaces.json', ' '.repeat(10_000_000), /It is no JSON/],
    ['spaces.csv', `timestamp,action\n${' '.repeat(3_000_000)}`, /Line 2 is longer than 1048576 characters/],
    ['quote.csv', `timestamp,action\n"${'x\n'.repeat(1_200_000)}`, /It is no CSV/],
    ['cells.csv', `${','.repeat(100_000)}\n`, /It has more than 1000 columns/],
  ])('%s ends with 3', async (name, content, message) => {
    const folder = temporaryFolder()
    if (content !== undefined) fileIn({ folder }, name, content)
    const { code, stdout } = await inProcess([join(folder, name)])
    expect(code).toBe(3)
    expect(stdout).toMatch(message)
  })

  test.each([
    [[]],
    [['a.jsonl', 'b.jsonl']],
    [['a.txt']],
    [['a.jsonl', '--format', 'xml']],
    [['a.jsonl', '--from', ' ']],
  ])('is not what %j is: that is not understood', async (args) => {
    await expect(importCommand([...args])).rejects.toThrow(/import|--from/)
  })
})

describe('what was imported', () => {
  const at = (action: string, metadata: object, more: object = {}) => ({
    createdAt: '2026-02-03T10:00:00Z',
    id: newId(),
    action,
    phoneNumber: OWNER,
    userRole: 'OWNER',
    metadata,
    ...more,
  })

  test('gives no right to delete, whatever it calls itself', async () => {
    const warden = await openTestWarden()
    const ranges = [[0, 1_000_000]]
    for (const action of ['AUDIT_RETENTION', 'AUDIT_ERASURE', 'audit_erasure']) {
      const record = at(action, { ranges, subjectHash: 'x' }, { ranges })
      await importInto(warden, fileIn(warden, `${action}.jsonl`, lines(record)))
      const [entry] = await warden.AuditLogRepository.findByAction(`IMPORTED_${action.toUpperCase()}`)
      expect(JSON.parse(entry?.metadata ?? '')).toMatchObject({ sourceAction: action, details: { ranges } })
      // Also as the very last of the trail, where the trigger looks.
      const database = openRaw(warden.path)
      const { writer } = await openWriter(warden, systemClock)
      const draft = readRecord({ place: '', value: record }, 'x', systemClock.now())
      await writer.transaction(async (tx) => tx.appendMissing(typeof draft === 'string' ? [] : [draft.draft]))
      expect(() => database.exec('DELETE FROM audit_logs WHERE seq = 0')).toThrow(/only by retention or erasure/)
      database.close()
    }
    expect(await findings(warden)).toEqual([])
  })

  test('makes nobody an owner, blocks nobody, sets nothing, and outlives no retention', async () => {
    const warden = await openTestWarden()
    const about = (action: string, metadata: object) =>
      at(action, metadata, { resourceType: 'user', resourceId: STRANGER, requestId: 'r1' })
    const records = [
      about('ROLE_CHANGE', { targetUser: STRANGER, oldRole: 'USER', newRole: 'OWNER' }),
      about('WHITELIST_ADD', { targetPhoneNumber: STRANGER }),
      about('USER_BLOCK', { targetUser: STRANGER }),
      about('IDENTITY_PINNED', { targetUser: ADMIN, account: '9@lid' }),
      at(
        'CONFIG_UPDATE',
        { setting: 'page-size', oldValue: 1, newValue: 2 },
        { resourceType: 'setting', resourceId: 'page-size', requestId: 'r1' },
      ),
      about('AUDIT_HOLD_ADD', { subject: STRANGER }),
      about('AUDIT_WITNESS_ADD', { targetUser: STRANGER }),
      at('AUDIT_KEY_ROTATED', { oldKey: 'a', newKey: 'b' }),
    ]
    const state = () =>
      ['users', 'blocks', 'settings', 'audit_holds', 'audit_witnesses', 'accounts'].map((table) =>
        warden.sql(`SELECT * FROM ${table}`),
      )
    const before = state()
    const { imported } = await importInto(warden, fileIn(warden, 'standing.jsonl', lines(...records)))
    expect(imported).toBe(records.length)
    expect((await importedIn(warden)).map(({ action }) => action)).toEqual([
      'ROLE_CHANGE',
      'WHITELIST_ADD',
      'USER_BLOCK',
      'IDENTITY_PINNED',
      'CONFIG_UPDATE',
      'IMPORTED_AUDIT_HOLD_ADD',
      'IMPORTED_AUDIT_WITNESS_ADD',
      'IMPORTED_AUDIT_KEY_ROTATED',
    ])
    expect(state()).toEqual(before)
    expect((await warden.say(STRANGER, '!config role list')).status).toBe('denied')
    expect(await findings(warden)).toEqual([])
    const { logs } = await openWriter(warden, systemClock)
    const kept = await logs.keptForGood({ cutoff: new Date(), throughSeq: 1_000_000 })
    expect((await importedIn(warden)).filter(({ seq }) => kept.has(seq))).toEqual([])
  })

  test('is not what was erased here before, though it may be what happened since', async () => {
    const warden = await openTestWarden({
      env: { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}`, SETTINGS_KEY: 'ab'.repeat(32) },
    })
    await confirmed(warden, `audit erase ${STRANGER}`)
    const [{ metadata }] = (await warden.AuditLogRepository.findByAction('AUDIT_ERASURE')).map(readEntry) as [Entry]
    const known = new Map([[STRANGER, String(metadata.subjectHash)]])
    const asked: string[] = []
    const hashOf = (text: string) => {
      asked.push(text)
      return known.get(text) ?? text
    }
    const by = at('CONVERSATION_RESET', {}, { phoneNumber: STRANGER })
    const about = at('USERS_VIEWED', {}, { resourceType: 'user', resourceId: STRANGER })
    const role = at('ROLE_CHANGE', {}, { resourceType: 'user', resourceId: STRANGER })
    const later = at('CONVERSATION_RESET', {}, { phoneNumber: STRANGER, createdAt: '2999-01-01T00:00:00Z' })
    const other = at('CONVERSATION_RESET', {}, { phoneNumber: USER })
    const path = fileIn(warden, 'erased.jsonl', lines(by, about, role, later, other))
    expect(await importInto(warden, path, { hashOf })).toMatchObject({ imported: 3, erased: 2 })
    expect(asked.filter((text) => text === STRANGER)).toHaveLength(1)
    expect(warden.sql('SELECT 1 FROM audit_imports')).toHaveLength(3)
    const env = environmentOf(warden.path)
    const [again, withoutKey] = await Promise.all([
      runNode([CLI, 'import', path, '--from', 'again'], { env: { ...env, SETTINGS_KEY: 'ab'.repeat(32) } }),
      runNode([CLI, 'import', path, '--from', 'third'], { env }),
    ])
    expect(again.stdout).toContain(
      '3 entries of erased.jsonl imported as those of again.\n2 not imported: erased here.',
    )
    expect(withoutKey).toMatchObject({ code: 3, stderr: expect.stringContaining('nobody can tell who was erased') })
    expect(await findings(warden)).toEqual([])
  })

  test('is not of an account that was erased with somebody', async () => {
    const warden = await openTestWarden()
    const { writer } = await openWriter(warden, systemClock)
    const erasure = { subjectHash: 'h', accountHashes: ['<whatsapp:9@lid>'], ranges: [], erasedCount: 0 }
    await writer.append(auditEvent('AUDIT_ERASURE', { account: OWNER, role: 'OWNER' }, { source: 'cli' }, erasure))
    const path = fileIn(
      warden,
      'accounts.jsonl',
      lines(at('x', {}, { phoneNumber: '9:21@lid' }), at('x', {}, { phoneNumber: '99@lid' })),
    )
    expect(await importInto(warden, path, { hashOf: (text) => `<${text}>` })).toMatchObject({ imported: 1, erased: 1 })
  })

  test('needs no key where nobody was erased', async () => {
    const warden = await openTestWarden()
    const hashOf = () => {
      throw new Error('no key')
    }
    expect(await importInto(warden, fileIn(warden, 'bans.jsonl', bans(3)), { hashOf })).toMatchObject({ imported: 3 })
  })
})
