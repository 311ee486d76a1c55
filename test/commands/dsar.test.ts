import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { DAY } from '../../src/kernel/clock.ts'
import type { Json } from '../../src/kernel/json.ts'
import type { Handled } from '../../src/kernel/message.ts'
import { ADMIN, OPERATOR, OWNER, openWithUser, STRANGER, type TestWarden, USER } from '../support/chatwarden.ts'
import { onPostgres } from '../support/database.ts'
import { idOf } from '../support/people.ts'
import { platformSays } from '../support/platform-says.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { entriesOf, textOf } from '../support/trail.ts'

const LID = 'whatsapp:998877665544332@lid'
const OTHER_LID = 'whatsapp:998877665544999@lid'
const OTHER = '+15550002222'
const ADDRESSES = ['203.0.113.77', '2001:db8::dead:beef', '198.51.100.23']
const AGENT = 'SomeBrowser/5.0'
const SCRIPT = '<script>alert("1")</script>'
const GROUP = '15550002222-1612345678@g.us'
/** The number of somebody else as people and programs write it. */
const FORMS = [
  '+15550002222',
  '15550002222@c.us',
  '15550002222:3@c.us',
  '+1 555 000 2222',
  '+1 (555) 000-2222',
  '1-555-000-2222',
]

interface Answer {
  readonly handled: Handled
  readonly json: { entries: Record<string, Json>[]; person: Record<string, Json> } & Record<string, Json>
  readonly jsonText: string
  readonly html: string
}

async function requested(warden: TestWarden, phone = USER, by = OWNER): Promise<Answer> {
  const handled = await warden.say(by, `!config audit dsar ${phone}`)
  expect(handled.status).toBe('answered')
  const [jsonText = '', html = ''] = await Promise.all(
    handled.replies.map(({ attachment }) => readFile(attachment?.path ?? '', 'utf8')),
  )
  return { handled, json: JSON.parse(jsonText), jsonText, html }
}

/** Whose entries they are, found by looking at every one. */
function expectedIds(warden: TestWarden, accounts: readonly string[]): string[] {
  const [first] = accounts
  const own = idOf(warden, first)
  type Row = Record<'id' | 'account', string> & Record<'user' | 'type' | 'object' | 'subject', string | null>
  return warden
    .sql<Row>(
      `SELECT id, user_id AS "user", account, resource_type AS type, resource_id AS object, subject_id AS subject
       FROM audit_logs ORDER BY seq`,
    )
    .filter(
      ({ account, user, type, object, subject }) =>
        accounts.includes(account) ||
        (own !== undefined && (user === own || subject === own)) ||
        (type === 'user' && object !== null && accounts.includes(object)),
    )
    .map(({ id }) => id)
}

const bare = (account: string): string => account.replace('whatsapp:', '')

const NAMES: Readonly<Record<string, string>> = {
  [USER]: `Una ${SCRIPT}`,
  [OTHER]: 'Otto Other',
  [bare(OTHER_LID)]: 'Otto',
}

const report = (warden: TestWarden, phoneNumber: string, queryType: string, filters = {}) =>
  warden.AuditLogger.record({
    action: 'USAGE_QUERY',
    actor: { phoneNumber, role: 'USER', name: NAMES[phoneNumber] },
    place: {
      source: 'api',
      channelId: GROUP,
      requestId: `false_15550002222@c.us_${ADDRESSES[1]}`,
      ipAddress: ADDRESSES[0],
      userAgent: AGENT,
    },
    metadata: { queryType, filters },
  })

/** A person whom everything happens to, and many others. */
async function plant(warden: TestWarden): Promise<void> {
  platformSays(warden, LID, USER, 0)
  warden.sql('INSERT INTO audit_holds VALUES (?, ?, ?, 0)', USER, 'a secret investigation', OWNER)
  // Before anybody knew whose account it is, from two devices; and a neighbour of it.
  // As a host has them: without the platform.
  const ids = [LID, LID.replace('@', ':21@'), OTHER_LID, 'whatsapp:9988776655443321@lid'].map(bare)
  for (const account of ids) await report(warden, account, 'early')
  for (const form of [...FORMS, ...ADDRESSES, SCRIPT, `${USER} and ${OTHER}`]) {
    await report(warden, USER, `asked about ${form} just now`, { [form]: form })
    await warden.say(OPERATOR, `!config user block ${USER} for 2h "wrote to ${form}"`)
    await warden.say(ADMIN, `!config user unblock ${USER}`)
    await report(warden, OTHER, `asked about ${form} too`)
  }
  await warden.say(USER, '!config audit mine')
  await warden.say(USER, '!config role list')
  await warden.say(ADMIN, `!config whitelist add ${USER}`, {
    sender: { id: ADMIN, name: 'Ada Admin', operator: 'root@host' },
  })
  await warden.AuditLogger.logRoleChange({
    performedBy: { phoneNumber: USER },
    targetUser: { phoneNumber: USER },
    oldRole: 'USER',
    newRole: 'USER',
  })
  await warden.say(OPERATOR, `!config user block ${USER} for 2h "because of ${OTHER}"`)
}

const FILLERS = 3500

describe('a data subject access request', () => {
  const shared = shareWarden()
  beforeAll(async () => {
    const { warden } = shared
    await plant(warden)
    const performedBy = (i: number) => ({ phoneNumber: i % 2 === 0 ? STRANGER : OTHER })
    await Promise.all(
      Array.from({ length: FILLERS * 2 }, (_, i) =>
        warden.AuditLogger.logUsageQuery({ performedBy: performedBy(i), queryType: 'filler' }),
      ),
    )
  })

  test('gives exactly the entries by and about the person, each once, the oldest first', async () => {
    const { warden } = shared
    const expected = expectedIds(warden, [USER, LID])
    const { json, html } = await requested(warden)
    expect(json.entries.map(({ id }) => id)).toEqual(expected)
    expect(json.counts).toEqual({ entries: expected.length })
    expect(
      json.entries.filter(({ metadata }) => (metadata as { queryType?: string }).queryType === 'early'),
    ).toHaveLength(2)
    expect(html.match(/<li value="/g)).toHaveLength(expected.length)
    expect(
      json.entries.filter(
        ({ action, phoneNumber, resourceId }) => action === 'ROLE_CHANGE' && phoneNumber === resourceId,
      ),
    ).toHaveLength(1)
  })

  test('holds no address, no device, nobody else and nothing that runs', async () => {
    const { jsonText, html } = await requested(shared.warden)
    const digits = /[^0-9<>"{}:,]+/g
    for (const text of [jsonText, html]) {
      for (const address of [...ADDRESSES, AGENT, 'ipAddress', 'userAgent']) expect(text).not.toContain(address)
      for (const form of FORMS) expect(text).not.toContain(form)
      expect(text.replace(digits, '')).not.toMatch(/5550002222|5550000201|5550000301|998877665544999/)
      for (const name of ['Otto', 'Ada', 'root@host', 'secret investigation', 'wrote to', 'because of'])
        expect(text).not.toContain(name)
      expect(text).toContain(USER)
    }
    expect(html).not.toMatch(/<script|javascript:|onerror|src=|href=/i)
    expect(html).toContain('&lt;script&gt;')
    expect(html).toContain('somebody at the bot&#39;s machine')
    expect(html).toContain("default-src 'none'")
  })

  test('says what else there is of them, when, for whom and how to have it put right', async () => {
    const { warden, clock } = shared
    const { json, handled, html } = await requested(warden)
    expect(json).toMatchObject({
      subject: USER,
      madeAt: new Date(clock.now()).toISOString(),
      madeFor: { role: 'OWNER', account: '+15•••••••01' },
      timeZone: 'UTC',
      person: {
        user: { role: 'USER', whitelisted: true },
        blocks: [{ account: USER, blockedBy: '+15•••••••01' }],
        accounts: [{ account: USER, proof: 'given' }],
        knownAccounts: [{ account: LID }],
        confirmationIsPending: false,
      },
    })
    expect(html).toContain('90 days')
    expect(JSON.stringify(json.notes)).toMatch(/correct.*erase/)
    expect(handled.replies.map(({ audience }) => audience)).toEqual(['sender', 'sender'])
    const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll('-', '')
    expect(handled.replies.map(({ attachment }) => [attachment?.name, attachment?.mimeType])).toEqual([
      [`data-request-${USER.slice(1)}-${day}.json`, 'application/json'],
      [`data-request-${USER.slice(1)}-${day}.html`, 'text/html'],
    ])
  })

  test('is an entry that says how many were handed out', async () => {
    const { warden } = shared
    const recordCount = expectedIds(warden, [USER, LID]).length
    const { entries } = await entriesOf(warden, () => requested(warden))
    expect(
      entries.map(({ action, phoneNumber, resourceId, metadata }) => [action, phoneNumber, resourceId, metadata]),
    ).toEqual([['AUDIT_DATA_REQUEST', OWNER, USER, { targetUser: USER, recordCount }]])
  })

  test('from a group goes to who asked alone', async () => {
    const chat = { id: '120363000000000000@g.us', kind: 'group' } as const
    const { replies } = await shared.warden.say(OWNER, `!config audit dsar ${USER}`, { chat })
    expect(replies.map(({ audience, attachment }) => [audience, attachment?.kind])).toEqual([
      ['sender', 'document'],
      ['sender', 'document'],
    ])
  })

  test('about oneself is fine, and what is one’s own stays readable', async () => {
    const { json } = await requested(shared.warden, OWNER)
    expect(json.madeFor).toEqual({ role: 'OWNER', account: OWNER })
    expect(json.entries.length).toBeGreaterThan(3)
  })

  test('of more entries than a page has every one of them', async () => {
    const { warden } = shared
    const expected = expectedIds(warden, [STRANGER])
    const { json } = await requested(warden, STRANGER)
    expect(json.entries.map(({ id }) => id)).toEqual(expected)
    expect(json.entries).toHaveLength(FILLERS)
  })

  test('of a number that nobody knows leaves nothing behind', async () => {
    const warden = await openWithUser()
    const { result, entries } = await entriesOf(warden, () => warden.say(OWNER, '!config audit dsar +15559998888'))
    expect([result.status, entries]).toEqual(['not-found', []])
    expect(textOf(result)).toBe('Nothing is known about +15559998888, so there is nothing to hand out.')
    expect(await readdir(join(warden.folder, 'outgoing')).catch(() => [])).toEqual([])
  })

  test('is compressed where it is too large for the chat', async () => {
    const warden = await openWithUser({ env: { WHATSAPP_MAX_FILE_MB: '1' } })
    const queryType = 'a longer text than most of them have '.repeat(4)
    await Promise.all(
      Array.from({ length: 3000 }, () =>
        warden.AuditLogger.logUsageQuery({ performedBy: { phoneNumber: STRANGER }, queryType }),
      ),
    )
    const sender = { id: `${OWNER.slice(1)}@c.us` }
    const handled = await warden.say('', `!config audit dsar ${STRANGER}`, { source: 'whatsapp', sender })
    expect(handled.replies.map(({ attachment }) => attachment?.name.replace(/-\d{8}\./, '.'))).toEqual([
      'data-request-15550000901.json.gz',
      'data-request-15550000901.html.gz',
    ])
    const [json] = await Promise.all(handled.replies.map(({ attachment }) => readFile(attachment?.path ?? '')))
    expect(JSON.parse(gunzipSync(json ?? '').toString()).entries).toHaveLength(3000)
    expect(await readdir(join(warden.folder, 'outgoing'))).toHaveLength(2)
  })
})

describe('what a data request looks into', () => {
  /** Each table, and what of it a person is given. */
  const GIVEN = {
    users: 'the record',
    accounts: 'the record',
    seeded_accounts: 'the record',
    audit_logs: 'every entry by them, and those about them that are for them',
    audit_witnesses: 'since when',
    processed_messages: 'a count',
    page_cursors: 'a count',
    denial_windows: 'a count',
    rate_limits: 'a count',
    outbox_messages: 'a count',
    known_accounts: 'the accounts',
    identity_claims: 'a count: the accounts may be somebody else’s',
    blocks: 'the record',
    refusals: 'the record',
    confirmations: 'whether there is one',
  }
  const NOT_GIVEN = {
    audit_holds: 'may be a secret',
    audit_head: 'nobody in it',
    audit_tiles: 'hashes with a nonce',
    audit_archives: 'nobody in it: what their files hold, the header says',
    audit_restored: 'nobody in it',
    audit_imports: 'hashes of ids elsewhere',
    exported_days: 'nobody in it',
    shared_objects: 'names of files handed out, for 15 minutes',
    leases: 'nobody in it',
    audit_replays: 'ids of entries, which are made at random',
    audit_moves: 'nobody in it',
    settings: 'nobody in it',
    new_owners: 'for a day, how much of it is left',
    clock_doubts: 'nobody in it',
    cost_totals: 'nobody in it',
    ...(onPostgres && { audit_policy: 'nobody in it' }),
  }

  test('is every table there is: a new one has to be thought of', async () => {
    const warden = await openWithUser({})
    const tables = warden.sql<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_%' ESCAPE '\\'",
    )
    expect(tables.map(({ name }) => name).sort()).toEqual([...Object.keys(GIVEN), ...Object.keys(NOT_GIVEN)].sort())
  })

  test('is found in each of them', async () => {
    const warden = await openWithUser({})
    const id = `${STRANGER.slice(1)}@c.us`
    const later = Date.now() + 365 * DAY
    const own = '01a2b3c4-0000-7000-8000-00000000abcd'
    for (const [table, ...values] of [
      ['users', own, 'Sam', 'USER', 0, 0, 0],
      ['accounts', STRANGER, own, 'given', null, 0],
      ['accounts', LID, own, 'confirmed', STRANGER, 1],
      ['seeded_accounts', STRANGER, 'ADMIN', 0],
      ['audit_witnesses', own, 0],
      ['processed_messages', 'whatsapp', `false_${id}_1`, 0],
      ['page_cursors', own, 'api', 'audit list', '{}', '1', later, ''],
      // Of before they were a user.
      ['page_cursors', STRANGER, id, 'audit list', '{}', '1', later, ''],
      ['denial_windows', own, '[]', 1, later, ''],
      ['denial_windows', LID, '[]', 1, later, ''],
      ['rate_limits', `user:${own}`, 1, later],
      ['rate_limits', `user:${STRANGER}`, 1, later],
      ['outbox_messages', 'x', 'api', JSON.stringify({ sender: { id } }), '{}', null, 0, ''],
      ['identity_claims', STRANGER, OTHER_LID, 0, ''],
      ['refusals', LID, 'BLOCKED', 0],
      ['refusals', own, 'NOT_WHITELISTED', 0],
      ['confirmations', own, '123456', 'x', idOf(warden, OWNER) ?? '', 'set', '{}', 'x', 'x', 0, later, null],
      ['blocks', STRANGER, null, null, OWNER, 0],
      ['blocks', LID, null, null, OWNER, 0],
      // Of somebody whose number is longer.
      ['processed_messages', 'whatsapp', `false_9${id}_2`, 0],
    ] as const)
      warden.sql(`INSERT INTO ${table} VALUES (${values.map(() => '?').join()})`, ...values)
    const at = new Date(0).toISOString()
    expect((await requested(warden, STRANGER)).json).toMatchObject({
      entries: [],
      person: {
        user: { id: own, name: 'Sam', role: 'USER', whitelisted: false, createdAt: at, updatedAt: at },
        rolesFromConfiguration: [{ account: STRANGER, role: 'ADMIN', seededAt: at }],
        blocks: [STRANGER, LID].map((account) => ({
          account,
          until: null,
          blockedBy: '+15•••••••01',
          blockedAt: at,
        })),
        knownAccounts: [],
        accounts: [
          { account: STRANGER, proof: 'given', since: at },
          { account: LID, proof: 'confirmed', since: new Date(1).toISOString() },
        ],
        otherAccountsSeen: 1,
        refusals: [
          { reason: 'NOT_WHITELISTED', recordedAt: at },
          { reason: 'BLOCKED', recordedAt: at },
        ],
        receivesCheckpointsSince: at,
        messagesAnswered: 1,
        messagesWaitingForThem: 1,
        pagedAnswersThatCanGoOn: 2,
        denialsBeingCounted: 2,
        messagesBeingCounted: 2,
        confirmationIsPending: true,
      },
    })
  })
})

test('who blocked somebody is masked whatever their account looks like', async () => {
  const warden = await openWithUser({})
  await warden.say(OWNER, '!config role promote shop:alice ADMIN')
  await warden.say('shop:alice', `!config user block ${STRANGER}`)
  const { json, html } = await requested(warden, STRANGER)
  expect(json.person.blocks).toMatchObject([{ blockedBy: 'shop:•••ce' }])
  expect(html).not.toContain('alice')
})
