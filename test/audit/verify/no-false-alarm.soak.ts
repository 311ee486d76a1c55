import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../../src/kernel/clock.ts'
import {
  ADMIN,
  FakeClock,
  OPERATOR,
  OWNER,
  OWNER2,
  OWNER3,
  openTestWarden,
  STRANGER,
  type TestWarden,
  USER,
} from '../../support/chatwarden.ts'
import { codeIn } from '../../support/confirming.ts'
import { LIDS, NAMED, ownerCommand, PEOPLE } from '../../support/owner-command.ts'
import { fromAccount } from '../../support/rich-trail.ts'
import { findingsIn, keyIn, tamper, verifyFile } from '../../support/tamper.ts'
import { textOf } from '../../support/trail.ts'

class History {
  readonly #kept: { readonly size: number; readonly checkpoint: string }[] = []
  readonly warden: TestWarden
  readonly clock: FakeClock

  constructor(warden: TestWarden, clock: FakeClock) {
    this.warden = warden
    this.clock = clock
  }

  static async begin(env: Record<string, string> = {}): Promise<History> {
    const clock = new FakeClock()
    return new History(await openTestWarden({ clock, env }), clock)
  }

  /** One of several owners asks, and another confirms where it takes one who can be reached; else whoever runs the bot. */
  async ask(by: string, command: string): Promise<void> {
    const asked = await this.warden.say(by, `!config ${command}`)
    for (const { audience, text } of asked.replies) {
      const code = codeIn(text)
      if (code !== '')
        await this.warden.say(typeof audience === 'object' ? audience.account : by, `!config confirm ${code}`)
    }
    for (const request of await this.warden.waiting()) await this.warden.decide(request.code)
  }

  async owner(...commands: string[]): Promise<void> {
    for (const command of commands) {
      const handled = await this.warden.say(OWNER, `!config ${command}`)
      const code = /!config confirm (\d{6})/.exec(textOf(handled))?.[1]
      if (code !== undefined) await this.warden.say(OWNER, `!config confirm ${code}`)
      // What takes another owner whoever runs the bot decides.
      for (const request of await this.warden.waiting()) await this.warden.decide(request.code)
    }
  }

  /** Says something by an account of WhatsApp, which tells its number or hides it. */
  as = (phone: string | undefined, account: string, text = '!config audit mine') =>
    this.warden.say(phone ?? account, text, fromAccount(phone, account))

  async days(count: number, every = 10): Promise<void> {
    for (let day = 0; day < count; day += every) {
      this.clock.advance(every * DAY)
      await this.warden.cleanupExpiredAuditLogs()
    }
  }

  #how = (checkpoint?: string) => ({ keys: [keyIn(this.warden.folder)], now: this.clock.time, checkpoint })

  findings = (checkpoint?: string) => findingsIn(this.warden.path, this.#how(checkpoint))

  /** Consistent now, and an extension of whatever it was before. */
  async expectConsistent(): Promise<void> {
    const [head] = this.warden.sql<{ size: number; checkpoint: string }>('SELECT size, checkpoint FROM audit_head')
    if (head !== undefined) this.#kept.push(head)
    for (const { size, checkpoint } of this.#kept.slice(-3).concat(this.#kept.slice(0, 1)))
      expect(await verifyFile(this.warden.path, this.#how(checkpoint))).toMatchObject({ findings: [], extends: size })
  }
}

describe('a trail is consistent', () => {
  test('over a year of retention that removes its own entries, and what it kept or held must not be gone', async () => {
    const history = await History.begin()
    const { warden } = history
    const held = '+15550000777'
    await history.owner(`role promote ${held} OPERATOR`, `audit hold add ${held}`, `whitelist add ${USER}`)
    await warden.say(held, '!config role list')
    await history.owner(
      `user block ${STRANGER} for 2h`,
      'set page-size 3',
      `role promote ${ADMIN} OWNER`,
      `role demote ${ADMIN} OPERATOR`,
    )
    await history.expectConsistent()
    for (let round = 0; round < 5; round++) {
      await warden.say(held, '!config role list')
      await warden.say(ADMIN, '!config role list')
      await history.days(80)
      await history.expectConsistent()
    }
    const retentions = warden.sql<{ seq: number }>("SELECT seq FROM audit_logs WHERE action = 'AUDIT_RETENTION'")
    expect(retentions.length).toBeLessThan(12)
    const [verification] = warden.sql<{ n: number; head: number }>(
      'SELECT count(*) AS n, (SELECT size FROM audit_head) AS head FROM audit_logs',
    )
    expect(verification?.n).toBeLessThan((verification?.head ?? 0) - 30)

    // And the converse: what is still there after all this is accounted for, one by one.
    const before = warden.sql<{ seq: number; action: string }>('SELECT seq, action FROM audit_logs ORDER BY seq')
    await warden.close()
    for (const { seq } of before.slice(0, 12)) {
      tamper(warden.path, (database) => {
        database.exec(
          `CREATE TABLE kept AS SELECT * FROM audit_logs WHERE seq = ${seq}; DELETE FROM audit_logs WHERE seq = ${seq}`,
        )
      })
      expect(await history.findings()).toContainEqual({ kind: 'missing', entries: [seq, seq] })
      tamper(warden.path, (database) => database.exec('INSERT INTO audit_logs SELECT * FROM kept; DROP TABLE kept'))
    }
    expect(await history.findings()).toEqual([])
  })

  test('with events that a host reports, which change nothing here', async () => {
    const history = await History.begin()
    const { AuditLogger, AuditLogRepository } = history.warden
    const performedBy = { phoneNumber: OWNER }
    await AuditLogger.logRoleChange({
      performedBy,
      targetUser: { phoneNumber: USER },
      oldRole: 'USER',
      newRole: 'OWNER',
    })
    await AuditLogger.logWhitelistChange({ performedBy, targetPhoneNumber: USER, action: 'ADD' })
    await AuditLogger.logConfigChange({ performedBy, setting: 'page-size', oldValue: 10, newValue: 3 })
    const metadata = { targetUser: OPERATOR, oldRole: 'NONE', newRole: 'OWNER' }
    await AuditLogRepository.create({ action: 'ROLE_CHANGE', phoneNumber: OWNER, metadata })
    await AuditLogRepository.create({ action: 'USER_BLOCK', phoneNumber: OWNER, metadata: { targetUser: ADMIN } })
    await AuditLogRepository.create({
      action: 'IDENTITY_PINNED',
      phoneNumber: ADMIN,
      metadata: { targetUser: ADMIN, account: '1@lid' },
    })
    await history.expectConsistent()
    await history.days(200, 50)
    await history.expectConsistent()
    // It goes by what Chatwarden did: the reported owner is none.
    tamper(history.warden.path, (database) =>
      database.exec(
        `UPDATE users SET role = 'OWNER' WHERE id = (SELECT user_id FROM accounts WHERE account = '${OPERATOR}')`,
      ),
    )
    expect(await history.findings()).toMatchObject([{ kind: 'unlogged change' }])
  })

  test.each(['AUDIT_RETENTION', 'AUDIT_ERASURE', 'AUDIT_KEY_ROTATED', 'AUDIT_HOLD_ADD', 'AUDIT_WITNESS_REMOVE'])(
    'because no host can write %s',
    async (action) => {
      const { warden } = await History.begin()
      const metadata = { ranges: [[0, 1]], oldKey: 'a', newKey: 'b', subject: 'ALL', targetUser: OWNER }
      const size = await warden.AuditLogRepository.count()
      await expect(warden.AuditLogRepository.create({ action, phoneNumber: OWNER, metadata })).rejects.toMatchObject({
        code: 'INVALID_EVENT',
      })
      const event = {
        action,
        actor: { phoneNumber: OWNER, role: 'OWNER' },
        place: { source: 'api' },
        metadata,
      } as const
      expect(await warden.AuditLogger.record(event)).toBe('lost')
      expect(await warden.AuditLogRepository.count({ action: action as 'AUDIT_RETENTION' })).toBe(0)
      expect(await warden.AuditLogRepository.count()).toBeLessThanOrEqual(size + 1)
    },
  )

  test('with pinned accounts, confirmed ones, and one that moved to another number', async () => {
    const history = await History.begin()
    await history.as(ADMIN, '1@lid')
    await history.as(OPERATOR, '2@lid')
    await history.expectConsistent()
    await history.as(ADMIN, '3@lid')
    await history.owner(`role confirm ${ADMIN}`)
    await history.expectConsistent()
    await history.as(OPERATOR, '3@lid')
    await history.owner(`role confirm ${OPERATOR}`)
    await history.expectConsistent()
    await history.as(ADMIN, '4@lid')
    await history.owner(`role confirm ${ADMIN}`)
    await history.expectConsistent()
    await history.days(200, 50)
    await history.expectConsistent()
    expect(history.warden.sql("SELECT 1 FROM audit_logs WHERE action LIKE 'IDENTITY_%'").length).toBeGreaterThan(2)
  })

  test('with all that was given taken back', async () => {
    const history = await History.begin()
    const given = [`whitelist add ${USER}`, `user block ${STRANGER}`, 'audit checkpoint daily', 'audit hold add all']
    const back = [
      `whitelist remove ${USER}`,
      `user unblock ${STRANGER}`,
      'audit checkpoint off',
      'audit hold remove all',
    ]
    await history.owner(...given)
    await history.expectConsistent()
    await history.owner(...back)
    for (const table of ['blocks', 'audit_witnesses', 'audit_holds'])
      expect(history.warden.sql(`SELECT 1 FROM ${table}`)).toEqual([])
    await history.expectConsistent()
    await history.days(200, 50)
    await history.expectConsistent()
  })

  test('when somebody was erased as USER and has a role again, whether they have been seen since or not', async () => {
    const history = await History.begin()
    await history.as(OPERATOR, '2@lid')
    await history.owner(`role demote ${OPERATOR} USER`, `audit erase ${OPERATOR} asked for it`)
    await history.expectConsistent()
    await history.owner(`role promote ${OPERATOR} OPERATOR`)
    await history.expectConsistent()
    await history.as(OPERATOR, '5@lid')
    await history.expectConsistent()
    expect(history.warden.sql("SELECT account FROM accounts WHERE proof = 'seen'")).toEqual([
      { account: 'whatsapp:5@lid' },
    ])
    await history.days(200, 50)
    await history.expectConsistent()
  })

  test('when an account that an erasure forgot becomes somebody else’s by a role of its own', async () => {
    const history = await History.begin()
    await history.as(OPERATOR, '2@lid')
    await history.owner(
      `role demote ${OPERATOR} USER`,
      `audit erase ${OPERATOR} asked for it`,
      'role promote 2@lid USER',
    )
    expect(history.warden.sql("SELECT proof FROM accounts WHERE account = 'whatsapp:2@lid'")).toEqual([
      { proof: 'given' },
    ])
    await history.expectConsistent()
    await history.days(200, 50)
    await history.expectConsistent()
  })

  test('when somebody was erased who is blocked, by the clock of Chatwarden', async () => {
    const history = await History.begin()
    await history.owner(`user block ${USER} for 1h`, `audit erase ${USER}`)
    await history.expectConsistent()
    expect((await history.warden.say(USER, '!config audit mine')).status).toBe('blocked')
    history.clock.advance(2 * HOUR)
    await history.expectConsistent()
  })

  test('when a block ended that had replaced one, which a hold on who set it keeps', async () => {
    const history = await History.begin()
    await history.owner(`audit hold add ${ADMIN}`)
    await history.warden.say(ADMIN, `!config user block ${USER}`)
    await history.owner(`user block ${USER} for 2h`)
    history.clock.advance(3 * HOUR)
    await history.expectConsistent()
    await history.days(200, 50)
    await history.expectConsistent()
    await history.owner(`audit hold remove ${ADMIN}`)
    await history.days(100, 50)
    await history.expectConsistent()
  })

  test('when a setting waits to count, is set back, and when its retention began to count', async () => {
    const history = await History.begin()
    await history.owner('set retention-days 365', 'set retention-days 30')
    await history.expectConsistent()
    history.clock.advance(6 * DAY)
    await history.owner('set retention-days 60')
    await history.expectConsistent()
    tamper(history.warden.path, (database) => database.exec('UPDATE settings SET previous = NULL'))
    expect(await history.findings()).toEqual([
      { kind: 'unlogged change', about: expect.stringMatching(/^setting retention-days: not as its entry has it/) },
    ])
    tamper(history.warden.path, (database) => database.exec("UPDATE settings SET previous = '1'"))
    expect(await history.findings()).toHaveLength(1)
    tamper(history.warden.path, (database) => database.exec("UPDATE settings SET previous = '365'"))
    await history.days(20)
    await history.expectConsistent()
    await history.owner('reset retention-days', 'set page-size 5', 'reset page-size')
    await history.days(200, 50)
    await history.expectConsistent()
  })
})

test('a hold on one person keeps nothing of others from retention and erasure', async () => {
  const history = await History.begin()
  const { warden, clock } = history
  const reset = (phoneNumber: string) => warden.AuditLogger.logConversationReset({ performedBy: { phoneNumber } })
  const left = async () =>
    (await warden.AuditLogRepository.findByAction('CONVERSATION_RESET')).map((e) => e.phoneNumber)
  await history.owner(`audit hold add ${STRANGER}`)
  for (const phone of [ADMIN, USER, STRANGER]) await reset(phone)
  await history.owner(`audit erase ${USER}`)
  expect(await left()).toEqual([STRANGER, ADMIN])
  clock.advance(91 * DAY)
  await warden.cleanupExpiredAuditLogs()
  expect(await left()).toEqual([STRANGER])
  await history.expectConsistent()
})

test('an entry that was removed and comes back speaks no more, be it signed', async () => {
  const history = await History.begin()
  await history.owner(`whitelist add ${USER}`)
  const [row] = history.warden.sql<{ seq: number }>("SELECT * FROM audit_logs WHERE action = 'WHITELIST_ADD'")
  await history.owner(`whitelist remove ${USER}`)
  await history.days(200, 50)
  await history.expectConsistent()
  tamper(history.warden.path, (database) => {
    const columns = Object.keys(row ?? {})
    database
      .prepare(`INSERT INTO audit_logs (${columns}) VALUES (${columns.map(() => '?')})`)
      .run(...Object.values(row ?? {}))
    database.exec(
      `UPDATE users SET whitelisted = true WHERE id = (SELECT user_id FROM accounts WHERE account = '${USER}')`,
    )
  })
  expect(await history.findings()).toEqual([
    { kind: 'inserted', entries: [row?.seq, row?.seq], about: 'retention or erasure had removed it' },
  ])
})

const step = fc.oneof(
  { weight: 6, arbitrary: ownerCommand.map((text) => ({ text })) },
  { weight: 2, arbitrary: fc.record({ days: fc.constantFrom(1, 8, 40, 100) }) },
  {
    weight: 2,
    arbitrary: fc.record({ seen: fc.constantFrom(...PEOPLE, undefined), account: fc.constantFrom(...LIDS) }),
  },
)

const OWNERS = [OWNER, OWNER2, OWNER3]
const mode = fc.constantFrom(
  'set whitelist-mode on',
  'set whitelist-mode off',
  'reset whitelist-mode',
  `whitelist add ${OPERATOR}`,
)
const amongOwners = fc.oneof(
  { weight: 5, arbitrary: fc.record({ by: fc.constantFrom(...OWNERS), text: ownerCommand }) },
  { weight: 1, arbitrary: fc.record({ by: fc.constantFrom(...OWNERS), text: mode }) },
  { weight: 1, arbitrary: fc.record({ by: fc.constantFrom(OPERATOR, USER), text: fc.constant('audit mine') }) },
  {
    weight: 3,
    arbitrary: fc.record({
      by: fc.constantFrom(...OWNERS, ADMIN),
      text: fc
        .tuple(
          fc.constantFrom('role promote', 'role demote', 'role revoke', 'user block', 'user unblock', 'role confirm'),
          fc.constantFrom(...OWNERS, ADMIN, '1@lid'),
          fc.constantFrom('OWNER', 'ADMIN', 'USER'),
        )
        .map(([words, who, role]) => (/mote$/.test(words) ? `${words} ${who} ${role}` : `${words} ${who}`)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ seen: fc.constantFrom(...OWNERS, undefined), account: fc.constantFrom(...LIDS) }),
  },
  // A host says what it likes, as from wherever it likes.
  {
    weight: 2,
    arbitrary: fc.record({
      action: fc.constantFrom(
        'AUDIT_LOG_VIEWED',
        'USERS_VIEWED',
        'AUDIT_KEY_VIEWED',
        'ROLE_CHANGE',
        'CONVERSATION_RESET',
      ),
      account: fc.constantFrom(...NAMED),
      role: fc.constantFrom('OWNER', 'NONE', undefined),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ given: fc.constantFrom('OWNER', 'USER'), to: fc.constantFrom(...OWNERS, USER) }),
  },
  { weight: 1, arbitrary: fc.record({ keep: fc.constantFrom(1, 2, 30) }) },
  { weight: 2, arbitrary: fc.record({ hours: fc.constantFrom(-30, -1, 1, 25, 100, 1000) }) },
)

const METADATA = { filters: {}, view: 'list', targetUser: USER, oldRole: 'NONE', newRole: 'OWNER' } as const
const NEEDED: Readonly<Record<string, readonly (keyof typeof METADATA)[]>> = {
  AUDIT_LOG_VIEWED: ['filters'],
  USERS_VIEWED: ['view'],
  ROLE_CHANGE: ['targetUser', 'oldRole', 'newRole'],
}

test('whatever several owners ask of each other, a host reports and clocks do, a trail is consistent', async () => {
  const history = await History.begin({ OWNER_PHONE_NUMBERS: OWNERS.join(',') })
  const { warden, clock } = history
  const steps = fc.asyncProperty(fc.array(amongOwners, { minLength: 10, maxLength: 20 }), async (all) => {
    for (const one of all) {
      if ('text' in one) await history.ask(one.by, one.text)
      else if ('seen' in one) await history.as(one.seen, one.account)
      else if ('action' in one) {
        const place = { source: 'whatsapp', channelId: 'a chat', requestId: 'a message' } as const
        const metadata = Object.fromEntries((NEEDED[one.action] ?? []).map((name) => [name, METADATA[name]]))
        const { action, account, role } = one
        const actor = { account, ...(role !== undefined && { role }) } as never
        expect(await warden.AuditLogger.record({ action, actor, place, metadata })).toBe('stored')
      } else if ('given' in one)
        await warden.UserRepository.changeRole({
          performedBy: { phoneNumber: OWNER },
          phoneNumber: one.to,
          newRole: one.given as 'OWNER',
        }).catch(() => {})
      else if ('keep' in one) await warden.AuditLogRepository.deleteExpired(one.keep)
      else clock.advance(one.hours * HOUR)
      clock.advance(MINUTE)
      expect({ one, findings: await history.findings() }).toEqual({ one, findings: [] })
    }
    // Whoever is left, the next history begins with owners.
    clock.advance(DAY)
    await warden.seed(true)
    await history.expectConsistent()
  })
  await fc.assert(steps, { numRuns: Number(process.env.HISTORIES ?? 8), endOnFailure: true })
})

test('whatever owners do, whoever is seen and however much time goes by, a trail is consistent', async () => {
  const history = await History.begin()
  const steps = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 20 }), async (all) => {
    for (const one of all) {
      if ('text' in one) await history.owner(one.text)
      else if ('days' in one) await history.days(one.days, one.days)
      else await history.as(one.seen, one.account)
      history.clock.advance(MINUTE)
      expect({ one, findings: await history.findings() }).toEqual({ one, findings: [] })
    }
    await history.expectConsistent()
  })
  // One trail goes through all of them: what one run leaves behind, the next one meets.
  await fc.assert(steps, { numRuns: Number(process.env.HISTORIES ?? 8), endOnFailure: true })
})
