import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { AuditQuery } from '../../src/audit/entry/audit-filter.ts'
import type { AuditLog } from '../../src/audit/entry/entry.ts'
import { exportToText } from '../../src/audit/export/export-text.ts'
import { HOUR, MINUTE, systemClock } from '../../src/kernel/clock.ts'
import { shareCleanUps } from '../support/at-end.ts'
import {
  ADMIN,
  FakeClock,
  OPERATOR,
  OWNER,
  openTestWarden,
  openWithUser,
  type TestWarden,
  temporaryFolder,
  USER,
} from '../support/chatwarden.ts'
import { readCsv } from '../support/csv.ts'
import { onPostgres } from '../support/database.ts'
import { type Entry, entriesOf, refuseEntries } from '../support/trail.ts'
import { openWriter } from '../support/writer.ts'

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** One Chatwarden for all tests that only read, and its entries newest first. */
const shared = { all: [] as AuditLog[] } as { warden: TestWarden; all: AuditLog[] }
const cleanUps = shareCleanUps()
beforeAll(async () => {
  const clock = new FakeClock()
  shared.warden = await openTestWarden({ clock }, undefined, cleanUps.add)
  await fillTrail(shared.warden, clock)
  shared.all = await shared.warden.AuditLogRepository.query()
})

/** Three thousand entries of several people, categories and moments, some at the same moment. */
function fillTrail({ AuditLogger }: TestWarden, clock: FakeClock) {
  const people = [OWNER, ADMIN, '15550000401@c.us', '15550000402', '+1 555 000-0403']
  return Promise.all(
    Array.from({ length: 3000 }, (_, n) => {
      if (n % 3 !== 0) clock.advance(MINUTE)
      const performedBy = {
        phoneNumber: people[n % 5] ?? '',
        id: n % 4 === 0 ? undefined : `user_${n % 7}`,
        role: 'USER',
      }
      switch (n % 6) {
        case 0:
          return AuditLogger.logConfigChange({ performedBy, setting: 'model', oldValue: n, newValue: n + 1 })
        case 1:
          return AuditLogger.logModerationFlag({ user: performedBy, flaggedCategories: ['hate'] })
        case 2:
          // An object that is no person, though its name looks like a number.
          return n % 4 === 0
            ? AuditLogger.logCircuitBreakerChange({ service: OWNER, state: 'OPEN' })
            : AuditLogger.logConversationReset({ performedBy })
        case 3:
          return AuditLogger.logWhitelistChange({
            performedBy,
            targetPhoneNumber: people[(n * 3) % 5] ?? '',
            action: 'ADD',
          })
        case 4:
          return AuditLogger.logRateLimitViolation({
            phoneNumber: performedBy.phoneNumber,
            limitType: n % 4 === 0 ? 'global' : 'user',
          })
        default:
          return AuditLogger.logUsageQuery({ performedBy, queryType: 'daily' })
      }
    }),
  )
}

/** A file and what appears beside it. */
const withSidecars = (name: string) => [name, `${name}.manifest`, `${name}.sha256`]
const digits = (phone: string) => `+${phone.replace(/@.*/, '').replace(/\D/g, '')}`

/** What a query means, said plainly and slowly. */
function naive(all: readonly AuditLog[], query: AuditQuery): AuditLog[] {
  const phoneNumber = query.phoneNumber && (query.phoneNumber === 'GLOBAL' ? 'GLOBAL' : digits(query.phoneNumber))
  const target = query.targetPhoneNumber && digits(query.targetPhoneNumber)
  const matching = all.filter(
    (entry) =>
      (query.userId === undefined || entry.userId === query.userId) &&
      (phoneNumber === undefined || entry.phoneNumber === phoneNumber) &&
      (target === undefined || (entry.resourceType === 'user' && entry.resourceId === target)) &&
      (query.category === undefined || entry.category === query.category) &&
      (query.action === undefined || entry.action === query.action) &&
      (query.startDate === undefined || entry.createdAt >= query.startDate) &&
      (query.endDate === undefined || entry.createdAt <= query.endDate) &&
      (query.beforeSeq === undefined || entry.seq < query.beforeSeq),
  )
  const from = query.offset ?? 0
  return matching.slice(from, query.limit === undefined ? undefined : from + query.limit)
}

describe('queries', () => {
  const seqs = (entries: readonly AuditLog[]) => entries.map(({ seq }) => seq)

  /** Any combination of filters; moments are those of entries, or a millisecond beside them. */
  const queries = () => {
    const moment = fc
      .tuple(fc.nat(shared.all.length - 1), fc.constantFrom(-1, 0, 1))
      .map(([at, by]) => new Date((shared.all[at]?.createdAt.getTime() ?? 0) + by))
    const fields = {
      userId: fc.constantFrom('user_1', 'user_2', 'nobody'),
      phoneNumber: fc.constantFrom(
        OWNER,
        '15550000401',
        '15550000402@c.us',
        '+1 (555) 000-0403',
        'GLOBAL',
        '15550000401:7@c.us',
      ),
      targetPhoneNumber: fc.constantFrom(OWNER, '15550000401@c.us', '+15550009999'),
      category: fc.constantFrom('AUTH', 'CONFIG', 'ADMIN', 'SECURITY'),
      action: fc.constantFrom('CONFIG_UPDATE', 'WHITELIST_ADD', 'ROLE_CHANGE', 'NOTHING'),
      startDate: moment,
      endDate: moment,
      limit: fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.constantFrom(1, 1000)),
      offset: fc.oneof(fc.nat(50), fc.nat(4000)),
      beforeSeq: fc.nat(3100),
    }
    // A few at a time: all together they would hardly ever leave an entry.
    return fc
      .tuple(fc.subarray(Object.keys(fields), { maxLength: 4 }), fc.record(fields))
      .map(
        ([names, all]): AuditQuery => Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name))),
      )
  }

  test('with any filters together find what a plain filter finds, newest first', async () => {
    const { AuditLogRepository } = shared.warden
    await fc.assert(
      fc.asyncProperty(queries(), async (query) => {
        // `:7` is the device of an account, not part of its number.
        const plain = { ...query, phoneNumber: query.phoneNumber?.replace(':7', '') }
        expect(seqs(await AuditLogRepository.query(query))).toEqual(seqs(naive(shared.all, plain)))
      }),
      { numRuns: 150 },
    )
  })

  test('count and go through the same entries', async () => {
    const { AuditLogRepository } = shared.warden
    await fc.assert(
      fc.asyncProperty(queries(), async ({ limit: _, offset: __, beforeSeq: ___, ...all }) => {
        const plain = { ...all, phoneNumber: all.phoneNumber?.replace(':7', '') }
        const wanted = naive(shared.all, plain)
        expect(await AuditLogRepository.count(all)).toBe(wanted.length)
        expect(await collect(AuditLogRepository.iterate(all))).toEqual(wanted)
      }),
      { numRuns: 40 },
    )
  })

  test('without a limit give everything, not a first page', async () => {
    const { AuditLogRepository } = shared.warden
    expect(shared.all).toHaveLength(await AuditLogRepository.count())
    expect(shared.all.length).toBeGreaterThan(3000)
    expect(seqs(shared.all)).toEqual(shared.all.map((_, index) => shared.all.length - 1 - index))
  })

  test('page by beforeSeq and by offset through everything, once', async () => {
    const { AuditLogRepository } = shared.warden
    const bySeq: number[] = []
    for (let beforeSeq: number | undefined; ; beforeSeq = bySeq.at(-1)) {
      const page = await AuditLogRepository.query({ category: 'ADMIN', limit: 400, beforeSeq })
      if (page.length === 0) break
      bySeq.push(...seqs(page))
    }
    const byOffset: number[] = []
    for (let offset = 0; ; offset += 400) {
      const page = await AuditLogRepository.query({ category: 'ADMIN', limit: 400, offset })
      if (page.length === 0) break
      byOffset.push(...seqs(page))
    }
    const wanted = seqs(naive(shared.all, { category: 'ADMIN' }))
    expect(bySeq).toEqual(wanted)
    expect(byOffset).toEqual(wanted)
  })

  test('by moment include both ends, to the millisecond', async () => {
    const { AuditLogRepository } = shared.warden
    const moment = shared.all[1500]?.createdAt ?? new Date(0)
    const at = shared.all.filter(({ createdAt }) => createdAt.getTime() === moment.getTime())
    expect(await AuditLogRepository.findByDateRange(moment, moment)).toEqual(at)
    expect(await AuditLogRepository.findByDateRange(new Date(moment.getTime() + 1), moment)).toEqual([])
    expect(await AuditLogRepository.findByDateRange(new Date(-1), new Date(8.64e15))).toEqual(shared.all)
    expect(await AuditLogRepository.findByDateRange(new Date(-8.64e15), new Date(0))).toEqual([])
  })

  test('by the documented names give the newest 50, or as many as asked', async () => {
    const { AuditLogRepository } = shared.warden
    const { all } = shared
    expect(await AuditLogRepository.getRecent()).toEqual(all.slice(0, 50))
    expect(await AuditLogRepository.getRecent(7)).toEqual(all.slice(0, 7))
    expect(await AuditLogRepository.findByUser('user_3')).toEqual(naive(all, { userId: 'user_3', limit: 50 }))
    expect(await AuditLogRepository.findByUser('user_3', 2)).toEqual(naive(all, { userId: 'user_3', limit: 2 }))
    expect(await AuditLogRepository.findByPhoneNumber('15550000401@c.us', 60)).toEqual(
      naive(all, { phoneNumber: '+15550000401', limit: 60 }),
    )
    expect(await AuditLogRepository.findByCategory('SECURITY')).toEqual(naive(all, { category: 'SECURITY', limit: 50 }))
    expect(await AuditLogRepository.findByAction('CONFIG_UPDATE', 3)).toEqual(
      naive(all, { action: 'CONFIG_UPDATE', limit: 3 }),
    )
  })

  test.each([0, -1, 1001, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '10', null])(
    'refuse %s as a limit, and nothing is cut instead',
    async (limit) => {
      const { AuditLogRepository } = shared.warden
      const refused = { code: 'INVALID_ARGUMENT', message: expect.stringContaining('limit') }
      await expect(AuditLogRepository.query({ limit: limit as number })).rejects.toMatchObject(refused)
      await expect(AuditLogRepository.getRecent(limit as number)).rejects.toMatchObject(refused)
      await expect(AuditLogRepository.findByCategory('AUTH', limit as number)).rejects.toMatchObject(refused)
    },
  )

  test.each<[string, AuditQuery]>([
    ['offset', { offset: -1 }],
    ['offset', { offset: 0.5 }],
    ['beforeSeq', { beforeSeq: Number.NaN }],
    ['startDate', { startDate: new Date('yesterday') }],
    ['endDate', { endDate: new Date(Number.NaN) }],
    ['startDate', { startDate: '2025-01-01' as unknown as Date }],
    ['endDate', { endDate: 1735689600000 as unknown as Date }],
  ])('refuse a wrong %s: %j', async (name, query) => {
    const { AuditLogRepository } = shared.warden
    const refused = { code: 'INVALID_ARGUMENT', message: expect.stringContaining(name) }
    await expect(AuditLogRepository.query(query)).rejects.toMatchObject(refused)
    if (name.endsWith('Date')) {
      await expect(AuditLogRepository.count(query)).rejects.toMatchObject(refused)
      await expect(AuditLogRepository.exportToJSON(query)).rejects.toMatchObject(refused)
      await expect(AuditLogRepository.getStatistics(query)).rejects.toMatchObject(refused)
      await expect(collect(AuditLogRepository.iterate(query))).rejects.toMatchObject(refused)
    }
  })

  test('cannot be made to say something else by what they look for', async () => {
    const { AuditLogRepository } = shared.warden
    for (const text of ["' OR 1=1 --", '%', '*', 'user_%', '\0', '"; DROP TABLE audit_logs; --']) {
      expect(await AuditLogRepository.query({ userId: text })).toEqual([])
      expect(await AuditLogRepository.query({ phoneNumber: text })).toEqual([])
      expect(await AuditLogRepository.query({ action: text })).toEqual([])
    }
    expect(await AuditLogRepository.count()).toBe(shared.all.length)
  })

  test('going through the trail leave out what is written meanwhile', async () => {
    const warden = await openTestWarden()
    const before = await warden.AuditLogRepository.query()
    const seen: number[] = []
    for await (const entry of warden.AuditLogRepository.iterate()) {
      seen.push(entry.seq)
      await warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: OWNER } })
    }
    expect(seen).toEqual(before.map(({ seq }) => seq))
  })
})

describe('statistics', () => {
  const counted = (entries: readonly AuditLog[], key: 'category' | 'action') => {
    const counts: Record<string, number> = {}
    for (const entry of entries) counts[entry[key]] = (counts[entry[key]] ?? 0) + 1
    return counts
  }

  test.each<[string, (all: readonly AuditLog[]) => AuditQuery]>([
    ['everything', () => ({})],
    ['one person', () => ({ phoneNumber: '15550000402' })],
    ['a range of time', (all) => ({ startDate: all[2000]?.createdAt, endDate: all[1000]?.createdAt })],
    ['nothing', () => ({ action: 'NOTHING' })],
  ])('of %s count by category and action, and say from when to when', async (_, filter) => {
    const entries = naive(shared.all, filter(shared.all))
    expect(await shared.warden.AuditLogRepository.getStatistics(filter(shared.all))).toEqual({
      total: entries.length,
      byCategory: counted(entries, 'category'),
      byAction: counted(entries, 'action'),
      oldest: entries.at(-1)?.createdAt ?? null,
      newest: entries[0]?.createdAt ?? null,
    })
  })
})

describe('exports', () => {
  const asJson = (entries: readonly AuditLog[]) =>
    JSON.parse(JSON.stringify(entries.map((entry) => ({ ...entry, metadata: JSON.parse(entry.metadata) }))))

  test('to JSON hold every entry, newest first, with its metadata as an object', async () => {
    const { AuditLogRepository } = shared.warden
    expect(JSON.parse(await AuditLogRepository.exportToJSON())).toEqual(asJson(shared.all))
    const filter = { category: 'AUTH', phoneNumber: '15550000401' } as const
    expect(JSON.parse(await AuditLogRepository.exportToJSON(filter))).toEqual(asJson(naive(shared.all, filter)))
    expect(JSON.parse(await AuditLogRepository.exportToJSON({ action: 'NOTHING' }))).toEqual([])
  })

  test('to CSV hold every entry and every field, as a reader of RFC 4180 finds them', async () => {
    const { AuditLogRepository } = shared.warden
    const all = await AuditLogRepository.query()
    const [header = [], ...rows] = readCsv(await AuditLogRepository.exportToCSV())
    const entries = all.map((entry) =>
      header.map((name) => {
        const value = entry[name as keyof AuditLog]
        return value instanceof Date ? value.toISOString() : String(value ?? '')
      }),
    )
    expect(new Set(header)).toEqual(new Set(Object.keys(shared.all[0] ?? {})))
    expect(rows).toEqual(entries)
    expect(readCsv(await AuditLogRepository.exportToCSV({ action: 'NOTHING' }))).toEqual([header])
  })

  test('to a file hold the same, and say how many', async () => {
    const { AuditLogRepository } = shared.warden
    const folder = temporaryFolder()
    const all = await AuditLogRepository.query()
    expect(await AuditLogRepository.exportTo(join(folder, 'all.json'), 'json')).toBe(all.length)
    expect(JSON.parse(readFileSync(join(folder, 'all.json'), 'utf8'))).toEqual(asJson(all))
    const filter = { category: 'CONFIG' } as const
    const count = await AuditLogRepository.exportTo(join(folder, 'some.csv'), 'csv', filter)
    expect(count).toBe(naive(shared.all, filter).length)
    expect(readFileSync(join(folder, 'some.csv'), 'utf8')).toBe(await AuditLogRepository.exportToCSV(filter))
    expect(statSync(join(folder, 'all.json')).mode & 0o077).toBe(0)
    expect(readdirSync(folder).sort()).toEqual(['all.json', 'some.csv'].flatMap(withSidecars))
  })

  test('to a file appear only when they are complete', async () => {
    const path = join(temporaryFolder(), 'export.json')
    const all = await shared.warden.AuditLogRepository.count()
    let done = false
    const exporting = shared.warden.AuditLogRepository.exportTo(path, 'json').finally(() => {
      done = true
    })
    let looks = 0
    while (!done) {
      if (existsSync(path)) expect(JSON.parse(readFileSync(path, 'utf8'))).toHaveLength(all)
      else looks++
      await new Promise(setImmediate)
    }
    await exporting
    expect(looks).toBeGreaterThan(0)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toHaveLength(all)
  })

  test('that fail leave nothing half-written, and a file that was there as it was', async () => {
    const { AuditLogRepository } = shared.warden
    const folder = temporaryFolder()
    const missing = AuditLogRepository.exportTo(join(folder, 'no/such/folder.json'), 'json')
    await expect(missing).rejects.toMatchObject({ code: 'ENOENT' })
    mkdirSync(join(folder, 'taken'))
    await expect(AuditLogRepository.exportTo(join(folder, 'taken'), 'json')).rejects.toThrow()
    writeFileSync(join(folder, 'old.json'), 'old')
    const wrong = AuditLogRepository.exportTo(join(folder, 'old.json'), 'json', { startDate: new Date(Number.NaN) })
    await expect(wrong).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(readdirSync(folder).sort()).toEqual(['old.json', 'taken'])
    expect(readFileSync(join(folder, 'old.json'), 'utf8')).toBe('old')
  })

  test('to the same file at the same time both succeed, and one of them is what is there', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'export.json')
    const { AuditLogRepository } = shared.warden
    const counts = await Promise.all([1, 2, 3].map(() => AuditLogRepository.exportTo(path, 'json')))
    expect(counts).toContain(JSON.parse(readFileSync(path, 'utf8')).length)
    expect(readdirSync(folder).sort()).toEqual(withSidecars('export.json'))
  })

  test('of an unknown format are refused and leave nothing', async () => {
    const folder = temporaryFolder()
    const exporting = shared.warden.AuditLogRepository.exportTo(join(folder, 'x.xml'), 'xml' as 'json')
    await expect(exporting).rejects.toThrow()
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('what a host reads and takes out is an entry:', () => {
  const metadataOf = (entries: readonly Entry[]) =>
    entries.map(({ action, account, metadata }) => [action, account, metadata])

  test('every export, by whom the host says or by nobody', async () => {
    const warden = await openWithUser()
    const { AuditLogRepository } = warden
    const folder = temporaryFolder()
    const filter = { category: 'CONFIG', about: { accounts: [USER] }, endDate: new Date(0) } as const
    const filters = { category: 'CONFIG', target: USER, endDate: '1970-01-01T00:00:00.000Z' }
    const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/)
    const { entries } = await entriesOf(warden, async () => {
      await AuditLogRepository.exportToJSON(filter, { by: { phoneNumber: OWNER } })
      await AuditLogRepository.exportToCSV({ phoneNumber: USER })
      await AuditLogRepository.exportTo(join(folder, 'some.csv'), 'csv', filter, { by: { account: ADMIN } })
    })
    expect(metadataOf(entries)).toEqual([
      ['AUDIT_LOG_EXPORTED', OWNER, { format: 'json', recordCount: 0, filters, sha256 }],
      [
        'AUDIT_LOG_EXPORTED',
        'SYSTEM',
        { format: 'csv', recordCount: expect.any(Number), filters: { phoneNumber: USER }, sha256 },
      ],
      ['AUDIT_LOG_EXPORTED', ADMIN, { format: 'csv', recordCount: 0, filters, file: 'some.csv', sha256 }],
    ])
    expect(entries).toMatchObject([
      { userRole: 'OWNER', resourceId: USER },
      { resourceId: USER },
      { userRole: 'ADMIN', resourceId: USER },
    ])
    const file = readFileSync(join(folder, 'some.csv'))
    expect(entries[2]?.metadata.sha256).toBe(createHash('sha256').update(file).digest('hex'))
  })

  test('a look for somebody, and none of the host’s own', async () => {
    const warden = await openWithUser()
    const { AuditLogRepository: logs } = warden
    const [filter, by] = [{ action: ['ROLE_CHANGE', 'USER_BLOCK'], phoneNumber: USER }, { by: { phoneNumber: ADMIN } }]
    const { entries } = await entriesOf(warden, async () => {
      const all = [await logs.query(filter), await collect(logs.iterate(filter)), await logs.count(filter)]
      expect([
        await logs.query(filter, by),
        await collect(logs.iterate(filter, by)),
        await logs.count(filter, by),
      ]).toEqual(all)
      expect(await logs.getStatistics(filter, by)).toEqual(await logs.getStatistics(filter))
    })
    const viewed = ['AUDIT_LOG_VIEWED', ADMIN, { filters: { action: 'ROLE_CHANGE,USER_BLOCK', phoneNumber: USER } }]
    expect(metadataOf(entries)).toEqual([viewed, viewed, viewed, viewed])
  })

  test('everybody who was asked for is named', async () => {
    const warden = await openWithUser()
    const { entries } = await entriesOf(warden, async () => {
      await warden.AuditLogRepository.query({ by: { accounts: [ADMIN, USER] } }, { by: { phoneNumber: OWNER } })
      await warden.AuditLogRepository.count({ account: ADMIN, phoneNumber: USER }, { by: { phoneNumber: OWNER } })
      await warden.AuditLogRepository.count({ about: { userId: 'u1', accounts: [] } }, { by: { phoneNumber: OWNER } })
    })
    expect(entries.map(({ metadata }) => metadata.filters)).toEqual([
      { phoneNumber: `${ADMIN},${USER}` },
      { phoneNumber: `${ADMIN},${USER}` },
      { target: 'u1' },
    ])
  })

  test('nothing is handed over without its entry', async () => {
    const warden = await openTestWarden()
    const { AuditLogRepository: logs } = warden
    refuseEntries(warden)
    const path = join(warden.folder, 'x.csv')
    writeFileSync(path, 'as it was')
    const by = { by: { phoneNumber: ADMIN } }
    for (const act of [
      () => logs.exportToJSON(),
      () => logs.exportToCSV(),
      () => logs.exportTo(path, 'csv'),
      () => logs.query({}, by),
      () => logs.count({}, by),
      () => logs.getStatistics({}, by),
      () => collect(logs.iterate({}, by)),
    ])
      await expect(act()).rejects.toMatchObject({ code: expect.stringMatching(/^AUDIT_UNAVAILABLE|TRAIL_DAMAGED$/) })
    expect(readdirSync(warden.folder).filter((name) => name.startsWith('x.'))).toEqual(['x.csv'])
    expect(readFileSync(path, 'utf8')).toBe('as it was')
    expect(await logs.count()).toBeGreaterThan(0)
  })
})

describe('cells of a CSV export', () => {
  const hostile = [
    '=1+1',
    '+1+1',
    '-1+1',
    '@SUM(A1)',
    '＝1+1',
    '＋1',
    '－1',
    '＠x',
    ' =1+1',
    '=HYPERLINK("http://x","y")',
    '-',
    '+15550001111x',
  ]

  test('that begin like a formula are led by an apostrophe; numbers of people and other text are not', async () => {
    const { AuditLogRepository } = await openTestWarden()
    const harmless = ['Ada', 'a=b', '1+1', '"quoted", and so on', "O'Neill", '+15550001111']
    for (const name of [...hostile, ...harmless])
      await AuditLogRepository.create({ action: 'CONVERSATION_RESET', phoneNumber: '+15550001111', name })
    const [header = [], ...rows] = readCsv(await AuditLogRepository.exportToCSV({ action: 'CONVERSATION_RESET' }))
    const column = (name: string) => rows.map((row) => row[header.indexOf(name)]).reverse()
    expect(column('actorName')).toEqual([...hostile.map((name) => `'${name.trim()}`), ...harmless])
    expect(new Set(column('phoneNumber'))).toEqual(new Set(['+15550001111']))
  })

  test('that begin with a tab or a line end, or hold quotes and line ends, are read back whole', async () => {
    const warden = await openTestWarden()
    // No event can hold these; a row written by something else could.
    if (onPostgres) warden.sql("SELECT audit_prepare_month('2026-06-15')")
    const texts = ['\t=1', '\r=1', '\n=1', '\tplain', 'two\r\nlines', 'a "quote"', 'a,b', '\n', '"']
    for (const [index, text] of texts.entries())
      warden.sql(
        `INSERT INTO audit_logs (seq, id, created_at, source, category, action, description, account, user_role, metadata, nonce, leaf_hash)
         VALUES (?, ?, 1781524800000, 'api', 'ADMIN', 'FOREIGN', ?, '+15550001111', 'USER', '{}', x'', x'')`,
        1000 + index,
        `foreign-${index}`,
        text,
      )
    // There the trail is asked how far it goes, not its rows.
    if (onPostgres) warden.sql('UPDATE audit_head SET size = 2000')
    // An export is an entry, which such a trail does not take.
    const { logs } = await openWriter(warden, systemClock)
    const { text } = await exportToText(logs, { action: 'FOREIGN' }, 'csv')
    const [header = [], ...rows] = readCsv(text)
    const cells = rows.map((row) => row[header.indexOf('description')]).reverse()
    // Behind a tab or a line end a cell begins, where those separate.
    const led = texts.map((text) => text.replace(/(?<=[\t\r\n])(?==)/, "'"))
    expect(cells).toEqual(led.map((text) => (/^[\t\r\n]/.test(text) ? `'${text}` : text)))
  })
})

describe('erasing a person', () => {
  async function trailOf(clock: FakeClock) {
    const warden = await openWithUser({ clock })
    const user = await warden.UserRepository.findByPhoneNumber(USER)
    const performedBy = { phoneNumber: USER }
    const { AuditLogger } = warden
    const id = user?.id ?? ''
    await AuditLogger.logConversationReset({ performedBy: { id, phoneNumber: '+15559999999' } })
    await AuditLogger.logModerationFlag({ user: { phoneNumber: '15550000401@c.us' }, flaggedCategories: ['hate'] })
    await AuditLogger.logUsageQuery({ performedBy: { phoneNumber: OPERATOR }, queryType: 'daily' })
    await warden.say(ADMIN, `!config role info ${USER}`)
    await AuditLogger.logConfigChange({ performedBy, setting: 'model', oldValue: 1, newValue: 2 })
    await AuditLogger.logPermissionDenied({ phoneNumber: USER, action: 'LIST_USERS' })
    return { warden, id }
  }

  test('removes what they did, by id and by number, and what is about them; AUTH and CONFIG stay', async () => {
    const { warden, id } = await trailOf(new FakeClock())
    const { AuditLogRepository } = warden
    const before = await AuditLogRepository.query()
    const gone = before.filter(
      ({ userId, phoneNumber, resourceId, category }) =>
        (userId === id || phoneNumber === USER || resourceId === USER) && category !== 'AUTH' && category !== 'CONFIG',
    )
    expect(gone.map(({ action }) => action).sort()).toEqual(['CONVERSATION_RESET', 'MODERATION_FLAG', 'USERS_VIEWED'])
    expect(await AuditLogRepository.deleteByUser(id)).toBe(3)
    const [erasure, ...rest] = await AuditLogRepository.query()
    expect(rest).toEqual(before.filter((entry) => !gone.includes(entry)))
    expect(rest.filter(({ phoneNumber, resourceId }) => phoneNumber === USER || resourceId === USER)).toHaveLength(3)
    expect(erasure).toMatchObject({ action: 'AUDIT_ERASURE', phoneNumber: 'SYSTEM', seq: before.length })
    const metadata = JSON.parse(erasure?.metadata ?? '')
    expect(metadata.erasedCount).toBe(3)
    const covered = metadata.ranges.flatMap(([from, to]: [number, number]) =>
      Array.from({ length: to - from + 1 }, (_, n) => from + n),
    )
    expect(covered).toEqual(gone.map(({ seq }) => seq).reverse())
    expect(JSON.stringify(erasure)).not.toContain(USER)
    expect(JSON.stringify(erasure)).not.toContain(id)
  })

  test('a second time finds nothing, and is an entry all the same', async () => {
    const { warden, id } = await trailOf(new FakeClock())
    await warden.AuditLogRepository.deleteByUser(id)
    const before = await warden.AuditLogRepository.query()
    expect(await warden.AuditLogRepository.deleteByUser(id)).toBe(0)
    const [last, ...rest] = await warden.AuditLogRepository.query()
    expect(rest).toEqual(before)
    expect(JSON.parse(last?.metadata ?? '')).toMatchObject({ ranges: [], erasedCount: 0 })
  })

  test('is one entry, however many there were', async () => {
    const { warden, id } = await trailOf(new FakeClock())
    const reset = () => warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: USER } })
    await Promise.all(Array.from({ length: 2100 }, reset))
    const before = await warden.AuditLogRepository.count()
    expect(await warden.AuditLogRepository.deleteByUser(id)).toBe(2103)
    const erasures = await warden.AuditLogRepository.findByAction('AUDIT_ERASURE')
    expect(await warden.AuditLogRepository.count()).toBe(before - 2103 + erasures.length)
    expect(erasures.map(({ metadata }) => JSON.parse(metadata).erasedCount)).toEqual([2103])
  })

  test.each([
    ['nobody', 'USER_NOT_FOUND'],
    [USER, 'USER_NOT_FOUND'],
    ['', 'INVALID_ARGUMENT'],
  ])('of %j, who is no user, is refused as %s and removes nothing', async (id, code) => {
    const { warden } = await trailOf(new FakeClock())
    const before = await warden.AuditLogRepository.query()
    await expect(warden.AuditLogRepository.deleteByUser(id)).rejects.toMatchObject({ code })
    expect(await warden.AuditLogRepository.query()).toEqual(before)
  })

  test('leaves the trail without a gap in its numbers for what comes', async () => {
    const clock = new FakeClock()
    const { warden, id } = await trailOf(clock)
    await warden.AuditLogRepository.deleteByUser(id)
    clock.advance(HOUR)
    const [last] = await warden.AuditLogRepository.getRecent(1)
    const next = await warden.AuditLogRepository.create({ action: 'CONVERSATION_RESET', phoneNumber: OWNER })
    expect(next.seq).toBe((last?.seq ?? 0) + 1)
  })
})
