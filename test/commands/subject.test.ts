import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { EVENT_TYPES, type EventTypes } from '../../src/audit/entry/event-types.ts'
import { defineEvent } from '../../src/index.ts'
import { ADMIN, OPERATOR, OWNER, openWithUser, STRANGER, type TestWarden, USER } from '../support/chatwarden.ts'
import { codeIn } from '../support/confirming.ts'
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

async function dataRequest(warden: TestWarden, account = USER): Promise<{ entries: Shown[]; text: string }> {
  const { replies } = await warden.say(OWNER, `!config audit dsar ${account}`)
  const texts = await Promise.all(replies.map(({ attachment }) => readFile(attachment?.path ?? '', 'utf8')))
  return { entries: JSON.parse(texts[0] ?? '').entries, text: texts.join('\n') }
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
  await run(OWNER, `audit erase ${USER} "${REASON}"`)
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
    expect(about.map(({ action, description }) => [action, description])).toEqual([
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
      expect(shown).not.toMatch(/CONFIRMATION_REQUESTED|AUDIT_ERASURE|USERS_VIEWED|AUDIT_LOG_EXPORTED/)
    }
  })

  test('as many as the answer and the entry about it say', async () => {
    const { warden } = shared
    const { entries } = await dataRequest(warden)
    const [entry] = await warden.AuditLogRepository.findByAction('AUDIT_DATA_REQUEST', 1)
    expect(JSON.parse(entry?.metadata ?? '{}').recordCount).toBe(entries.length)
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

test('of what happened elsewhere somebody sees what is said here in the same way, and nothing else of it', async () => {
  const warden = await openWithUser()
  const own = idOf(warden, USER) ?? ''
  const insert = (action: string, details: object) =>
    warden.sql(
      `INSERT INTO audit_logs SELECT seq + 1000 + ${details === undefined ? 0 : action.length}, '${action}', created_at, 'import', category, '${action}',
        'Bob Miller said so', NULL, '${STRANGER}', 'Bob', 'ADMIN', 'user', '${USER}', '${own}', 'Bob', 'Bob', NULL, NULL, ?, nonce, leaf_hash
       FROM audit_logs WHERE seq = 0`,
      JSON.stringify({ source: 'the old bot', sourceTime: '2025-01-01T00:00:00.000Z', details }),
    )
  insert('ROLE_CHANGE', { targetUser: USER, oldRole: 'USER', newRole: 'ADMIN', reason: REASON })
  insert('USER_UNBLOCK', { who: 'Bob' })
  insert('WATCHED', { targetUser: USER, reason: REASON })
  const { entries, text } = await dataRequest(warden)
  const imported = entries.filter((entry) => 'source' in entry && entry.source === 'import')
  expect(imported.map(({ description, metadata }) => [description, metadata])).toEqual([
    [
      `Changed role of ${USER} from USER to ADMIN`,
      { targetUser: USER, oldRole: 'USER', newRole: 'ADMIN', sourceTime: '2025-01-01T00:00:00.000Z' },
    ],
    ['USER_UNBLOCK', { sourceTime: '2025-01-01T00:00:00.000Z' }],
  ])
  expect(text).not.toMatch(/Bob|WATCHED/)
})

describe('what a kind of event shows to whom it is about', () => {
  const shown = Object.entries(TYPES).filter(([, { shownToSubject }]) => shownToSubject !== undefined)

  test.each(shown)('%s: a description of its own, and nothing that somebody typed', (_action, type) => {
    const fields = type.shownToSubject ?? []
    expect(fields.filter((field) => ['reason', 'requestedBy', 'subject', 'filters'].includes(field))).toEqual([])
    const needed = Object.entries(type.metadata.shape).filter(([, schema]) => !schema.safeParse(undefined).success)
    expect(fields).toEqual(expect.arrayContaining(needed.map(([name]) => name)))
    expect(type.ownersOnly).toBe(undefined)
  })
})
