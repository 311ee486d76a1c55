import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { defineEvent } from '../../src/audit/entry/event-type.ts'
import { AuditEvents } from '../../src/audit/write/audit-logger.ts'
import { MAX_WAITING } from '../../src/audit/write/audit-writer.ts'
import { Observations } from '../../src/audit/write/observations.ts'
import { Spool } from '../../src/audit/write/spool.ts'
import { HOUR, MINUTE, systemClock } from '../../src/kernel/clock.ts'
import { newId } from '../../src/kernel/ids.ts'
import { createLogger } from '../../src/kernel/log.ts'
import { FakeClock, OPERATOR, OWNER, openTestWarden, type TestWarden } from '../support/chatwarden.ts'
import { child, startNode } from '../support/child.ts'
import { environmentOf } from '../support/database.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { refuseEntries } from '../support/trail.ts'
import { numbered, openWriter } from '../support/writer.ts'

const person = { phoneNumber: OWNER }

const seqsOf = ({ sql }: TestWarden): number[] =>
  sql<{ seq: number }>('SELECT seq FROM audit_logs ORDER BY seq').map(({ seq }) => seq)

const upTo = (length: number): number[] => Array.from({ length }, (_, index) => index)

describe('appends', () => {
  const shared = shareWarden({ clock: systemClock })

  test('that wait together share few commits, and resolve in order with consecutive numbers', async () => {
    const warden = await openTestWarden()
    const { writer, counts } = await openWriter(warden, systemClock)
    const first = await warden.AuditLogRepository.count()
    const resolved: number[] = []
    const appends = upTo(5000).map(async (n) => {
      const [entry] = await writer.append(numbered(n))
      resolved.push(n)
      return entry?.seq
    })
    expect(await Promise.all(appends)).toEqual(upTo(5000).map((n) => first + n))
    expect(resolved).toEqual(upTo(5000))
    expect(counts.commits).toBeLessThanOrEqual(10)
    expect(seqsOf(warden)).toEqual(upTo(first + 5000))
  })

  test('that come one by one from the event loop share commits too', async () => {
    const { warden } = shared
    const { writer, counts } = await openWriter(warden, systemClock)
    const appends = upTo(2000).map(async (n) => {
      await sleep(n % 20)
      await writer.append(numbered(n))
    })
    await Promise.all(appends)
    expect(counts.commits).toBeLessThan(200)
  })

  test('that follow each other without a pause never keep the event loop from turning', async () => {
    const { writer } = await openWriter(shared.warden, systemClock)
    let turns = 0
    const turning = setInterval(() => turns++, 1)
    for (const n of upTo(100)) await writer.append(numbered(n))
    clearInterval(turning)
    expect(turns).toBeGreaterThan(10)
  })

  test('of several events at once are consecutive entries of one commit', async () => {
    const { warden } = shared
    const { writer, counts } = await openWriter(warden, systemClock)
    const before = await warden.AuditLogRepository.count()
    const [many, one] = await Promise.all([writer.append(...upTo(1500).map(numbered)), writer.append(numbered(1500))])
    expect([...many, ...one].map(({ seq }) => seq)).toEqual(upTo(1501).map((n) => before + n))
    expect(counts.commits).toBe(2)
  })

  test('and changes take place in the order in which they were asked for', async () => {
    const { warden } = shared
    const { writer } = await openWriter(warden, systemClock)
    const before = await warden.AuditLogRepository.count()
    const order = await Promise.all([
      writer.append(numbered(0)),
      writer.transaction(async (tx) => [await tx.append(numbered(1)), await tx.append(numbered(2))]),
      writer.append(numbered(3)),
    ])
    expect(order.flat().map(({ seq }) => seq - before)).toEqual([0, 1, 2, 3])
  })

  test('that are acknowledged are found by another process at once', async () => {
    const { warden } = shared
    const { writer } = await openWriter(warden, systemClock)
    for (const n of upTo(20)) {
      const [entry] = await writer.append(numbered(n))
      expect(warden.sql('SELECT id FROM audit_logs WHERE seq = ?', entry?.seq)).toEqual([{ id: entry?.id }])
    }
  })

  test('give back exactly what is stored', async () => {
    const { warden } = shared
    const created = await warden.AuditLogRepository.create({
      action: 'ROLE_CHANGE',
      phoneNumber: '15550001111:3@c.us',
      userId: 'user_123',
      userRole: 'OWNER',
      name: 'Ada\u202E L.\n',
      metadata: { targetUser: OPERATOR, oldRole: 'OPERATOR', newRole: 'USER' },
    })
    expect(created).toMatchObject({
      phoneNumber: '+15550001111',
      userId: 'user_123',
      userRole: 'OWNER',
      actorName: 'Ada L.',
      source: 'api',
      category: 'AUTH',
      description: `Changed role of ${OPERATOR} from OPERATOR to USER`,
      resourceType: 'user',
      resourceId: OPERATOR,
      metadata: `{"newRole":"USER","oldRole":"OPERATOR","targetUser":"${OPERATOR}"}`,
    })
    expect(await warden.AuditLogRepository.getRecent(1)).toEqual([created])
  })
})

describe('a transaction', () => {
  test('that throws leaves no row, no entry and no number', async () => {
    const warden = await openTestWarden()
    const { writer } = await openWriter(warden, systemClock)
    const before = seqsOf(warden)
    const failing = writer.transaction(async (tx) => {
      await tx.append(numbered(1))
      await tx.db.user.updateMany({ data: { role: 'OWNER' } })
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(seqsOf(warden)).toEqual(before)
    expect((await warden.UserRepository.findByPhoneNumber(OPERATOR))?.role).toBe('OPERATOR')
    const [next] = await writer.append(numbered(2))
    expect(next?.seq).toBe(before.length)
  })

  test('whose entry cannot be written does not change the role', async () => {
    const warden = await openTestWarden()
    warden.sql(`CREATE TRIGGER refuse BEFORE INSERT ON audit_logs BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
    const { status } = await warden.say(OWNER, `!config role demote ${OPERATOR} USER`)
    expect(status).toBe('failed')
    expect((await warden.UserRepository.findByPhoneNumber(OPERATOR))?.role).toBe('OPERATOR')
  })
})

describe('the clock of the trail', () => {
  test('that is set back by more than an hour is an entry, once', async () => {
    const clock = new FakeClock()
    const warden = await openTestWarden({ clock })
    clock.advance(-HOUR)
    await warden.AuditLogRepository.create({ action: 'CONVERSATION_RESET', phoneNumber: OPERATOR })
    expect(await warden.AuditLogRepository.findByAction('CLOCK_JUMP')).toEqual([])
    clock.advance(-2 * HOUR)
    for (let n = 0; n < 3; n++)
      await warden.AuditLogRepository.create({ action: 'CONVERSATION_RESET', phoneNumber: OPERATOR })
    const jumps = await warden.AuditLogRepository.findByAction('CLOCK_JUMP')
    expect(jumps.map(({ metadata }) => JSON.parse(metadata))).toMatchObject([{ behindMs: 3 * HOUR }])
  })

  test('never goes back, though that of the machine does', async () => {
    const clock = new FakeClock()
    const warden = await openTestWarden({ clock })
    const times: number[] = []
    for (const step of [MINUTE, -HOUR, MINUTE, -24 * HOUR, 0, 26 * HOUR, -1]) {
      clock.advance(step)
      const entry = await warden.AuditLogRepository.create({ action: 'CONVERSATION_RESET', ...person })
      times.push(entry.createdAt.getTime())
    }
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(new Set(times).size).toBe(2)
    const stored = await warden.AuditLogRepository.findByAction('CONVERSATION_RESET')
    expect(stored.map(({ createdAt }) => createdAt.getTime()).reverse()).toEqual(times)
  })

  test('never goes back from one process to another', async () => {
    const clock = new FakeClock()
    const warden = await openTestWarden({ clock })
    const ahead = await warden.AuditLogRepository.create({ action: 'CONVERSATION_RESET', ...person })
    const { writer } = await openWriter(warden, new FakeClock(clock.time - HOUR))
    const [behind] = await writer.append(numbered(1))
    expect(behind?.createdAt).toEqual(ahead.createdAt)
  })
})

describe('the database itself', () => {
  test('refuses to alter an entry', async () => {
    const warden = await openTestWarden()
    expect(() => warden.sql(`UPDATE audit_logs SET description = 'nothing' WHERE seq = 0`)).toThrow('immutable')
  })

  test('refuses to remove an entry that no retention or erasure covers', async () => {
    const warden = await openTestWarden()
    expect(() => warden.sql('DELETE FROM audit_logs WHERE seq = 0')).toThrow('only by retention or erasure')
    await warden.cleanupExpiredAuditLogs(1)
    expect(() => warden.sql('DELETE FROM audit_logs WHERE seq = 0')).toThrow('only by retention or erasure')
  })
})

describe('an event that does not fit its type', () => {
  const shared = shareWarden({ clock: systemClock })

  const refused: readonly [string, string, Record<string, unknown>][] = [
    ['has an unknown action', 'SOMETHING_ELSE', {}],
    ['has the name of an object property as action', 'constructor', {}],
    ['has a metadata field that its type does not name', 'CONVERSATION_RESET', { body: 'what was said' }],
    ['lacks a metadata field', 'CONFIG_UPDATE', { setting: 'model' }],
    ['has a field of the wrong type', 'COST_THRESHOLD_BREACH', { threshold: '5', actual: 6, period: 'day' }],
    [
      'has more than 65,535 bytes',
      'AUDIT_LOG_VIEWED',
      { filters: Object.fromEntries(upTo(400).map((n) => [`filter${n}`, 'x'.repeat(200)])) },
    ],
  ]
  const circle: Record<string, unknown> = {}
  circle.in = circle
  const doubled = Array.from({ length: 90 }).reduce<unknown>((value) => [value, value], 'x')
  const hostile: readonly [string, unknown][] = [
    ['holds itself', circle],
    ['holds a value again and again', doubled],
    ['has places without end', Object.assign([], { length: 4_000_000_000 })],
    ['holds bytes', new Uint8Array(50_000_000)],
    [
      'fails when it is looked at',
      {
        get reason() {
          throw new Error('no')
        },
      },
    ],
    [
      'is no object for long',
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('no')
          },
        },
      ),
    ],
    ['has a moment that is none', new Date(Number.NaN)],
    ['has a number that JSON does not know', 10n ** 1000n],
    ['has a map', new Map([[1, 2]])],
  ]
  test.each(hostile)('is refused as INVALID_EVENT at once where its metadata %s', async (_, filters) => {
    const create = shared.warden.AuditLogRepository.create({
      action: 'AUDIT_LOG_VIEWED',
      ...person,
      metadata: { filters: { filters } },
    })
    await expect(create).rejects.toMatchObject({ code: 'INVALID_EVENT' })
  })

  test.each(refused)('is refused as INVALID_EVENT and leaves nothing where it %s', async (_, action, metadata) => {
    const { warden } = shared
    const before = seqsOf(warden)
    await expect(warden.AuditLogRepository.create({ action, ...person, metadata })).rejects.toMatchObject({
      code: 'INVALID_EVENT',
    })
    expect(seqsOf(warden)).toEqual(before)
  })

  test('does not take the other events of its commit with it', async () => {
    const { warden } = shared
    const create = (action: string) => warden.AuditLogRepository.create({ action, ...person })
    const results = await Promise.allSettled([create('CONVERSATION_RESET'), create('NO'), create('CONVERSATION_RESET')])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })
})

describe('an event of the host', () => {
  const events = {
    TICKET_CLOSED: defineEvent({
      category: 'ADMIN',
      failure: 'open',
      metadata: z.strictObject({ ticket: z.string(), minutes: z.number().optional() }),
      describe: ({ ticket }) => `Closed ticket ${ticket}`,
      resource: ({ ticket }) => ({ type: 'ticket', id: ticket }),
    }),
  }

  test('is written with its own category, description and object', async () => {
    const warden = await openTestWarden({ events })
    const entry = await warden.AuditLogRepository.create({
      action: 'TICKET_CLOSED',
      ...person,
      metadata: { ticket: '=4\u0000711\n' },
    })
    expect(entry).toMatchObject({
      category: 'ADMIN',
      description: 'Closed ticket =4 711',
      resourceType: 'ticket',
      metadata: '{"ticket":"=4\uFFFD711\\n"}',
    })
    expect(await warden.AuditLogRepository.findByAction('TICKET_CLOSED')).toEqual([entry])
  })

  test('never takes the place of one of Chatwarden’s own', async () => {
    const ROLE_CHANGE = defineEvent({
      category: 'ADMIN',
      failure: 'open',
      metadata: z.strictObject({}),
      describe: () => 'nothing to see',
    })
    const warden = await openTestWarden({ events: { ROLE_CHANGE } })
    const create = warden.AuditLogRepository.create({ action: 'ROLE_CHANGE', ...person })
    await expect(create).rejects.toMatchObject({ code: 'INVALID_EVENT' })
  })
})

describe('the documented calls', () => {
  const shared = shareWarden({ clock: systemClock })

  test('each write one entry of their action and category', async () => {
    const { AuditLogger, AuditLogRepository } = await openTestWarden()
    const user = { id: 'u1', phoneNumber: '15550001111@c.us', role: 'USER', name: 'Uma' }
    const performedBy = { phoneNumber: OWNER, role: 'OWNER' }
    const target = { phoneNumber: '+1 (555) 000-2222' }
    const calls: readonly [string, string, Record<string, unknown>, () => Promise<string>][] = [
      [
        'ROLE_CHANGE',
        'AUTH',
        { targetUser: '+15550002222', oldRole: 'USER', newRole: 'ADMIN' },
        () => AuditLogger.logRoleChange({ performedBy, targetUser: target, oldRole: 'USER', newRole: 'ADMIN' }),
      ],
      [
        'WHITELIST_ADD',
        'AUTH',
        { targetPhoneNumber: '+15550002222' },
        () => AuditLogger.logWhitelistChange({ performedBy, targetPhoneNumber: '15550002222', action: 'ADD' }),
      ],
      [
        'WHITELIST_REMOVE',
        'AUTH',
        { targetPhoneNumber: '+15550002222' },
        () => AuditLogger.logWhitelistChange({ performedBy, targetPhoneNumber: '15550002222', action: 'REMOVE' }),
      ],
      [
        'PERMISSION_DENIED',
        'AUTH',
        { attemptedAction: 'LIST_USERS', reason: 'no' },
        () =>
          AuditLogger.logPermissionDenied({ user, phoneNumber: user.phoneNumber, action: 'LIST_USERS', reason: 'no' }),
      ],
      [
        'CONFIG_UPDATE',
        'CONFIG',
        { setting: 'model', oldValue: 'a', newValue: null },
        () => AuditLogger.logConfigChange({ performedBy, setting: 'model', oldValue: 'a', newValue: null }),
      ],
      [
        'USAGE_QUERY',
        'ADMIN',
        { queryType: 'daily', filters: { days: 7 } },
        () => AuditLogger.logUsageQuery({ performedBy, queryType: 'daily', filters: { days: 7 } }),
      ],
      [
        'AUDIT_LOG_VIEWED',
        'ADMIN',
        { filters: { category: 'AUTH' } },
        () => AuditLogger.logAuditLogViewed({ performedBy, filters: { category: 'AUTH' } }),
      ],
      [
        'AUDIT_LOG_EXPORTED',
        'ADMIN',
        { format: 'csv', recordCount: 3 },
        () => AuditLogger.logAuditLogExported({ performedBy, format: 'csv', recordCount: 3 }),
      ],
      [
        'COST_THRESHOLD_BREACH',
        'ADMIN',
        { threshold: 5, actual: 6.5, period: 'day' },
        () => AuditLogger.logCostThresholdBreach({ threshold: 5, actual: 6.5, period: 'day' }),
      ],
      ['CONVERSATION_RESET', 'ADMIN', {}, () => AuditLogger.logConversationReset({ performedBy })],
      [
        'RATE_LIMIT_VIOLATION',
        'SECURITY',
        { limitType: 'user', limit: 10, consumed: 11 },
        () => AuditLogger.logRateLimitViolation({ phoneNumber: OPERATOR, limitType: 'user', limit: 10, consumed: 11 }),
      ],
      [
        'MODERATION_FLAG',
        'SECURITY',
        { flaggedCategories: ['hate', 'violence'] },
        () => AuditLogger.logModerationFlag({ user, flaggedCategories: ['hate', 'violence'] }),
      ],
      [
        'CIRCUIT_BREAKER_OPEN',
        'SECURITY',
        { service: 'openai', failureCount: 5 },
        () => AuditLogger.logCircuitBreakerChange({ service: 'openai', state: 'OPEN', failureCount: 5 }),
      ],
      [
        'CIRCUIT_BREAKER_CLOSED',
        'SECURITY',
        { service: 'openai' },
        () => AuditLogger.logCircuitBreakerChange({ service: 'openai', state: 'CLOSED' }),
      ],
    ]
    for (const [action, category, metadata, call] of calls) {
      const before = await AuditLogRepository.count()
      expect(await call()).toBe('stored')
      expect(await AuditLogRepository.count()).toBe(before + 1)
      const [entry] = await AuditLogRepository.getRecent(1)
      expect(entry).toMatchObject({ action, category })
      expect(JSON.parse(entry?.metadata ?? '')).toEqual(metadata)
    }
  })

  test('keep a global rate limit under GLOBAL, and a system event under SYSTEM', async () => {
    const { AuditLogger, AuditLogRepository } = shared.warden
    await AuditLogger.logRateLimitViolation({ phoneNumber: OWNER, limitType: 'global' })
    await AuditLogger.logCircuitBreakerChange({ service: 'openai', state: 'OPEN' })
    const [system, global] = await AuditLogRepository.getRecent(2)
    expect([global?.phoneNumber, system?.phoneNumber]).toEqual(['GLOBAL', 'SYSTEM'])
  })

  test('neither throw nor reject, whatever they are given: they resolve to lost, and a gap tells how many', async () => {
    const { AuditLogger, AuditLogRepository } = await openTestWarden()
    const names = Object.getOwnPropertyNames(AuditEvents.prototype).filter((name) => /^log/.test(name))
    expect(names).toHaveLength(13)
    const call = (name: string, value: unknown) =>
      (AuditLogger as unknown as Record<string, (value: unknown) => Promise<string>>)[name]?.(value)
    for (const nothing of [undefined, null, {}, 'text', { performedBy: null, user: 5 }])
      for (const name of names) expect(await call(name, nothing)).toBe('lost')
    expect(await AuditLogger.logConversationReset({ performedBy: person })).toBe('stored')
    await expect.poll(() => AuditLogRepository.findByAction('AUDIT_GAP')).toHaveLength(1)
    const [gap] = await AuditLogRepository.findByAction('AUDIT_GAP')
    expect(JSON.parse(gap?.metadata ?? '')).toMatchObject({ lostCount: 5 * names.length })
  })

  test('resolve to lost where neither the trail nor the spool takes them; when one can, an entry tells how many and since when', async () => {
    const clock = new FakeClock()
    const warden = await openTestWarden({ clock })
    const reset = () => warden.AuditLogger.logConversationReset({ performedBy: person })
    writeFileSync(`${warden.path}.spool`, 'no directory')
    const accept = refuseEntries(warden)
    const first = clock.time
    expect(await Promise.all([reset(), reset(), reset()])).toEqual(['lost', 'lost', 'lost'])
    clock.advance(HOUR)
    expect(await reset()).toBe('lost')
    const last = clock.time
    accept()
    clock.advance(HOUR)
    expect(await reset()).toBe('stored')
    expect(await reset()).toBe('stored')
    const gaps = await warden.AuditLogRepository.findByAction('AUDIT_GAP')
    expect(gaps.map(({ metadata }) => JSON.parse(metadata))).toEqual([
      { lostCount: 4, firstLostAt: new Date(first).toISOString(), lastLostAt: new Date(last).toISOString() },
    ])
  })

  test('go to the spool where more events wait than the ceiling allows, and are written after those', async () => {
    const clock = new FakeClock()
    const warden = await openTestWarden({ clock })
    const { writer, logs } = await openWriter(warden, clock)
    const log = createLogger('silent')
    const observations = new Observations(writer, new Spool(`${warden.path}.spool`, log), clock, log, (text) => text)
    const events = new AuditEvents(observations)
    const draft = writer.draft(numbered(0))
    const fill = upTo(MAX_WAITING / 1000).map(() =>
      writer.appendDrafts(upTo(1000).map(() => ({ ...draft, id: newId() }))),
    )
    const results = upTo(5).map(() => events.logConversationReset({ performedBy: person }))
    expect(await Promise.all(results)).toEqual(Array(5).fill('spooled'))
    await Promise.all(fill)
    await observations.close()
    expect(await logs.count({ action: 'CIRCUIT_BREAKER_OPEN' })).toBe(MAX_WAITING)
    const last = await logs.query({ limit: 5 })
    expect(last.map(({ action }) => action)).toEqual(Array(5).fill('CONVERSATION_RESET'))
  })
})

describe('who follows the trail', () => {
  const shared = shareWarden({ clock: systemClock })

  /** Collects what a follower sees until it has seen `count` entries. */
  async function collect(warden: TestWarden, fromSeq: number, count: number, signal: AbortController) {
    const seen: number[] = []
    for await (const entry of warden.follow(fromSeq, signal.signal)) {
      seen.push(entry.seq)
      if (seen.length === count) signal.abort()
    }
    return seen
  }

  function aborting(): AbortController {
    const controller = new AbortController()
    onTestFinished(() => controller.abort())
    return controller
  }

  test('gets every entry once and in order, from any number on, old ones and new', async () => {
    const { warden } = shared
    const first = await warden.AuditLogRepository.count()
    for (const _ of upTo(3)) await warden.AuditLogger.logConversationReset({ performedBy: person })
    const fromStart = collect(warden, 0, first + 2503, aborting())
    const fromMiddle = collect(warden, first + 1, 2502, aborting())
    const writing = upTo(2500).map(async (n) => {
      await sleep(n % 50)
      return warden.AuditLogger.logConversationReset({ performedBy: person })
    })
    expect(await fromStart).toEqual(upTo(first + 2503))
    expect(await fromMiddle).toEqual(upTo(2502).map((n) => first + 1 + n))
    await Promise.all(writing)
  })

  test('gets the entries of another process too', async () => {
    const { warden } = shared
    const first = await warden.AuditLogRepository.count()
    const env = environmentOf(warden.path)
    const other = startNode([child('log-events.mjs'), 'other', '50'], { env })
    await other.line()
    const following = collect(warden, first, 50, aborting())
    other.send('go')
    expect(await following).toEqual(upTo(50).map((n) => first + n))
    await other.ended()
  })

  test('sees only what is committed', async () => {
    const { warden } = shared
    const { writer } = await openWriter(warden, systemClock)
    const first = await warden.AuditLogRepository.count()
    const following = collect(warden, first, 1, aborting())
    const failing = writer.transaction(async (tx) => {
      await tx.append(numbered(1))
      await sleep(700)
      throw new Error('no')
    })
    await failing.catch(() => {})
    await writer.append(numbered(2))
    await following
    const [entry] = await warden.AuditLogRepository.getRecent(1)
    expect(entry).toMatchObject({ seq: first, metadata: expect.stringContaining('2') })
  })

  test('is let go at once when the signal aborts, and gets nothing where it is aborted already', async () => {
    const { warden } = shared
    const count = await warden.AuditLogRepository.count()
    const controllers = [aborting(), aborting(), aborting(), aborting(), aborting()]
    const waits: number[] = []
    for (const controller of controllers) {
      const following = collect(warden, count, 1, controller)
      await sleep(20)
      const before = performance.now()
      controller.abort()
      expect(await following).toEqual([])
      waits.push(performance.now() - before)
    }
    // The machine may stand still for a moment: one that only looks every 500 ms would be late every time.
    expect(Math.min(...waits)).toBeLessThan(300)
    for (const controller of controllers) expect(await collect(warden, 0, 1, controller)).toEqual([])
  })
})

describe('metadata of many levels', () => {
  const deep = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`)
  const kinds: [string, z.ZodObject][] = [
    ['anything', z.looseObject({})],
    ['JSON', z.strictObject({ a: z.json() })],
    ['a record', z.object({ a: z.record(z.string(), z.any()) })],
  ]

  test.each(kinds)('that may be %s is refused beyond 100, and read below', async (_what, metadata) => {
    const DEEP = defineEvent({ category: 'ADMIN', failure: 'open', metadata, describe: () => 'deep' })
    const warden = await openTestWarden({ events: { DEEP } })
    const create = (levels: number) =>
      warden.AuditLogRepository.create({
        action: 'DEEP',
        phoneNumber: OWNER,
        metadata: deep(levels) as Record<string, unknown>,
      })
    for (const levels of [101, 5000, 100_000])
      await expect(create(levels)).rejects.toMatchObject({
        code: 'INVALID_EVENT',
        message: expect.stringContaining('more than 100 levels'),
      })
    await create(100)
    for (const command of [`audit dsar ${OWNER}`, 'audit mine', 'audit export'])
      expect((await warden.say(OWNER, `!config ${command}`)).status).toBe('answered')
  })
})
