import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { AuditFilter } from '../../src/audit/entry/audit-filter.ts'
import type { AuditLog } from '../../src/audit/entry/entry.ts'
import { defineEvent } from '../../src/audit/entry/event-type.ts'
import { MINUTE } from '../../src/kernel/clock.ts'
import type { Handled } from '../../src/kernel/message.ts'
import { ADMIN, OPERATOR, OWNER, STRANGER, type TestWarden, USER } from '../support/chatwarden.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { entriesOf, textOf } from '../support/trail.ts'

const host = (category: AuditLog['category']) =>
  defineEvent({
    category,
    failure: 'open',
    metadata: z.looseObject({ n: z.number(), about: z.string().optional() }),
    describe: ({ n }) => `event ${n}.`,
    resource: ({ about }) => (about === undefined ? undefined : { type: 'user', id: about }),
  })

const events = { HOST_A: host('AUTH'), HOST_B: host('SECURITY'), 'host.c': host('ADMIN'), HOST_D: host('CONFIG') }

const TEXTS = [
  'two words',
  'TWO WORDS',
  '100% sure',
  'a_b',
  'axb',
  'C:\\temp',
  'say "hi"',
  "it's",
  'Größe ÄÖÜ',
  '日本語 😀',
  'a\nb\tc',
  '[x]*?',
  '',
]
const CHANNELS = ['120363000000000000@g.us', '120363000000000001@g.us', undefined]
const SOURCES = ['whatsapp', 'cli', 'terminal', 'api', 'import'] as const
const PEOPLE = [USER, OPERATOR, STRANGER, 'SYSTEM', 'whatsapp:9001@lid']

/** Three hundred entries that differ in everything that a filter asks for, over two days. */
async function plant(warden: TestWarden, clock: { advance(ms: number): void }): Promise<void> {
  const names = Object.keys(events)
  await Promise.all(
    Array.from({ length: 300 }, (_, n) => {
      if (n % 3 !== 0) clock.advance(14 * MINUTE)
      return warden.AuditLogger.record({
        action: names[(n * 7) % 4] ?? '',
        actor: {
          account: PEOPLE[(n * 3) % 5] ?? '',
          role: 'USER',
          name: n % 5 === 0 ? `Ann ${n % 2} Ø` : undefined,
        },
        place: {
          source: SOURCES[Math.floor(n / 5) % 5] ?? 'api',
          channelId: CHANNELS[n % 3],
          requestId: `msg-${n % 40}`,
        },
        metadata: {
          n,
          note: TEXTS[n % TEXTS.length],
          ...(n % 2 === 0 && { about: PEOPLE[n % 3] }),
          reason: n % 7 === 0 ? `because\n2026-01-01 | ROLE_CHANGE | of ${n}` : n,
        },
      })
    }),
  )
}

const ascii = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** Whether an entry is meant, as one would say it in words. */
function isMeant(entry: AuditLog, filter: AuditFilter): boolean {
  const isOf = (value: string | null, wanted: string | readonly string[] | undefined) =>
    wanted === undefined || (value !== null && [wanted].flat().includes(value))
  const has = (value: string | null, text: string) => value !== null && ascii(value).includes(ascii(text))
  const { text, startDate, endDate, targetPhoneNumber } = filter
  return (
    isOf(entry.category, filter.category) &&
    isOf(entry.action, filter.action) &&
    isOf(entry.phoneNumber, filter.phoneNumber) &&
    (targetPhoneNumber === undefined || (entry.resourceType === 'user' && entry.resourceId === targetPhoneNumber)) &&
    isOf(entry.channelId, filter.channelId) &&
    isOf(entry.requestId, filter.requestId) &&
    isOf(entry.source, filter.source) &&
    (startDate === undefined || entry.createdAt >= startDate) &&
    (endDate === undefined || entry.createdAt <= endDate) &&
    (text === undefined ||
      [entry.description, entry.actorName, entry.resourceId].some((value) => has(value, text)) ||
      has(entry.metadata, JSON.stringify(text).slice(1, -1)))
  )
}

type Meant = readonly [typed: string, filter: AuditFilter, record: Record<string, string>]

const text = (typed: string, meant: string): Meant => [`text:${typed}`, { text: meant }, { text: meant }]

const FILTERS: readonly Meant[] = [
  ['category:SECURITY', { category: 'SECURITY' }, { category: 'SECURITY' }],
  ['category:auth,Admin', { category: ['AUTH', 'ADMIN'] }, { category: 'AUTH,ADMIN' }],
  ['action:HOST_A', { action: 'HOST_A' }, { action: 'HOST_A' }],
  ['action:HOST_A,host.c', { action: ['HOST_A', 'host.c'] }, { action: 'HOST_A,host.c' }],
  [
    'action:HOST_A,host.c,HOST_B category:AUTH,SECURITY',
    { action: ['HOST_A', 'host.c', 'HOST_B'], category: ['AUTH', 'SECURITY'] },
    { action: 'HOST_A,host.c,HOST_B', category: 'AUTH,SECURITY' },
  ],
  [`actor:${OPERATOR.slice(1)}@c.us`, { phoneNumber: OPERATOR }, { phoneNumber: OPERATOR }],
  ['actor:system', { phoneNumber: 'SYSTEM' }, { phoneNumber: 'SYSTEM' }],
  ['actor:9001@lid', { phoneNumber: 'whatsapp:9001@lid' }, { phoneNumber: 'whatsapp:9001@lid' }],
  [`target:"+1 555 000 0401"`, { targetPhoneNumber: USER }, { target: USER }],
  ['channel:120363000000000001@g.us', { channelId: CHANNELS[1] }, { channel: '120363000000000001@g.us' }],
  ['request:msg-7', { requestId: 'msg-7' }, { request: 'msg-7' }],
  ['source:WhatsApp,cli', { source: ['whatsapp', 'cli'] }, { source: 'whatsapp,cli' }],
  text('"two words"', 'two words'),
  text('100%', '100%'),
  text('a_b', 'a_b'),
  text('\\temp', '\\temp'),
  text('“say "hi"”', 'say "hi"'),
  text("it's", "it's"),
  text('größe', 'größe'),
  text('ÄÖÜ', 'ÄÖÜ'),
  text('äöü', 'äöü'),
  text('😀', '😀'),
  text('[x]*?', '[x]*?'),
  text('EVENT', 'EVENT'),
  text('"ann 0 Ø"', 'ann 0 Ø'),
  text('"a\nb"', 'a\nb'),
  [
    'since:2026-06-16 until:2026-06-16',
    { startDate: new Date('2026-06-16T00:00:00Z'), endDate: new Date('2026-06-16T23:59:59.999Z') },
    { since: '2026-06-16', until: '2026-06-16' },
  ],
  [
    'until:2026-06-15T18:00 text:words category:AUTH,SECURITY,CONFIG',
    { endDate: new Date('2026-06-15T18:00:00Z'), text: 'words', category: ['AUTH', 'SECURITY', 'CONFIG'] },
    { until: '2026-06-15T18:00', text: 'words', category: 'AUTH,SECURITY,CONFIG' },
  ],
  [
    `source:cli actor:${OPERATOR} action:HOST_B,HOST_D,HOST_A,host.c since:2026-06-01`,
    {
      source: 'cli',
      phoneNumber: OPERATOR,
      action: ['HOST_B', 'HOST_D', 'HOST_A', 'host.c'],
      startDate: new Date('2026-06-01T00:00:00Z'),
    },
    { source: 'cli', phoneNumber: OPERATOR, action: 'HOST_B,HOST_D,HOST_A,host.c', since: '2026-06-01' },
  ],
]

const shared = shareWarden({ events })
beforeAll(() => plant(shared.warden, shared.clock))

let known: readonly AuditLog[] = []

/** Every entry, newest first. None is ever changed, so only those that are new are read. */
async function allEntries(): Promise<readonly AuditLog[]> {
  const { AuditLogRepository } = shared.warden
  const limit = (await AuditLogRepository.count()) - known.length
  if (limit > 0) known = [...(await AuditLogRepository.query({ limit })), ...known]
  return known
}

const meantNow = async (filter: AuditFilter): Promise<AuditLog[]> =>
  (await allEntries()).filter((entry) => isMeant(entry, filter))

const numbers = (entries: readonly AuditLog[]): number[] =>
  entries.flatMap(({ description }) => /^event (\d+)\.$/.exec(description)?.[1] ?? []).map(Number)
const shownIn = (answer: string): number[] => [...answer.matchAll(/event (\d+)\./g)].map(([, n]) => Number(n))

/** What `typed` and the pages after it show, so many or all of them. */
async function pagesOf(typed: string, atMost = Number.POSITIVE_INFINITY): Promise<{ first: string; shown: number[] }> {
  const { warden } = shared
  const first = await warden.ask(ADMIN, `!config audit ${typed}`)
  const shown = shownIn(first)
  let answer = first
  for (let page = 1; page < atMost && answer.includes('Send *more*'); page++) {
    answer = await warden.ask(ADMIN, 'more')
    shown.push(...shownIn(answer))
  }
  return { first, shown }
}

describe.each(FILTERS)('%s', (typed, filter, record) => {
  test('finds through chat and code what looking at every entry finds, each once, and says how many', async () => {
    const meant = await meantNow(filter)
    expect(meant.length > 0).toBe(typed !== 'text:äöü')
    expect((await shared.warden.AuditLogRepository.query(filter)).map(({ id }) => id)).toEqual(
      meant.map(({ id }) => id),
    )
    expect(await shared.warden.AuditLogRepository.count(filter)).toBe(meant.length)
    const { first, shown } = await pagesOf(`search ${typed}`)
    expect(shown).toEqual(numbers(meant))
    if (meant.length > 0) expect(first).toContain(`Found ${meant.length} entries`)
    else expect(first).toMatch(/^No audit logs found: /)
    const list = `list ${/since|until/.test(typed) ? '' : 30} ${typed}`
    const page = shownIn(await shared.warden.ask(ADMIN, `!config audit ${list}`))
    expect(page).toEqual(numbers(meant).slice(0, page.length))
  })

  test('is in the trail, for every page', async () => {
    const { entries } = await entriesOf(shared.warden, () => pagesOf(`search ${typed}`, 2))
    const [first, second] = entries
    expect(first).toMatchObject({ action: 'AUDIT_LOG_VIEWED', phoneNumber: ADMIN })
    const plain = Object.fromEntries(Object.entries(record).map(([name, value]) => [name, value.replace('\n', ' ')]))
    expect(first?.metadata).toEqual({ filters: plain })
    if (second !== undefined) expect(second.metadata).toEqual({ filters: { ...plain, beforeSeq: expect.any(Number) } })
  })

  test('is an export of the same', async () => {
    const { warden } = shared
    const meant = await meantNow(filter)
    const { result, entries } = await entriesOf(warden, () => warden.say(OWNER, `!config audit export ${typed}`))
    expect(result.status).toBe('answered')
    const file = readFileSync(result.replies[0]?.attachment?.path ?? '')
    expect((JSON.parse(file.toString()) as AuditLog[]).map(({ id }) => id)).toEqual(meant.map(({ id }) => id))
    expect(entries.map(({ action }) => action)).toEqual(['AUDIT_LOG_EXPORTED'])
    expect(entries[0]?.metadata).toMatchObject({
      format: 'json',
      recordCount: meant.length,
      filters: Object.fromEntries(Object.entries(record).map(([name, value]) => [name, value.replace('\n', ' ')])),
      sha256: createHash('sha256').update(file).digest('hex'),
      by: 'chat',
    })
  })
})

test('a filter of many values is in the trail with all of them', async () => {
  const actions = Array.from({ length: 20 }, (_, n) => `ACTION_${n}_${'X'.repeat(50)}`).join(',')
  const { entries } = await entriesOf(shared.warden, () =>
    shared.warden.ask(ADMIN, `!config audit search action:${actions}`),
  )
  expect(entries[0]?.metadata).toEqual({ filters: { action: actions } })
})

test('who looked for what was done to somebody is an entry about that person, to be erased with the others', async () => {
  const { entries } = await entriesOf(shared.warden, () =>
    shared.warden.ask(ADMIN, `!config audit search target:${USER}`),
  )
  expect(entries).toMatchObject([{ action: 'AUDIT_LOG_VIEWED', resourceType: 'user', resourceId: USER }])
})

test('a text of U+0000 is in no entry, and is not taken for all of them', async () => {
  expect(await shared.warden.AuditLogRepository.count({ text: '\0' })).toBe(0)
  expect(await shared.warden.AuditLogRepository.count({ text: 'event\0nothing' })).toBe(0)
})

test('without a filter the command explains itself, and what cannot be meant writes no entry', async () => {
  const { warden } = shared
  for (const typed of ['', 'colour:red', 'category:', 'since:2026-02-30', 'since:1h until:2h', 'format:csv']) {
    const { result, entries } = await entriesOf(warden, () => warden.say(ADMIN, `!config audit search ${typed}`))
    expect([typed, result.status]).toEqual([typed, 'usage'])
    expect(entries).toEqual([])
  }
  expect((await warden.say(OWNER, '!config audit export profile:moderation')).status).toBe('usage')
  expect((await warden.say(OWNER, '!config audit export profile:moderation format:jsonl')).status).toBe('usage')
  expect((await warden.say(OWNER, '!config audit export bom:yes')).status).toBe('usage')
})

describe('audit history', () => {
  const fileOf = ({ replies }: Handled): string => readFileSync(replies[0]?.attachment?.path ?? '', 'utf8')

  test('is a report of two parts with a line for each entry, and a summary of it', async () => {
    const { warden } = shared
    const all = await warden.AuditLogRepository.query()
    const by = all.filter(({ phoneNumber }) => phoneNumber === STRANGER)
    const on = all.filter((entry) => isMeant(entry, { targetPhoneNumber: STRANGER }))
    const { result, entries } = await entriesOf(warden, () => warden.say(ADMIN, `!config audit history ${STRANGER}`))
    const file = fileOf(result)
    const [head = '', ...parts] = file.split(/^Actions (?:by|about) them:\n/m)
    expect(head).toMatch(`Audit history of ${STRANGER}\n`)
    const lines = parts.map((part) => part.trimEnd().split('\n'))
    expect(lines.map((part) => part.map((line) => /\| event (\d+)\. \|/.exec(line)?.[1]))).toEqual(
      [by, on].map((part) => numbers(part).map(String)),
    )
    for (const line of lines.flat()) expect(line).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d \| (HOST_|host\.)/)
    expect(textOf(result)).toContain(`▶️ By them: ${by.length}\n`)
    expect(textOf(result)).toContain(`🎯 About them: ${on.length}\n`)
    for (const [action] of Object.entries(events)) {
      const count = by.filter((entry) => entry.action === action).length
      if (count > 0) expect(textOf(result).replaceAll('ˍ', '_')).toContain(`   ${action} ${count}\n`)
    }
    expect(entries).toMatchObject([
      {
        action: 'AUDIT_LOG_EXPORTED',
        metadata: {
          format: 'text',
          recordCount: by.length + on.length,
          filters: { phoneNumber: STRANGER, view: 'history' },
          sha256: createHash('sha256').update(file).digest('hex'),
        },
      },
    ])
  })

  test('of nobody is not found, and leaves no file', async () => {
    const { result, entries } = await entriesOf(shared.warden, () =>
      shared.warden.say(ADMIN, '!config audit history +4930901820'),
    )
    expect(result).toMatchObject({ status: 'not-found', replies: [{ text: expect.stringContaining('+4930901820') }] })
    expect(entries).toEqual([])
  })
})
