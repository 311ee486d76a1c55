import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { AuditEvents } from '../src/audit/write/audit-logger.ts'
import { COMMANDS, commandName } from '../src/commands/registry.ts'
import { DAY, MINUTE } from '../src/kernel/clock.ts'
import { TRIAL_OWNER } from '../src/roles/user.ts'
import {
  ADMIN,
  FakeClock,
  OPERATOR,
  OWNER,
  OWNER2,
  openTestWarden,
  openWithUser,
  STRANGER,
  type TestWarden,
  temporaryFolder,
  USER,
} from './support/chatwarden.ts'
import { codeIn } from './support/confirming.ts'
import { tablesOf } from './support/database.ts'
import { entriesOf, readEntry, roleOf, textOf } from './support/trail.ts'

// Every defect that the bot which document 002 was written for had, numbered as they were found: none comes back.
// 3 is `commands/group-privacy.test.ts`; 14, replies too long, is where each list is tested.

const NEW = '+15550000777'
const UNAVAILABLE = /^❌ The audit log cannot be written right now, so nothing was done\..* \(Reference: [0-9A-F]{8}\)$/

/** A log that keeps its lines. */
function keptLog() {
  const lines: string[] = []
  return { lines, log: pino({ level: 'debug' }, { write: (line: string) => lines.push(line) }) }
}

/** Makes the database refuse every entry, until it is told otherwise. */
function refuseEntries(warden: TestWarden): () => void {
  warden.sql(`CREATE TRIGGER refuse_entries BEFORE INSERT ON audit_logs
    BEGIN SELECT RAISE(ABORT, 'SQLITE_IOERR: the disk is on fire'); END`)
  return () => warden.sql('DROP TRIGGER refuse_entries')
}

const usageQueries = (warden: TestWarden, count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, n) =>
      warden.AuditLogger.logUsageQuery({ performedBy: { phoneNumber: USER }, queryType: `query ${n}.` }),
    ),
  )

describe('defect 1: somebody can become OWNER', () => {
  test('by configuration, and from then on by an OWNER', async () => {
    const warden = await openTestWarden()
    expect(await roleOf(warden, OWNER)).toBe('OWNER')
    await warden.say(OWNER, `!config role promote ${NEW} OWNER`)
    expect((await warden.say(NEW, '!config audit export')).status).toBe('answered')
  })

  test('without any configuration, at the terminal', async () => {
    const warden = await openTestWarden({
      env: { OWNER_PHONE_NUMBERS: '', ADMIN_PHONE_NUMBERS: '', OPERATOR_PHONE_NUMBERS: '' },
    })
    const terminal = { source: 'terminal', sender: { id: TRIAL_OWNER } } as const
    await warden.say(TRIAL_OWNER, `!config role promote ${NEW} OWNER`, terminal)
    expect(await roleOf(warden, NEW)).toBe('OWNER')
  })
})

describe('defect 2: one person is one user, however their number is written', () => {
  const digits = OWNER.slice(1)

  test('by every id of theirs', async () => {
    const warden = await openTestWarden()
    const ids = [{ id: `${digits}@c.us` }, { id: `${digits}:12@c.us` }, { id: OWNER }, { id: '99@lid', phone: OWNER }]
    for (const sender of ids)
      expect((await warden.say('', '!config audit list', { source: 'whatsapp', sender })).status).toBe('answered')
    const views = { action: 'AUDIT_LOG_VIEWED' } as const
    expect(await warden.AuditLogRepository.count({ ...views, phoneNumber: `${digits}@c.us` })).toBe(4)
    expect(await warden.AuditLogRepository.count({ ...views, phoneNumber: digits })).toBe(4)
    expect(warden.sql('SELECT * FROM accounts WHERE account LIKE ?', `%${digits}%`)).toHaveLength(1)
  })

  test('and a LID is never read as a number', async () => {
    const warden = await openTestWarden()
    const sender = { id: `${digits}@lid` }
    expect((await warden.say('', '!config audit list', { source: 'whatsapp', sender })).status).toBe('denied')
  })
})

describe('defect 4: the clean-up runs, once, and removes only what is past its retention', () => {
  test('it starts with the bot and catches up what was missed', async () => {
    const folder = temporaryFolder()
    const clock = new FakeClock()
    const env = { AUDIT_LOG_RETENTION_DAYS: '1' }
    const first = await openTestWarden({ clock, env }, folder)
    await usageQueries(first, 3)
    await first.close()
    clock.advance(1.5 * DAY)
    const second = await openTestWarden({ clock, env, jobs: true }, folder)
    expect(second.isSchedulerRunning()).toBe(true)
    const actions = async () => new Set((await second.AuditLogRepository.query()).map(({ action }) => action))
    // What gave the users their roles says how things are, and stays.
    await expect.poll(actions).toEqual(new Set(['AUDIT_RETENTION', 'ROLE_CHANGE']))
  })

  test('a number of days that cannot be meant removes nothing and says so', async () => {
    const clock = new FakeClock()
    const warden = await openTestWarden({ clock })
    clock.advance(4000 * DAY)
    const before = await warden.AuditLogRepository.count()
    for (const days of [-1, 0, 1.5, 3651, Number.NaN, Number.POSITIVE_INFINITY, '7' as unknown as number]) {
      await expect(warden.cleanupExpiredAuditLogs(days)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
      await expect(warden.AuditLogRepository.deleteExpired(days)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
    expect(await warden.AuditLogRepository.count()).toBe(before)
    await expect(openTestWarden({ env: { AUDIT_LOG_RETENTION_DAYS: 'ninety' } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    })
  })
})

test('defect 5: an ADMIN cannot strip an OWNER or make ADMINs', async () => {
  const warden = await openWithUser()
  for (const command of [
    `promote ${OWNER} USER`,
    `demote ${OWNER} ADMIN`,
    `demote ${USER} ADMIN`,
    `promote ${USER} ADMIN`,
    `promote ${USER} OWNER`,
  ])
    expect([command, (await warden.say(ADMIN, `!config role ${command}`)).status]).toEqual([command, 'denied'])
  expect([await roleOf(warden, OWNER), await roleOf(warden, USER)]).toEqual(['OWNER', 'USER'])
  const performedBy = { phoneNumber: ADMIN, role: 'OWNER' }
  for (const change of [
    { phoneNumber: OWNER, newRole: 'USER' },
    { phoneNumber: USER, newRole: 'ADMIN' },
  ] as const)
    await expect(warden.UserRepository.changeRole({ performedBy, ...change })).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
    })
})

describe('defect 6: there is always an OWNER', () => {
  test('the last one cannot step down', async () => {
    const warden = await openTestWarden()
    for (const command of [`demote ${OWNER} USER`, `promote ${OWNER} USER`])
      expect((await warden.say(OWNER, `!config role ${command}`)).status).toBe('denied')
    const own = { performedBy: { phoneNumber: OWNER }, phoneNumber: OWNER, newRole: 'USER' } as const
    await expect(warden.UserRepository.changeRole(own)).rejects.toMatchObject({ code: 'NOT_PERMITTED' })
    expect(await roleOf(warden, OWNER)).toBe('OWNER')
  })

  test('two who step down at once, each as the other asked, leave one, also from two instances on one database', async () => {
    const folder = temporaryFolder()
    const env = { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` }
    const one = await openTestWarden({ env }, folder)
    const other = await openTestWarden({ env }, folder)
    for (let round = 0; round < 10; round++) {
      const asked = [
        await one.say(OWNER2, `!config role demote ${OWNER} USER`),
        await other.say(OWNER, `!config role demote ${OWNER2} USER`),
      ]
      const codes = asked.map(({ replies }) => codeIn(replies[1]?.text))
      const answers = await Promise.all([
        one.say(OWNER, `!config confirm ${codes[0]}`),
        other.say(OWNER2, `!config confirm ${codes[1]}`),
      ])
      expect(answers.map(({ status }) => status).sort()).toEqual(['answered', 'not-found'])
      expect((await one.UserRepository.countByRole()).OWNER).toBe(1)
      await one.seed(true)
      expect((await one.UserRepository.countByRole()).OWNER).toBe(2)
    }
  })
})

test('defect 7: a denied promotion creates nobody', async () => {
  const clock = new FakeClock()
  const warden = await openWithUser({ clock })
  const users = warden.sql('SELECT * FROM users ORDER BY id')
  for (const by of [STRANGER, USER, OPERATOR, ADMIN])
    for (const typed of [`${NEW} ADMIN`, `${NEW} OWNER`, 'notaphone ADMIN', `${STRANGER} OWNER`]) {
      clock.advance(10 * MINUTE)
      const { status } = await warden.say(by, `!config role promote ${typed}`)
      expect([by, typed, status]).toEqual([by, typed, by === ADMIN && typed.startsWith('not') ? 'usage' : 'denied'])
    }
  expect(warden.sql('SELECT * FROM users ORDER BY id')).toEqual(users)
})

test('defect 8: a view of a category is an entry that names it', async () => {
  const warden = await openTestWarden()
  for (const category of ['AUTH', 'CONFIG', 'ADMIN', 'SECURITY']) {
    const { entries } = await entriesOf(warden, () => warden.ask(ADMIN, `!config audit category ${category}`))
    expect(entries).toMatchObject([
      { action: 'AUDIT_LOG_VIEWED', phoneNumber: ADMIN, metadata: { filters: { category } } },
    ])
  }
})

describe('defect 9: without its entry nothing happens', () => {
  test('a role does not change, the caller is told, and the same message works afterwards', async () => {
    const warden = await openWithUser()
    const users = warden.sql('SELECT * FROM users ORDER BY id')
    const accept = refuseEntries(warden)
    for (const typed of [`promote ${USER} ADMIN`, `demote ${ADMIN} USER`, `promote ${NEW} USER`]) {
      const handled = await warden.say(OWNER, `!config role ${typed}`, { id: typed })
      expect(handled).toEqual({
        status: 'failed',
        replies: [{ audience: 'chat', text: expect.stringMatching(UNAVAILABLE) }],
      })
    }
    const change = { performedBy: { phoneNumber: OWNER }, phoneNumber: USER, newRole: 'ADMIN' } as const
    await expect(warden.UserRepository.changeRole(change)).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' })
    await expect(
      warden.AuditLogRepository.create({ action: 'USAGE_QUERY', phoneNumber: USER, metadata: { queryType: 'x' } }),
    ).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' })
    expect(warden.sql('SELECT * FROM users ORDER BY id')).toEqual(users)
    accept()
    const again = await warden.say(OWNER, `!config role promote ${USER} ADMIN`, { id: `promote ${USER} ADMIN` })
    expect([again.status, await roleOf(warden, USER)]).toEqual(['answered', 'ADMIN'])
  })

  test('a denial is still one, and no more of a sender are answered than if it were written', async () => {
    const warden = await openTestWarden()
    refuseEntries(warden)
    const answers: number[] = []
    for (let time = 0; time < 7; time++) {
      const { status, replies } = await warden.say(STRANGER, '!config role list')
      expect(status).toBe('denied')
      answers.push(replies.length)
    }
    expect(answers).toEqual([1, 1, 1, 1, 1, 0, 0])
    expect((await warden.say(USER, '!config role list')).replies).toHaveLength(1)
  })

  test('a view or an export gives no data', async () => {
    const warden = await openWithUser()
    refuseEntries(warden)
    const changes = [
      'promote',
      'demote',
      'revoke',
      'confirm',
      'block',
      'unblock',
      'add',
      'remove',
      'set',
      'reset',
      'erase',
    ]
    const views = COMMANDS.filter(({ words }) => !changes.includes(words.at(-1) ?? '')).map(commandName)
    const subject: Readonly<Record<string, string>> = {
      'audit user': USER,
      'audit category': 'AUTH',
      'audit search': 'category:AUTH',
      'audit history': OWNER,
      'audit dsar': OWNER,
      'role info': USER,
      'audit proof': '1',
      'role why': `${USER} audit list`,
      'user status': USER,
    }
    for (const view of views) {
      const handled = await warden.say(OWNER, `!config ${view} ${subject[view] ?? ''}`)
      expect([view, handled]).toEqual([
        view,
        { status: 'failed', replies: [{ audience: 'chat', text: expect.stringMatching(UNAVAILABLE) }] },
      ])
    }
    expect(await readdir(join(warden.folder, 'outgoing'))).toEqual([])
  })

  test('a denial is a denial all the same', async () => {
    const warden = await openWithUser()
    refuseEntries(warden)
    for (const by of [STRANGER, USER]) {
      const handled = await warden.say(by, '!config role list')
      expect([handled.status, textOf(handled)]).toEqual(['denied', expect.stringContaining('manage roles')])
    }
  })

  test('what a host reports never throws into it: it is written when the database is back, or counted where it cannot be', async () => {
    const clock = new FakeClock()
    const warden = await openTestWarden({ clock })
    const accept = refuseEntries(warden)
    expect(await usageQueries(warden, 3)).toEqual(['spooled', 'spooled', 'spooled'])
    clock.advance(MINUTE)
    expect(await warden.AuditLogger.logCircuitBreakerChange({ service: 'openai', state: 'OPEN' })).toBe('spooled')
    const unfit = { performedBy: { phoneNumber: USER }, queryType: 7 as unknown as string }
    expect(await warden.AuditLogger.logUsageQuery(unfit)).toBe('lost')
    expect(await warden.AuditLogger.logUsageQuery(undefined as never)).toBe('lost')
    await warden.AuditLogger.flush()
    accept()
    const { entries } = await entriesOf(warden, () => warden.AuditLogger.flush())
    const written = entries.filter(({ action }) => action !== 'AUDIT_GAP')
    expect(written).toMatchObject([
      ...Array(3).fill({ action: 'USAGE_QUERY', metadata: { observedAt: '2026-06-15T12:00:00.000Z' } }),
      { action: 'CIRCUIT_BREAKER_OPEN', metadata: { observedAt: '2026-06-15T12:01:00.000Z' } },
    ])
    expect(entries.filter(({ action }) => action === 'AUDIT_GAP')).toMatchObject([
      {
        category: 'SECURITY',
        phoneNumber: 'SYSTEM',
        metadata: { lostCount: 2, firstLostAt: '2026-06-15T12:01:00.000Z', lastLostAt: '2026-06-15T12:01:00.000Z' },
      },
    ])
    const seqs = (await warden.AuditLogRepository.query()).map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.map((_, index) => seqs.length - 1 - index))
  })
})

describe('defect 10: every documented event can be reported and says what happened', () => {
  const admin = { id: 'id-of-admin', phoneNumber: '15550000201@c.us', role: 'ADMIN', name: 'Anna' }
  const by = { phoneNumber: ADMIN, userRole: 'ADMIN', userId: 'id-of-admin', actorName: 'Anna' }
  const user = { phoneNumber: USER, role: 'USER' }
  const system = { phoneNumber: 'SYSTEM', userRole: 'SYSTEM' }
  type Report = (logger: AuditEvents) => Promise<string>

  const EVENTS: readonly (readonly [keyof AuditEvents, Report, Readonly<Record<string, unknown>>])[] = [
    [
      'logRoleChange',
      (log) => log.logRoleChange({ performedBy: admin, targetUser: user, oldRole: 'USER', newRole: 'OPERATOR' }),
      {
        action: 'ROLE_CHANGE',
        category: 'AUTH',
        ...by,
        metadata: { targetUser: USER, oldRole: 'USER', newRole: 'OPERATOR' },
        resourceType: 'user',
        resourceId: USER,
      },
    ],
    [
      'logWhitelistChange',
      (log) => log.logWhitelistChange({ performedBy: admin, targetPhoneNumber: '15550000401', action: 'ADD' }),
      { action: 'WHITELIST_ADD', category: 'AUTH', ...by, metadata: { targetPhoneNumber: USER }, resourceId: USER },
    ],
    [
      'logWhitelistChange',
      (log) => log.logWhitelistChange({ performedBy: admin, targetPhoneNumber: USER, action: 'REMOVE' }),
      { action: 'WHITELIST_REMOVE', category: 'AUTH', ...by, metadata: { targetPhoneNumber: USER }, resourceId: USER },
    ],
    [
      'logPermissionDenied',
      (log) => log.logPermissionDenied({ phoneNumber: USER, userRole: 'USER', action: 'RESET', reason: 'too low' }),
      {
        action: 'PERMISSION_DENIED',
        category: 'AUTH',
        phoneNumber: USER,
        userRole: 'USER',
        metadata: { attemptedAction: 'RESET', reason: 'too low' },
      },
    ],
    [
      'logConfigChange',
      (log) => log.logConfigChange({ performedBy: admin, setting: 'model', oldValue: 'a', newValue: 7 }),
      {
        action: 'CONFIG_UPDATE',
        category: 'CONFIG',
        ...by,
        metadata: { setting: 'model', oldValue: 'a', newValue: 7 },
      },
    ],
    [
      'logUsageQuery',
      (log) => log.logUsageQuery({ performedBy: admin, queryType: 'costs', filters: { days: 7 } }),
      { action: 'USAGE_QUERY', category: 'ADMIN', ...by, metadata: { queryType: 'costs', filters: { days: 7 } } },
    ],
    [
      'logAuditLogViewed',
      (log) => log.logAuditLogViewed({ performedBy: admin, filters: { category: 'AUTH' } }),
      { action: 'AUDIT_LOG_VIEWED', category: 'ADMIN', ...by, metadata: { filters: { category: 'AUTH' } } },
    ],
    [
      'logAuditLogExported',
      (log) => log.logAuditLogExported({ performedBy: admin, format: 'csv', recordCount: 12 }),
      { action: 'AUDIT_LOG_EXPORTED', category: 'ADMIN', ...by, metadata: { format: 'csv', recordCount: 12 } },
    ],
    [
      'logCostThresholdBreach',
      (log) => log.logCostThresholdBreach({ threshold: 10, actual: 12.5, period: 'daily' }),
      {
        action: 'COST_THRESHOLD_BREACH',
        category: 'ADMIN',
        ...system,
        metadata: { threshold: 10, actual: 12.5, period: 'daily' },
      },
    ],
    [
      'logConversationReset',
      (log) => log.logConversationReset({ performedBy: admin }),
      { action: 'CONVERSATION_RESET', category: 'ADMIN', ...by, metadata: {} },
    ],
    [
      'logRateLimitViolation',
      (log) =>
        log.logRateLimitViolation({ phoneNumber: USER, userRole: 'USER', limitType: 'user', limit: 5, consumed: 6 }),
      {
        action: 'RATE_LIMIT_VIOLATION',
        category: 'SECURITY',
        phoneNumber: USER,
        userRole: 'USER',
        metadata: { limitType: 'user', limit: 5, consumed: 6 },
      },
    ],
    [
      'logRateLimitViolation',
      (log) => log.logRateLimitViolation({ phoneNumber: USER, limitType: 'global' }),
      {
        action: 'RATE_LIMIT_VIOLATION',
        category: 'SECURITY',
        phoneNumber: 'GLOBAL',
        metadata: { limitType: 'global' },
      },
    ],
    [
      'logModerationFlag',
      (log) => log.logModerationFlag({ user, flaggedCategories: ['hate', 'violence'] }),
      {
        action: 'MODERATION_FLAG',
        category: 'SECURITY',
        phoneNumber: USER,
        metadata: { flaggedCategories: ['hate', 'violence'] },
      },
    ],
    [
      'logCircuitBreakerChange',
      (log) => log.logCircuitBreakerChange({ service: 'openai', state: 'OPEN', failureCount: 5 }),
      {
        action: 'CIRCUIT_BREAKER_OPEN',
        category: 'SECURITY',
        ...system,
        metadata: { service: 'openai', failureCount: 5 },
        resourceType: 'service',
        resourceId: 'openai',
      },
    ],
    [
      'logCircuitBreakerChange',
      (log) => log.logCircuitBreakerChange({ service: 'openai', state: 'CLOSED' }),
      { action: 'CIRCUIT_BREAKER_CLOSED', category: 'SECURITY', ...system, metadata: { service: 'openai' } },
    ],
    [
      'logAccessBlocked',
      (log) => log.logAccessBlocked({ phoneNumber: USER, userRole: 'USER', reason: 'BLOCKED' }),
      {
        action: 'ACCESS_BLOCKED',
        category: 'SECURITY',
        phoneNumber: USER,
        userRole: 'USER',
        metadata: { reason: 'BLOCKED' },
      },
    ],
  ]

  test('there is a line here for every logX', () => {
    const methods = Object.getOwnPropertyNames(AuditEvents.prototype).filter((name) => name.startsWith('log'))
    expect(new Set(EVENTS.map(([name]) => name))).toEqual(new Set(methods))
  })

  test('each writes its entry', async () => {
    const warden = await openTestWarden()
    for (const [, report, expected] of EVENTS) {
      const { result, entries } = await entriesOf(warden, () => report(warden.AuditLogger))
      expect(result).toBe('stored')
      expect(entries).toHaveLength(1)
      expect(entries[0]).toMatchObject({ source: 'api', ...expected })
      // Nothing but what is named: metadata is an allow-list.
      expect(entries[0]?.metadata).toEqual(expected.metadata)
      expect(entries[0]?.description).not.toBe('')
    }
  })
})

test('defect 11: every command has a role, and a stranger may use none', async () => {
  const clock = new FakeClock()
  const warden = await openTestWarden({ clock })
  for (const command of COMMANDS) {
    expect(['OWNER', 'ADMIN', 'OPERATOR', 'USER']).toContain(command.role)
    for (const typed of [commandName(command), ...command.examples]) {
      clock.advance(10 * MINUTE)
      expect([typed, (await warden.say(STRANGER, `!config ${typed}`)).status]).toEqual([typed, 'denied'])
    }
  }
})

test('defect 12: what people write reaches neither the database nor the log', async () => {
  const { log, lines } = keptLog()
  const warden = await openWithUser({ log })
  const marker = 'Xyzzy-Plugh-42'
  const texts = [
    `a private message with ${marker}`,
    `!config ${marker}`,
    `!config audit ${marker}`,
    `!config audit list ${marker}`,
    `!config audit user ${marker}`,
    `!config audit category ${marker}`,
    `!config role promote ${NEW} ${marker}`,
    `!config role promote ${NEW} USER ${marker}`,
    `!config "${marker}" help`,
  ]
  const say = async () => {
    for (const by of [OWNER, USER, STRANGER]) for (const text of texts) await warden.say(by, text)
  }
  await say()
  // What goes wrong is logged, but not what was written.
  const accept = refuseEntries(warden)
  await say()
  await warden.AuditLogger.flush()
  accept()
  warden.sql('ALTER TABLE processed_messages RENAME TO away')
  await say()
  warden.sql('ALTER TABLE away RENAME TO processed_messages')
  const withMore = { user: { phoneNumber: USER }, flaggedCategories: ['hate'], content: marker, prompt: marker }
  await warden.AuditLogger.logModerationFlag(withMore)
  await warden.AuditLogger.logUsageQuery({ performedBy: { phoneNumber: USER }, queryType: { marker } as never })
  expect(lines.length).toBeGreaterThan(3)
  expect(lines.join('\n')).not.toContain(marker)
  for (const file of await readdir(warden.folder)) {
    if (!file.startsWith(basename(warden.path))) continue
    expect([file, (await readFile(join(warden.folder, file))).includes(marker)]).toEqual([file, false])
  }
  expect(JSON.stringify(tablesOf(warden.path))).not.toContain(marker)
  const [moderation] = await warden.AuditLogRepository.findByAction('MODERATION_FLAG')
  expect(moderation && readEntry(moderation).metadata).toEqual({ flaggedCategories: ['hate'] })
})

test('defect 13: an export of more than 10,000 entries is complete, to the oldest', async () => {
  const warden = await openTestWarden()
  await usageQueries(warden, 10_500)
  const stored = await warden.AuditLogRepository.count()
  const { replies } = await warden.say(OWNER, '!config audit export')
  const file = JSON.parse(await readFile(replies[0]?.attachment?.path ?? '', 'utf8')) as { seq: number }[]
  expect(file.map(({ seq }) => seq)).toEqual(Array.from({ length: stored }, (_, index) => stored - 1 - index))
  expect(textOf({ status: 'answered', replies })).toContain(`Total Records: ${stored}`)
  expect(JSON.parse(await warden.AuditLogRepository.exportToJSON())).toHaveLength(stored + 1)
})

describe('defect 15: nothing in an entry is a formula, a line or markup where it is shown', () => {
  test('no CSV cell is a formula, and phone numbers stay as they are', async () => {
    const warden = await openTestWarden()
    const formulas = ['=1+1', '+SUM(A1)', '-2+3', '@SUM(A1)', '\t=1', ' =1', '＝1', '\r\n=1']
    for (const setting of formulas)
      await warden.AuditLogger.logConfigChange({
        performedBy: { phoneNumber: ADMIN, name: setting, role: 'ADMIN' },
        setting,
        oldValue: setting,
        newValue: 1,
      })
    const [header, ...lines] = (await warden.AuditLogRepository.exportToCSV({ category: 'CONFIG' }))
      .trimEnd()
      .split('\r\n')
    expect(lines).toHaveLength(formulas.length)
    const at = (name: string) => (header ?? '').split(',').indexOf(name)
    for (const line of lines) {
      const cells = line.split(',')
      expect(cells[at('phoneNumber')]).toBe(ADMIN)
      for (const cell of [cells[at('actorName')], cells[at('resourceId')]]) expect(cell).toMatch(/^'\s*[=+\-@＝]/)
      const others = cells.filter((cell) => cell !== ADMIN)
      expect(others.filter((cell) => /^"?[\s]*[=+\-@＝＋－＠]/u.test(cell))).toEqual([])
    }
  })

  test('a description is one line in the chat, without markup', async () => {
    const warden = await openTestWarden()
    await warden.AuditLogger.logConfigChange({
      performedBy: { phoneNumber: OWNER },
      setting: '*model*\n---\n*ROLE_CHANGE* - AUTH',
      oldValue: '_a_\r\n',
      newValue: '```b```\u202E',
    })
    const text = await warden.ask(OWNER, '!config audit category CONFIG')
    expect(text).toContain('📝 Changed ∗model∗ --- ∗ROLE_CHANGE∗ - AUTH from ˍaˍ to ˋˋˋbˋˋˋ\n---')
    expect(text.split('\n')).toHaveLength(7)
  })
})

describe('defect 16: an error of the database is told in our words, with a reference that the log carries', () => {
  test.each(['users', 'audit_logs', 'processed_messages', 'page_cursors'])('the table %s is missing', async (table) => {
    const { log, lines } = keptLog()
    const warden = await openTestWarden({ log })
    warden.sql('DROP TRIGGER audit_logs_refuse_uncovered_delete')
    warden.sql(`ALTER TABLE ${table} RENAME TO away`)
    const handled = await warden.say(OWNER, '!config audit list')
    expect(handled.status).toBe('failed')
    const text = textOf(handled)
    expect(text).toMatch(/^❌ [A-Z][^\n]*\. \(Reference: [0-9A-F]{8}\)$/)
    expect(text).not.toMatch(new RegExp(`${table}|sql|prisma|table|column|\\.ts|/`, 'i'))
    const reference = /Reference: (\w+)/.exec(text)?.[1] ?? 'none'
    expect(lines.filter((line) => line.includes(reference))).toHaveLength(1)
    warden.sql(`ALTER TABLE away RENAME TO ${table}`)
  })
})

describe('defect 17: numbers and times mean one thing', () => {
  test('a number of days is digits from end to end', async () => {
    const warden = await openTestWarden()
    for (const typed of ['7abc', '1.9', '1e2', '0x7', '-5', '+7', '٧', '7,5', '7 days'])
      for (const command of ['list', 'export'])
        expect([typed, (await warden.say(OWNER, `!config audit ${command} ${typed}`)).status]).toEqual([typed, 'usage'])
  })

  test('a time is written the same on every machine, in the configured zone', async () => {
    const warden = await openTestWarden({
      clock: new FakeClock(Date.UTC(2026, 11, 31, 18, 45)),
      env: { TIMEZONE: 'Asia/Kolkata' },
    })
    expect(await warden.ask(OWNER, '!config audit list')).toContain('📅 2027-01-01 00:15\n')
    expect(await warden.ask(OWNER, `!config role info ${ADMIN}`)).toContain('📅 Created: 2027-01-01 00:15\n')
  })
})

describe('defect 18: an entry stays as it is, or goes by a rule that is an entry itself', () => {
  test('it can be neither altered nor deleted', async () => {
    const warden = await openTestWarden()
    const before = warden.sql('SELECT * FROM audit_logs')
    expect(() => warden.sql("UPDATE audit_logs SET user_role = 'USER' WHERE seq = 0")).toThrow('immutable')
    expect(() => warden.sql('DELETE FROM audit_logs WHERE seq = 0')).toThrow('retention or erasure')
    expect(() => warden.sql('DELETE FROM audit_logs')).toThrow('retention or erasure')
    expect(() => warden.sql('INSERT INTO audit_logs SELECT * FROM audit_logs WHERE seq = 0')).toThrow(/unique/i)
    expect(warden.sql('SELECT * FROM audit_logs')).toEqual(before)
  })

  test('erasure reaches the entries that have only the phone, and those about the person', async () => {
    const warden = await openWithUser()
    const id = (await warden.UserRepository.findByPhoneNumber(USER))?.id ?? ''
    await warden.AuditLogger.logConversationReset({ performedBy: { id, phoneNumber: USER } })
    await warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: `${USER.slice(1)}@c.us` } })
    await warden.AuditLogger.logConversationReset({ performedBy: { id, phoneNumber: 'unknown' } })
    await warden.say(OWNER, `!config role info ${USER}`)
    await warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber: ADMIN } })
    expect(await warden.AuditLogRepository.deleteByUser(id)).toBe(4)
    const left = await warden.AuditLogRepository.query()
    const theirs = left.filter((entry) => entry.userId === id || [entry.phoneNumber, entry.resourceId].includes(USER))
    // Who may do what stays provable: AUTH and CONFIG entries stay until their retention.
    expect(theirs.map(({ category }) => category)).toEqual(['AUTH'])
    expect(left[0]).toMatchObject({ action: 'AUDIT_ERASURE' })
    expect(JSON.stringify(left[0])).not.toContain(USER)
    expect(left.filter(({ action }) => action === 'CONVERSATION_RESET')).toHaveLength(1)
  })
})

test('defect 19: a change from USER to USER is no change', async () => {
  const warden = await openWithUser()
  const { result, entries } = await entriesOf(warden, async () => {
    await warden.UserRepository.changeRole({ performedBy: { phoneNumber: OWNER }, phoneNumber: USER, newRole: 'USER' })
    return [
      await warden.say(OWNER, `!config role promote ${USER} USER`),
      await warden.say(OWNER, `!config role demote ${USER} USER`),
    ]
  })
  expect(result.map(({ status }) => status)).toEqual(['answered', 'answered'])
  expect(entries).toEqual([])
})

test('defect 20: a question with a yes or a no is never answered by a promise', async () => {
  const warden = await openTestWarden()
  const message = (text: string) => ({ text })
  expect(warden.isCommand(message('!config audit list'))).toBe(true)
  expect(warden.isCommand(message('hello'))).toBe(false)
  expect(warden.isCommand(message('more'))).toBe(false)
  expect(warden.isSchedulerRunning()).toBe(false)
  // And a role is read before it is judged: nobody is an admin by being asked about.
  expect((await warden.say(STRANGER, '!config role list')).status).toBe('denied')
})
