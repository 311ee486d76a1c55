import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { COMMANDS, commandName, usageOf } from '../../src/commands/registry.ts'
import { DAY, MINUTE } from '../../src/kernel/clock.ts'
import { type IncomingMessage, MAX_REPLY_LENGTH, type Reply } from '../../src/kernel/message.ts'
import {
  ADMIN,
  ADMIN2,
  FakeClock,
  OPERATOR,
  OWNER,
  openTestWarden,
  openWithUser,
  STRANGER,
  type TestWarden,
  USER,
} from '../support/chatwarden.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { entriesOf, readEntry, textOf } from '../support/trail.ts'

const GROUP: IncomingMessage['chat'] = { id: '120363000000000000@g.us', kind: 'group' }
const NEW = '+15550000777'

/** Entries by the USER, told apart by their number. */
async function queries(warden: TestWarden, from: number, count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, i) => from + i)
  const performedBy = { phoneNumber: USER, role: 'USER' }
  await Promise.all(numbers.map((n) => warden.AuditLogger.logUsageQuery({ performedBy, queryType: `query ${n}.` })))
}

/** Which of those entries an answer shows, from above to below. */
const shownIn = (text: string): number[] => [...text.matchAll(/query (\d+)\./g)].map(([, n]) => Number(n))

describe('audit list', () => {
  test('shows what document 002 prints, at most ten entries, newest first', async () => {
    const clock = new FakeClock()
    const warden = await openWithUser({ clock, env: { TIMEZONE: 'America/New_York' } })
    await queries(warden, 1, 12)
    const text = await warden.ask(ADMIN, '!config audit list')
    expect(text).toMatch(/^📋 \*Audit Logs \(7 days\) - Last 10 entries\*\n\n\*USAGE_QUERY\* - ADMIN\n/)
    expect(text).toContain(
      `*USAGE_QUERY* - ADMIN\n📅 2026-06-15 08:00\n👤 ${USER} (USER)\n📝 Viewed usage: query 12.\n---\n`,
    )
    expect(shownIn(text)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3])
    expect(text).toMatch(/_Send \*more\* or !config more for older entries\._$/)
  })

  test('goes as many days back as it is told', async () => {
    const clock = new FakeClock()
    const warden = await openWithUser({ clock })
    await queries(warden, 1, 1)
    clock.advance(3 * DAY)
    await queries(warden, 2, 1)
    expect(shownIn(await warden.ask(OWNER, '!config audit list 2'))).toEqual([2])
    expect(shownIn(await warden.ask(OWNER, '!config audit list 3'))).toEqual([2, 1])
    expect(await warden.ask(OWNER, '!config audit list 1')).toMatch(/^📋 \*Audit Logs \(1 day\) - Last 3 entries\*/)
  })
})

describe('audit user', () => {
  const shared = shareWarden()

  test('shows what somebody did, and how much there is about them', async () => {
    const { warden } = shared
    await queries(warden, 1, 2)
    await warden.say(OWNER, `!config role info ${USER}`)
    const text = await warden.ask(ADMIN, `!config audit user ${USER}`)
    expect(text).toMatch(`📋 *Audit Logs for ${USER}*\nFound 2 entries\n+ 2 about them\n`)
    expect(shownIn(text)).toEqual([2, 1])
    expect(text).not.toContain('Added')
  })

  test('finds one person by any form of their number', async () => {
    const { warden } = shared
    for (const typed of ['+1 (555) 000-0401', '0015550000401', '15550000401@c.us'])
      expect(await warden.ask(ADMIN, `!config audit user ${typed}`)).toContain(`Audit Logs for ${USER}`)
  })

  test.each(['audit user', 'audit user me', 'audit user 12', `audit user ${USER} now`])(
    'explains: %s',
    async (typed) => {
      const { warden } = shared
      const { result, entries } = await entriesOf(warden, () => warden.say(ADMIN, `!config ${typed}`))
      expect(result.status).toBe('usage')
      expect(textOf(result)).toContain('Usage: !config audit user <phoneNumber>')
      expect(entries).toEqual([])
    },
  )
})

describe('audit category', () => {
  const shared = shareWarden()

  test('shows the entries of one category only, its name in any case', async () => {
    const { warden } = shared
    await warden.AuditLogger.logCircuitBreakerChange({ service: 'openai', state: 'OPEN', failureCount: 5 })
    const text = await warden.ask(ADMIN, '!config audit category security')
    expect(text).toMatch(/^📋 \*Audit Logs - SECURITY Category\*\n\n\*CIRCUIT_BREAKER_OPEN\* - SECURITY\n/)
    expect(text.match(/ - (AUTH|CONFIG|ADMIN)\n/)).toBeNull()
  })

  test.each(['NOPE', 'AUTH ADMIN', '__proto__', 'constructor', ''])('explains: %j', async (typed) => {
    const handled = await shared.warden.say(ADMIN, `!config audit category ${typed}`)
    expect(handled.status).toBe('usage')
    expect(textOf(handled)).toMatch(/AUTH, CONFIG, ADMIN|I don't understand "ADMIN"/)
    expect(textOf(handled)).toContain('Usage: !config audit category <AUTH|CONFIG|ADMIN|SECURITY>')
  })
})

describe('audit mine', () => {
  test('shows what the caller did and what was done to them, and nobody else’s number or name', async () => {
    const warden = await openWithUser()
    await queries(warden, 1, 1)
    await warden.say(ADMIN, `!config role promote ${USER} OPERATOR`, {
      sender: { id: ADMIN, name: 'Anna Admin', operator: 'root@host' },
    })
    await warden.AuditLogger.logWhitelistChange({
      performedBy: { phoneNumber: '99887766554433@lid', role: 'NONE', name: 'Lena Lid' },
      targetPhoneNumber: USER,
      action: 'ADD',
    })
    await warden.say(OWNER, `!config audit user ${ADMIN}`)
    const text = await warden.ask(USER, '!config audit mine')
    expect(text).toContain('📋 *Audit Logs about you*')
    expect(shownIn(text)).toEqual([1])
    expect(text).toContain(`Changed role of ${USER} from USER to OPERATOR`)
    expect(text).toContain(`Added ${USER} as USER`)
    for (const other of [ADMIN, OWNER, '99887766554433', 'Anna', 'Lena', 'root']) expect(text).not.toContain(other)
    expect(text.match(/📝/g)).toHaveLength(4)
  })

  test('masks other people also in what the caller did', async () => {
    const warden = await openWithUser()
    await warden.say(ADMIN, `!config role promote ${NEW} OPERATOR`)
    await warden.say(OWNER, `!config role demote ${ADMIN} USER`)
    const text = await warden.ask(ADMIN, '!config audit mine')
    expect(text).toContain(`👤 ${ADMIN} (ADMIN)\n📝 Added +15•••••••77 as OPERATOR`)
    expect(text).not.toContain(NEW)
    expect(text).not.toContain(OWNER)
  })
})

describe('pages', () => {
  /** Everything that `ask` and the pages after it show, until there is no more. */
  async function allPages(warden: TestWarden, as: string, ask: string, between: (page: number) => Promise<unknown>) {
    const shown: number[] = []
    let text = await warden.ask(as, ask)
    let pages = 1
    for (; ; pages++) {
      expect(text.length).toBeLessThanOrEqual(MAX_REPLY_LENGTH)
      shown.push(...shownIn(text))
      if (!text.includes('Send *more*')) return { shown, pages }
      await between(pages)
      text = await warden.ask(as, pages % 2 === 0 ? 'more' : '!config more')
    }
  }

  const downFrom = (n: number) => Array.from({ length: n }, (_, i) => n - i)

  test.each([
    ['audit list', ADMIN],
    [`audit user ${USER}`, ADMIN],
    ['audit category ADMIN', ADMIN],
    ['audit mine', USER],
  ])('show every entry exactly once, also when new ones arrive in between: %s', async (command, as) => {
    const warden = await openWithUser({ clock: new FakeClock() })
    await queries(warden, 1, 35)
    const { shown, pages } = await allPages(warden, as, `!config ${command}`, (page) =>
      queries(warden, 1000 + page * 10, 7),
    )
    expect(shown).toEqual(downFrom(35))
    expect(pages).toBeGreaterThanOrEqual(4)
  })

  test('end exactly at the last entry', async () => {
    const warden = await openWithUser()
    await queries(warden, 1, 20)
    const { shown, pages } = await allPages(warden, ADMIN, `!config audit user ${USER}`, async () => {})
    expect({ shown, pages }).toEqual({ shown: downFrom(20), pages: 2 })
    expect(await warden.say(ADMIN, 'more')).toEqual({ status: 'ignored', replies: [] })
    expect(await warden.ask(ADMIN, '!config more')).toBe('There is nothing more to show.')
  })

  test('are shorter where entries are long, and leave none out', async () => {
    const warden = await openWithUser()
    const performedBy = { phoneNumber: '𝕏'.repeat(300), role: '*'.repeat(300), name: '👩‍👩‍👧‍👦'.repeat(60) }
    const numbers = Array.from({ length: 30 }, (_, i) => i + 1)
    const texts = numbers.map((n) => `query ${n}. ${'_*~`\n𝕏'.repeat(200)}`)
    await Promise.all(texts.map((queryType) => warden.AuditLogger.logUsageQuery({ performedBy, queryType })))
    const { shown } = await allPages(warden, ADMIN, '!config audit list', async () => {})
    expect(shown).toEqual(downFrom(30))
  })
})

describe('more', () => {
  const shared = shareWarden()
  beforeAll(() => queries(shared.warden, 1, 25))

  async function withAPage(more: Partial<IncomingMessage> = {}) {
    await shared.warden.say(ADMIN, `!config audit user ${USER}`, more)
    return shared
  }

  test('is an entry that says which page it was', async () => {
    const { warden } = await withAPage()
    const { entries } = await entriesOf(warden, () => warden.ask(ADMIN, 'more'))
    const [tenth] = (await warden.AuditLogRepository.findByPhoneNumber(USER)).slice(9)
    expect(entries).toMatchObject([
      {
        action: 'AUDIT_LOG_VIEWED',
        phoneNumber: ADMIN,
        metadata: { filters: { phoneNumber: USER, beforeSeq: tenth?.seq } },
      },
    ])
  })

  test('is a command for ten minutes', async () => {
    const { warden, clock } = await withAPage()
    clock.advance(10 * MINUTE - 1)
    expect(shownIn(await warden.ask(ADMIN, ' More '))).toEqual([15, 14, 13, 12, 11, 10, 9, 8, 7, 6])
    clock.advance(10 * MINUTE)
    expect(await warden.say(ADMIN, 'more')).toEqual({ status: 'ignored', replies: [] })
    expect(await warden.say(ADMIN, '!config more')).toMatchObject({ status: 'usage' })
  })

  test('of a page asked for in a group goes on in the private chat too, where the page was shown', async () => {
    const { warden } = await withAPage({ chat: GROUP })
    expect(
      warden.isCommand({ source: 'api', chat: { id: ADMIN, kind: 'private' }, sender: { id: ADMIN }, text: 'more' }),
    ).toBe(true)
    expect(shownIn(await warden.ask(ADMIN, 'more'))).toHaveLength(10)
  })

  test('is a command only for the same caller in the same chat', async () => {
    const { warden } = await withAPage()
    const elsewhere: Partial<IncomingMessage>[] = [{ chat: GROUP }, { chat: { id: 'another-group', kind: 'group' } }]
    for (const more of elsewhere) {
      expect(await warden.say(ADMIN, 'more', more)).toEqual({ status: 'ignored', replies: [] })
      expect(await warden.ask(ADMIN, '!config more', more)).toBe('There is nothing more to show.')
    }
    for (const other of [ADMIN2, OWNER, STRANGER])
      expect(await warden.say(other, 'more', { chat: { id: ADMIN, kind: 'private' } })).toMatchObject({
        status: 'ignored',
      })
    expect(shownIn(await warden.ask(ADMIN, 'more'))).toHaveLength(10)
  })

  test('in a group goes on there, for the caller alone', async () => {
    const { warden } = await withAPage({ chat: GROUP })
    const { replies } = await warden.say(ADMIN, 'more', { chat: GROUP })
    expect(replies).toMatchObject([{ audience: 'sender' }])
    expect(shownIn(textOf({ status: 'answered', replies }))).toHaveLength(10)
  })

  test('is checked again: who was demoted in between is denied, and it is written', async () => {
    for (const more of ['more', '!config more']) {
      const { warden } = await withAPage()
      await warden.say(OWNER, `!config role demote ${ADMIN} USER`)
      const { result, entries } = await entriesOf(warden, () => warden.say(ADMIN, more))
      expect(result.status).toBe('denied')
      expect(shownIn(textOf(result))).toEqual([])
      expect(entries).toMatchObject([
        { action: 'PERMISSION_DENIED', userRole: 'USER', metadata: { attemptedAction: 'VIEW_AUDIT_LOGS' } },
      ])
      await warden.say(OWNER, `!config role promote ${ADMIN} ADMIN`)
    }
  })

  test('without a page is left alone, and nothing is written', async () => {
    const { warden } = shared
    for (const as of [OWNER, USER, STRANGER]) {
      const { result, entries } = await entriesOf(warden, () => warden.say(as, 'more'))
      expect({ result, entries }).toEqual({ result: { status: 'ignored', replies: [] }, entries: [] })
    }
    expect(await warden.say(OWNER, 'more please')).toMatchObject({ status: 'ignored' })
  })

  test('is known as a command as long as it is one', async () => {
    const { warden, clock } = await withAPage()
    const message = (as: string): IncomingMessage => ({
      id: 'x',
      source: 'api',
      chat: { id: as, kind: 'private' },
      sender: { id: as },
      text: 'more',
    })
    expect([warden.isCommand(message(ADMIN)), warden.isCommand(message(ADMIN2))]).toEqual([true, false])
    await warden.say(ADMIN, '!config help')
    expect(warden.isCommand(message(ADMIN))).toBe(true)
    expect((await warden.say(ADMIN, 'more')).status).toBe('answered')
    clock.advance(10 * MINUTE)
    expect(warden.isCommand(message(ADMIN))).toBe(false)
  })
})

describe('an empty answer says why', () => {
  test('no entries at all', async () => {
    const warden = await openWithUser()
    warden.sql('DROP TRIGGER audit_logs_refuse_uncovered_delete')
    const empty = async (as: string, command: string) => {
      warden.sql('DELETE FROM audit_logs')
      return warden.ask(as, `!config audit ${command}`)
    }
    const why = 'The audit log has no entries yet.'
    expect(await empty(ADMIN, 'list 30')).toBe(`No audit logs found for the last 30 days.\n${why}`)
    expect(await empty(ADMIN, `user ${USER}`)).toBe(`No audit logs found for ${USER}.\n${why}`)
    expect(await empty(ADMIN, 'category auth')).toBe(`No audit logs found for category: AUTH\n${why}`)
    expect(await empty(USER, 'mine')).toBe(`No audit logs about you.\n${why}`)
  })

  test('none in the range, and when the newest was', async () => {
    const clock = new FakeClock()
    const warden = await openWithUser({ clock })
    clock.advance(8 * DAY)
    expect(await warden.ask(ADMIN, '!config audit list')).toBe(
      'No audit logs found for the last 7 days.\nThe newest entry is from 2026-06-15 12:00.',
    )
  })

  test('none for the filter', async () => {
    const clock = new FakeClock()
    const warden = await openWithUser({ clock })
    const why = 'The log has other entries, but none that match.'
    expect(await warden.ask(ADMIN, `!config audit user ${NEW}`)).toBe(`No audit logs found for ${NEW}.\n${why}`)
    expect(await warden.ask(ADMIN, `!config audit user ${OPERATOR}`)).toBe(
      `No audit logs found for ${OPERATOR}.\n+ 1 about them\n${why}`,
    )
    expect(await warden.ask(ADMIN, '!config audit category CONFIG')).toBe(
      `No audit logs found for category: CONFIG\n${why}`,
    )
    // What gave somebody their role stays, so only who has none yet finds nothing about themselves.
    await warden.say(OWNER, `!config whitelist remove ${NEW}`)
    clock.advance(91 * DAY)
    await warden.cleanupExpiredAuditLogs()
    expect(await warden.ask(USER, '!config audit mine')).toContain('Audit Logs about you')
  })

  test('an empty answer is a view like any other', async () => {
    const warden = await openWithUser()
    const { entries } = await entriesOf(warden, () => warden.ask(ADMIN, `!config audit user ${NEW}`))
    expect(entries).toMatchObject([{ action: 'AUDIT_LOG_VIEWED', metadata: { filters: { phoneNumber: NEW } } }])
  })
})

describe('every view is an entry', () => {
  const shared = shareWarden()
  test.each([
    ['audit list', ADMIN, { days: 7 }, 'Viewed audit logs (last 7 days)'],
    ['audit list 30', ADMIN, { days: 30 }, 'Viewed audit logs (last 30 days)'],
    [`audit user ${USER}`, OWNER, { phoneNumber: USER }, `Viewed audit logs (of ${USER})`],
    ['audit category AUTH', ADMIN, { category: 'AUTH' }, 'Viewed audit logs (category AUTH)'],
    ['audit mine', USER, { mine: true }, 'Viewed audit logs (about themself)'],
  ])('%s', async (command, as, filters, description) => {
    const { warden } = shared
    const { result, entries } = await entriesOf(warden, () => warden.say(as, `!config ${command}`))
    expect(result).toMatchObject({ status: 'answered', replies: [{ audience: 'sender' }] })
    expect(entries).toMatchObject([
      { action: 'AUDIT_LOG_VIEWED', category: 'ADMIN', phoneNumber: as, metadata: { filters }, description },
    ])
  })
})

describe('audit export', () => {
  async function exported(warden: TestWarden, command = '!config audit export') {
    const progress: Reply[] = []
    const { result, entries } = await entriesOf(warden, () =>
      warden.handle(
        { id: command, source: 'api', chat: { id: OWNER, kind: 'private' }, sender: { id: OWNER }, text: command },
        (reply) => progress.push(reply),
      ),
    )
    const attachment = result.replies[0]?.attachment
    if (attachment === undefined) throw new Error('There is no file.')
    return { progress, result, entries, attachment, text: await readFile(attachment.path, 'utf8') }
  }

  test('is a file that equals the database, newest first, with metadata as an object', async () => {
    const warden = await openWithUser()
    await queries(warden, 1, 1200)
    await warden.AuditLogger.logConfigChange({
      performedBy: { phoneNumber: OWNER, name: 'Ünï "Çode" \u202E\n,=1' },
      setting: 'model',
      oldValue: null,
      newValue: '=HYPERLINK("http://evil.example")',
    })
    const inDatabase = warden.sql('SELECT id FROM audit_logs ORDER BY seq DESC').map(({ id }) => id)
    const entries = (await warden.AuditLogRepository.query()).map((entry) => ({
      ...readEntry(entry),
      createdAt: entry.createdAt.toISOString(),
    }))
    const { text } = await exported(warden)
    const file = JSON.parse(text) as { id: string }[]
    expect(file.map(({ id }) => id)).toEqual(inDatabase)
    expect(file).toEqual(entries)
  })

  test('says that it takes a while, names the file for its moment and counts what is in it', async () => {
    const clock = new FakeClock()
    const warden = await openWithUser({ clock })
    clock.advance(2 * DAY)
    await queries(warden, 1, 3)
    const { progress, result, entries, attachment, text } = await exported(warden, '!config audit export 1')
    expect(progress).toEqual([{ audience: 'sender', text: '📦 Exporting audit logs for the last 1 day...' }])
    expect(result.replies).toMatchObject([
      {
        audience: 'sender',
        text: expect.stringMatching(
          /^✅ \*Audit Log Export Complete\*\n📊 Total Records: 3\n📅 Date Range: Last 1 day\n🧾 \d+ KB, SHA-256 [0-9a-f]{16}…; the manifest follows\.$/,
        ),
        attachment: { kind: 'document', mimeType: 'application/json', name: 'audit-logs-20260617T120000Z.json' },
      },
      { audience: 'sender', text: '', attachment: { name: 'audit-logs-20260617T120000Z.json.manifest' } },
    ])
    expect(entries).toMatchObject([
      { action: 'AUDIT_LOG_EXPORTED', metadata: { format: 'json', recordCount: 3, filters: { days: 1 } } },
    ])
    expect(JSON.parse(text)).toHaveLength(3)
    expect((await stat(attachment.path)).mode & 0o077).toBe(0)
  })

  test('of nothing is an empty array', async () => {
    const clock = new FakeClock()
    const warden = await openWithUser({ clock })
    clock.advance(40 * DAY)
    const { result, text } = await exported(warden)
    expect(JSON.parse(text)).toEqual([])
    expect(textOf(result)).toContain('Total Records: 0')
  })
})

describe('a number of days', () => {
  const shared = shareWarden()
  const REFUSED = ['0', '366', '7abc', '1.9', '-5', '٣', '७', '７', '+7', '1e2', '0x10', '1,000', '""', '99999', 'NaN']

  test.each(REFUSED)('is not %s', async (typed) => {
    const { warden } = shared
    for (const command of ['audit list', 'audit export']) {
      const { result, entries } = await entriesOf(warden, () => warden.say(OWNER, `!config ${command} ${typed}`))
      expect(result.status).toBe('usage')
      expect(textOf(result)).toMatch(/^Invalid number of days. Please provide a number between 1 and 365\./)
      expect(textOf(result)).toContain(`Usage: !config ${command} [days]`)
      expect(entries).toEqual([])
    }
    expect(await readdir(join(warden.folder, 'outgoing')).catch(() => [])).toEqual([])
  })

  test.each(['1', '365', '007'])('may be %s', async (typed) => {
    expect((await shared.warden.say(OWNER, `!config audit list ${typed}`)).status).toBe('answered')
  })
})

describe('a message', () => {
  const shared = shareWarden()

  test('that is delivered twice acts once and is answered once', async () => {
    const warden = await openWithUser()
    const messages = [
      [OWNER, `!config role promote ${NEW} USER`],
      [OWNER, '!config audit list'],
      [OWNER, '!config audit export'],
      [OWNER, '!config help'],
      [OWNER, '!config audit list 7abc'],
      [OWNER, `!config role demote ${OWNER} USER`],
      [STRANGER, '!config audit list'],
    ] as const
    for (const [as, text] of messages) {
      const id = `${text} by ${as}`
      const once = await warden.say(as, text, { id })
      expect(once.replies.length).toBeGreaterThan(0)
      const { result, entries } = await entriesOf(warden, () => warden.say(as, text, { id }))
      expect({ result, entries }).toEqual({ result: { status: 'duplicate', replies: [] }, entries: [] })
    }
    // The id is unique within its source only.
    const elsewhere = { id: `!config help by ${OWNER}`, source: 'cli' } as const
    expect((await warden.say(OWNER, '!config audit list', elsewhere)).status).toBe('answered')
  })

  test.each([
    [OWNER, `!config role promote ${NEW} USER`, 'ROLE_CHANGE'],
    [OWNER, '!config audit export', 'AUDIT_LOG_EXPORTED'],
    [OWNER, `!config role demote ${OWNER} USER`, 'PERMISSION_DENIED'],
    [STRANGER, '!config audit list', 'PERMISSION_DENIED'],
  ])('that is delivered three times at once acts once: %s %s', async (as, text, action) => {
    const { warden } = shared
    const files = () => readdir(join(warden.folder, 'outgoing')).catch((): string[] => [])
    const before = await files()
    const { result, entries } = await entriesOf(warden, () =>
      Promise.all([1, 2, 3].map(() => warden.say(as, text, { id: `the same ${text}` }))),
    )
    expect(entries.map((entry) => entry.action)).toEqual([action])
    expect(result.filter(({ replies }) => replies.length > 0)).toHaveLength(1)
    expect(result.filter(({ status }) => status === 'duplicate')).toHaveLength(2)
    const made = (await files()).filter((file) => !before.includes(file))
    expect(made).toHaveLength(action === 'AUDIT_LOG_EXPORTED' ? 2 : 0)
  })
})

describe('words', () => {
  const shared = shareWarden()

  test.each([
    '!CONFIG AUDIT LIST',
    '!Config Audit List 7',
    '  !config   audit\tlist\n7  ',
    '!config “audit” "list" „7“',
    '!config\u00A0audit\u2003list',
    `!config AUDIT User ${USER}`,
    '!config audit category “auth”',
    '!config audit CATEGORY Security',
  ])('are understood in any case, with any spaces and quotes: %j', async (text) => {
    expect(shared.warden.isCommand({ text })).toBe(true)
    expect((await shared.warden.say(ADMIN, text)).status).toBe('answered')
  })

  test.each([
    '',
    'hello',
    '!configuration',
    '!configaudit list',
    'config audit list',
    'please !config audit list',
    '!conf',
  ])('that do not begin with the prefix are left alone: %j', async (text) => {
    expect(shared.warden.isCommand({ text })).toBe(false)
    expect(await shared.warden.say(OWNER, text)).toEqual({ status: 'ignored', replies: [] })
  })

  test('begin with the prefix that is configured', async () => {
    const warden = await openTestWarden({ env: { COMMAND_PREFIX: '/Bot' } })
    expect((await warden.say(ADMIN, '/BOT audit list')).status).toBe('answered')
    expect((await warden.say(ADMIN, '!config audit list')).status).toBe('ignored')
    expect(await warden.ask(ADMIN, '/bot audit list 0')).toContain('Usage: /Bot audit list [days]')
  })

  test.each([
    ['nonsense', 'nonsense'],
    ['audit nonsense', 'nonsense'],
    ['help nonsense', 'nonsense'],
    ['help audit nonsense', 'nonsense'],
    ['nonsense help', 'nonsense'],
    ['audit nonsense help', 'nonsense'],
  ])('that are unknown are named: %s', async (typed, word) => {
    expect(await shared.warden.ask(ADMIN, `!config ${typed}`)).toMatch(
      new RegExp(`^I don't know "${word}"\\. Send !config help for the commands\\.`),
    )
  })
})

describe('help', () => {
  const shared = shareWarden()

  test.each(COMMANDS.map((command) => ({ command, name: commandName(command) })))(
    'on $name shows its usage, its role and an example that is a command',
    async ({ command, name }) => {
      const { warden } = shared
      const { result, entries } = await entriesOf(warden, () => warden.ask(OWNER, `!config ${name} help`))
      expect(result).toContain(`ℹ️ *!config ${usageOf(command)}*`)
      expect(result).toContain(command.summary)
      expect(result).toContain(`Requires ${command.role}`)
      for (const example of command.examples) {
        expect(result).toContain(`• !config ${example}`)
        expect((await warden.say(OWNER, `!config ${example}`)).status).not.toBe('usage')
      }
      expect(entries).toEqual([])
      // Where a text may stand, `help` at its end is a word like any other.
      const isText = Object.values(command.arguments).some(({ isFreeText }) => isFreeText)
      for (const ask of [`help ${name}`, `${name} HELP`, ...(isText ? [] : [`${name} 7abc help`])])
        expect(await warden.ask(OWNER, `!config ${ask}`)).toBe(result)
    },
  )
})
