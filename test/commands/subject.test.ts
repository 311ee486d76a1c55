import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { EventType } from '../../src/audit/entry/event-type.ts'
import { EVENT_TYPES, type EventTypes } from '../../src/audit/entry/event-types.ts'
import { checkVisibility } from '../../src/audit/entry/visibility.ts'
import { defineEvent } from '../../src/index.ts'
import {
  ADMIN,
  OPERATOR,
  OWNER,
  OWNER2,
  OWNER3,
  openTestWarden,
  openWithUser,
  type TestWarden,
  USER,
} from '../support/chatwarden.ts'
import { codeIn, confirmed } from '../support/confirming.ts'
import { idOf } from '../support/people.ts'
import { shareWarden } from '../support/shared-warden.ts'

const TYPES: EventTypes = EVENT_TYPES
const REASON = 'because Bob Miller of 12 Elm St saw it, bob@example.org 203.0.113.7'

interface Shown {
  readonly action: string
  readonly description: string
  readonly account: string
  readonly resourceId: string | null
  readonly metadata: unknown
}

async function dataRequest(
  warden: TestWarden,
  account = USER,
): Promise<{ entries: Shown[]; text: string; answer: string }> {
  const { replies } = await warden.say(OWNER, `!config audit dsar ${account}`)
  const texts = await Promise.all(replies.map(({ attachment }) => readFile(attachment?.path ?? '', 'utf8')))
  return { entries: JSON.parse(texts[0] ?? '').entries, text: texts.join('\n'), answer: replies[0]?.text ?? '' }
}

/** All pages of `audit mine`. */
async function mine(warden: TestWarden, account = USER): Promise<string> {
  const pages = [await warden.ask(account, '!config audit mine')]
  while (pages.at(-1)?.includes('!config more')) pages.push(await warden.ask(account, '!config more'))
  return pages.join('\n')
}

/** Everything that others can do to somebody, for them to know or not. */
async function doAll(warden: TestWarden): Promise<void> {
  const run = async (by: string, command: string) => {
    const handled = await warden.say(by, `!config ${command}`)
    expect([command, handled.status]).toEqual([command, expect.stringMatching(/^(?:answered|denied)$/)])
    return handled
  }
  await run(OPERATOR, `user block ${USER} for 2h "${REASON}"`)
  await run(ADMIN, `user unblock ${USER}`)
  await run(ADMIN, `whitelist add ${USER}`)
  await run(ADMIN, `whitelist remove ${USER}`)
  await run(ADMIN, `role promote ${USER} OPERATOR`)
  await run(ADMIN, `role demote ${USER} USER`)
  await run(ADMIN, `role promote ${USER} ADMIN`)
  for (const view of ['role info', 'user status', 'audit user', 'audit history']) await run(ADMIN, `${view} ${USER}`)
  await run(ADMIN, `audit search target:${USER}`)
  await run(OWNER, `audit export target:${USER}`)
  await run(OWNER, `audit hold add ${USER} "${REASON}"`)
  const { replies } = await run(OWNER, `audit hold remove ${USER}`)
  await run(OWNER, `confirm ${codeIn(replies[0]?.text)}`)
  await run(OWNER, `audit hold add ${USER} "${REASON}"`)
  await run(OWNER, `audit dsar ${USER}`)
}

describe('of what others did about them somebody sees', () => {
  const shared = shareWarden()
  beforeAll(() => doAll(shared.warden))

  test('what was done to them, in a data request and in audit mine', async () => {
    const { entries } = await dataRequest(shared.warden)
    const about = entries.filter(({ account, resourceId }) => account !== USER && resourceId === USER)
    expect(about.slice(0, 8).map(({ action, description }) => [action, description])).toEqual([
      ['ROLE_CHANGE', `Added ${USER} as USER`],
      ['USER_BLOCK', expect.stringMatching(/^Blocked \+15550000401 until [0-9TZ:.-]+$/)],
      ['USER_UNBLOCK', `Unblocked ${USER}`],
      ['WHITELIST_ADD', `Added ${USER} to the whitelist`],
      ['WHITELIST_REMOVE', `Removed ${USER} from the whitelist`],
      ['ROLE_CHANGE', `Changed role of ${USER} from USER to OPERATOR`],
      ['ROLE_CHANGE', `Changed role of ${USER} from OPERATOR to USER`],
      ['AUDIT_DATA_REQUEST', expect.stringContaining(`Took out what there is about ${USER}`)],
    ])
    const text = await mine(shared.warden)
    for (const { description } of about) expect(text).toContain(description)
  })

  test('no inquiry, no look at them and no word that somebody typed, in either', async () => {
    const { entries, text } = await dataRequest(shared.warden)
    const byOthers = entries.filter(({ account }) => account !== USER).map(({ action }) => action)
    expect(byOthers.filter((action) => /HOLD|VIEW|EXPORT|CONFIRM|DENIED/.test(action))).toEqual([])
    for (const shown of [text, await mine(shared.warden)]) {
      for (const word of ['Bob', 'Elm', 'example.org', '203.0.113', 'egal hold', 'AUDIT_HOLD', OWNER, ADMIN, OPERATOR])
        expect(shown).not.toContain(word)
      expect(shown).not.toMatch(/CONFIRMATION_REQUESTED|USERS_VIEWED|AUDIT_LOG_EXPORTED/)
    }
  })

  test('as many as the answer and the entry about it say', async () => {
    const { warden } = shared
    const { entries, answer } = await dataRequest(warden)
    expect(answer).toContain(`Audit logs in it: ${entries.length}\n`)
    const [entry] = await warden.AuditLogRepository.findByAction('AUDIT_DATA_REQUEST', 1)
    expect(JSON.parse(entry?.metadata ?? '{}').recordCount).toBe(entries.length)
  })
})

test('that somebody else turns pages about them is not counted', async () => {
  const warden = await openWithUser()
  for (let n = 0; n < 12; n++) await warden.say(USER, '!config audit mine')
  expect(await warden.ask(ADMIN, `!config audit user ${USER}`)).toContain('!config more')
  const { text } = await dataRequest(warden)
  expect(JSON.parse(text.split('\n<!doctype')[0] ?? '').person).toMatchObject({
    pagedAnswersThatCanGoOn: 1,
    messagesWaitingForThem: 0,
  })
})

test('what somebody did themself they see with their own words, whoever it was about', async () => {
  const warden = await openWithUser()
  await warden.say(OPERATOR, `!config user block ${USER} for 2h "${REASON}"`)
  const { entries } = await dataRequest(warden, OPERATOR)
  const [block] = entries.filter(({ action }) => action === 'USER_BLOCK')
  expect(block?.description).toContain('because Bob Miller of 12 Elm St saw it')
  expect(await mine(warden, OPERATOR)).toContain(block?.description)
  expect(block?.description).not.toContain(USER)
})

test('who put a hold on themself, or looked at themself, knows it', async () => {
  const warden = await openWithUser()
  await warden.say(OWNER, `!config audit hold add ${OWNER}`)
  await warden.say(OWNER, `!config audit user ${OWNER}`)
  for (const text of [await mine(warden, OWNER), (await dataRequest(warden, OWNER)).text]) {
    expect(text).toContain('AUDIT_HOLD_ADD')
    expect(text).toContain('AUDIT_LOG_VIEWED')
  }
})

test('of a host’s own events somebody sees those that say what they may', async () => {
  const about = {
    metadata: z.strictObject({ target: z.string(), note: z.string() }),
    category: 'ADMIN',
    failure: 'open',
  } as const
  const resource = ({ target }: { target: string }) => ({ type: 'user', id: target })
  const warden = await openWithUser({
    events: {
      WARNED: defineEvent({
        ...about,
        resource,
        describe: ({ target }) => `Warned ${target}`,
        metadata: about.metadata.partial({ note: true }),
        shownToSubject: ['target'],
      }),
      WATCHED: defineEvent({ ...about, resource, describe: ({ target }) => `Watches ${target}` }),
    },
  })
  for (const action of ['WARNED', 'WATCHED'])
    await warden.AuditLogRepository.create({ action, phoneNumber: ADMIN, metadata: { target: USER, note: REASON } })
  const { text } = await dataRequest(warden)
  for (const shown of [text, await mine(warden)]) {
    expect(shown).toContain(`Warned ${USER}`)
    expect(shown).not.toMatch(/Watches|WATCHED|Bob/)
  }
})

test('of what happened elsewhere somebody sees what is said here in the same way, and nothing that may be words', async () => {
  const warden = await openWithUser()
  const own = idOf(warden, USER) ?? ''
  let seq = 1000
  const insert = (action: string, details?: object, fields = { type: 'user', id: USER, role: 'ADMIN' }) =>
    warden.sql(
      `INSERT INTO audit_logs SELECT ${seq++}, 'x${seq}', created_at, 'import', category, '${action}',
        'Bob Miller said so', NULL, 'Bob Miller', 'Bob', '${fields.role}', '${fields.type}', '${fields.id}', '${own}', 'Bob', 'Bob', NULL, NULL, ?, nonce, leaf_hash
       FROM audit_logs WHERE seq = 0`,
      JSON.stringify({ source: 'the old bot', sourceTime: '2025-01-01T00:00:00.000Z', details }),
    )
  const change = { targetUser: USER, oldRole: 'USER', newRole: 'ADMIN', reason: REASON }
  insert('ROLE_CHANGE', change)
  for (const words of [
    { ...change, oldRole: 'USER because Bob Miller said so' },
    { ...change, targetUser: { name: 'Bob Miller' } },
    { ...change, newRole: ['Bob'] },
    { who: 'Bob' },
    undefined,
  ])
    insert('ROLE_CHANGE', words)
  insert('USER_BLOCK', { targetUser: USER, until: 'until Bob Miller decides' })
  insert('USER_UNBLOCK', { targetUser: USER }, { type: 'note', id: 'Bob complained', role: 'Bob Miller' })
  insert('WATCHED', { targetUser: USER, reason: REASON })
  const { entries, text } = await dataRequest(warden)
  const imported = entries.filter((entry) => 'source' in entry && entry.source === 'import')
  const sourceTime = '2025-01-01T00:00:00.000Z'
  const { reason, ...shown } = change
  expect(imported.map(({ description, metadata }) => [description, metadata])).toEqual([
    [`Changed role of ${USER} from USER to ADMIN`, { ...shown, sourceTime }],
    ...Array.from({ length: 5 }, () => ['ROLE_CHANGE', { sourceTime }]),
    ['USER_BLOCK', { sourceTime }],
    [`Unblocked ${USER}`, { targetUser: USER, sourceTime }],
  ])
  for (const all of [text, await mine(warden)]) expect(all).not.toMatch(/Bob|WATCHED/)
})

test('a kind of event that can’t be described of what is shown keeps nobody from the rest', async () => {
  const warden = await openWithUser({
    events: {
      TAGGED: defineEvent({
        category: 'ADMIN',
        failure: 'open',
        metadata: z.strictObject({
          target: z.string(),
          tags: z.array(z.string()).optional(),
          observedAt: z.string().optional(),
        }),
        describe: ({ tags }) => `Tags ${(tags ?? (undefined as never as string[])).length}`,
        resource: ({ target }) => ({ type: 'user', id: target }),
        shownToSubject: ['target'],
      }),
    },
  })
  const actor = { account: ADMIN, role: 'ADMIN' }
  for (const source of ['api', 'import'])
    await warden.AuditLogger.record({
      action: 'TAGGED',
      actor,
      place: { source },
      metadata: { target: USER, tags: ['Bob'], observedAt: 'Bob typed' },
    })
  const { text } = await dataRequest(warden)
  for (const shown of [text, await mine(warden)]) {
    expect(shown).toContain('TAGGED')
    expect(shown).not.toContain('Bob')
  }
})

test('what another owner, or somebody at the machine, typed is not their own word', async () => {
  const warden = await openTestWarden({ env: { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2},${OWNER3}` } })
  await warden.say(OWNER, `!config role promote ${USER} USER`)
  await confirmed(warden, `audit erase ${USER} "${REASON}"`)
  const sender = { id: OWNER2, operator: 'root@host' }
  await warden.say(OWNER2, `!config user block ${USER} for 2h "${REASON}"`, { source: 'cli', sender })
  await warden.say(OWNER2, `!config audit search text:"${REASON}"`, { source: 'cli', sender })
  await warden.AuditLogger.logPermissionDenied({ phoneNumber: OWNER2, action: 'X', reason: REASON })
  const { entries, text } = await dataRequest(warden, OWNER2)
  expect(entries.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['AUDIT_ERASURE', 'USER_BLOCK', 'AUDIT_LOG_VIEWED', 'PERMISSION_DENIED']),
  )
  for (const shown of [text, await mine(warden, OWNER2)]) expect(shown).not.toMatch(/Bob|Elm/)
})

test('an id is masked whole, and one’s own within no other', async () => {
  const warden = await openWithUser()
  const own = 'discord:albert'
  await warden.say(OWNER, `!config role promote ${own} OPERATOR`)
  for (const [queryType, target] of [
    ['a', 'discord:al'],
    ['b', 'discord:alfred-miller'],
    ['c', 'slack:bobmiller'],
  ])
    await warden.AuditLogger.logUsageQuery({
      performedBy: { account: own },
      queryType: `${queryType}: of ${target} by ${own}`,
      filters: { target: target ?? '', phoneNumber: 'discord:al' },
    })
  const { text } = await dataRequest(warden, own)
  expect(text).not.toMatch(/fred-miller|bobmiller|obmiller/)
  expect(text).toContain(`by ${own}`)
})

describe('what a kind of event shows to whom it is about', () => {
  /** Fields that hold no words of anybody. A new one has to be thought of. */
  const WORDLESS = [
    'targetUser',
    'targetPhoneNumber',
    'account',
    'oldRole',
    'newRole',
    'role',
    'since',
    'until',
    'recordCount',
  ]

  test('is no word that somebody typed', () => {
    checkVisibility(TYPES)
    const shown = Object.values(TYPES).flatMap(({ shownToSubject = [] }) => shownToSubject)
    expect([...new Set(shown)].sort()).toEqual([...WORDLESS].sort())
  })

  const type = {
    category: 'ADMIN',
    failure: 'open',
    metadata: z.strictObject({ target: z.string(), note: z.string().optional() }),
    describe: () => 'x',
    resource: ({ target }: { target: string }) => ({ type: 'user', id: target }),
  } as const
  const { resource: _, ...aboutNobody } = type
  test.each<[string, EventType, string]>([
    ['a field that there is not', { ...type, shownToSubject: ['target', 'nte'] } as unknown as EventType, '"nte"'],
    ['too little', { ...type, shownToSubject: ['note'] } as unknown as EventType, '"target"'],
    ['nothing', { ...type, shownToSubject: [] }, '"target"'],
    ['nobody', { ...aboutNobody, shownToSubject: ['target'] } as unknown as EventType, 'needs resource'],
    [
      'owners alone',
      { ...type, shownToSubject: ['target'], ownersOnly: true } as unknown as EventType,
      'exclude each other',
    ],
  ])('is refused at the start where it is %s', async (_what, event, problem) => {
    await expect(openTestWarden({ events: { NOTED: event } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(new RegExp(`NOTED.*${problem}`)),
    })
  })
})
