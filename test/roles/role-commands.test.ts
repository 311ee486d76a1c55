import { describe, expect, test } from 'vitest'
import { MINUTE } from '../../src/kernel/clock.ts'
import type { IncomingMessage, Sender, Source } from '../../src/kernel/message.ts'
import { MAX_REPLY_LENGTH } from '../../src/kernel/message.ts'
import { TRIAL_OWNER } from '../../src/roles/user.ts'
import {
  ADMIN,
  ADMIN2,
  FakeClock,
  OPERATOR,
  OWNER,
  OWNER2,
  openTestWarden,
  STRANGER,
  type TestWarden,
  temporaryFolder,
  USER,
} from '../support/chatwarden.ts'
import { confirmed } from '../support/confirming.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { entriesOf, readEntry, roleOf, stateOf, textOf } from '../support/trail.ts'

const NEW = '+15550000777'
const ADDED = '+15550000778'

describe('promote and demote', () => {
  const shared = shareWarden()

  test('say what document 002 prints, and are one entry each', async () => {
    const { warden } = shared
    const { result, entries } = await entriesOf(warden, () =>
      warden.ask(ADMIN, `!config role promote ${USER} OPERATOR`),
    )
    expect(result).toBe(
      `✅ *Role Change Successful*\n\n👤 User: ${USER}\n📊 USER → OPERATOR\n✏️ Changed by: ${ADMIN} (ADMIN)`,
    )
    expect(entries).toMatchObject([
      {
        action: 'ROLE_CHANGE',
        category: 'AUTH',
        source: 'api',
        phoneNumber: ADMIN,
        userRole: 'ADMIN',
        resourceType: 'user',
        resourceId: USER,
        metadata: { targetUser: USER, oldRole: 'USER', newRole: 'OPERATOR' },
        description: `Changed role of ${USER} from USER to OPERATOR`,
      },
    ])
    expect(await warden.ask(ADMIN, `!config role demote ${USER} USER`)).toContain('📊 OPERATOR → USER')
    expect(await roleOf(warden, USER)).toBe('USER')
  })

  test('promoting an unknown number adds it', async () => {
    const { warden } = shared
    expect(await warden.ask(ADMIN, `!config role promote ${ADDED} USER`)).toContain('📊 new → USER')
    expect(await roleOf(warden, ADDED)).toBe('USER')
    const [entry] = await warden.AuditLogRepository.findByAction('ROLE_CHANGE', 1)
    expect(entry).toMatchObject({ description: `Added ${ADDED} as USER`, resourceId: ADDED })
  })

  test('a role that somebody already has is answered and writes nothing', async () => {
    const { warden } = shared
    const before = stateOf(warden)
    for (const command of [`promote ${USER} USER`, `demote ${USER} USER`, `promote ${OPERATOR} operator`]) {
      const { result, entries } = await entriesOf(warden, () => warden.say(OWNER, `!config role ${command}`))
      expect(result.status).toBe('answered')
      expect(textOf(result)).toMatch(/^ℹ️ \+\d+ already has the role \w+\. Nothing was changed\.$/)
      expect(entries).toEqual([])
    }
    expect(stateOf(warden)).toEqual(before)
  })

  test.each([
    [`promote ${OPERATOR} USER`, `${OPERATOR} is OPERATOR. To do that, send: !config role demote ${OPERATOR} USER`],
    [`demote ${USER} OPERATOR`, `${USER} is USER. To do that, send: !config role promote ${USER} OPERATOR`],
    [`promote ${ADMIN} USER`, `${ADMIN} is ADMIN. To do that, send: !config role demote ${ADMIN} USER`],
    [`demote ${USER} OWNER`, `${USER} is USER. To do that, send: !config role promote ${USER} OWNER`],
  ])('the wrong direction names the right command: %s', async (command, text) => {
    const { warden } = shared
    const { result, entries } = await entriesOf(warden, () => warden.say(OWNER, `!config role ${command}`))
    expect(result).toMatchObject({ status: 'usage', replies: [{ text }] })
    expect(entries).toEqual([])
  })

  test.each([`demote ${NEW} USER`, `info ${NEW}`])(
    'an unknown number is not found, not created: %s',
    async (command) => {
      const { warden } = shared
      const { result, entries } = await entriesOf(warden, () => warden.say(OWNER, `!config role ${command}`))
      expect(result).toMatchObject({ status: 'not-found', replies: [{ text: `User not found: ${NEW}` }] })
      expect(entries).toEqual([])
      expect(await roleOf(warden, NEW)).toBe('NONE')
    },
  )

  test.each([
    [ADMIN, `promote ${NEW} OWNER`, '❌ Only OWNER can promote users to OWNER role.', 'ROLE_TOO_LOW'],
    [ADMIN, `promote ${NEW} ADMIN`, '❌ Only OWNER can promote users to ADMIN role.', 'ROLE_TOO_LOW'],
    [ADMIN, `demote ${ADMIN2} USER`, '❌ Only OWNER can change the role of an ADMIN.', 'ROLE_TOO_LOW'],
    [ADMIN, `promote ${OWNER} USER`, '❌ Only OWNER can change the role of an OWNER.', 'ROLE_TOO_LOW'],
    [OWNER, `demote ${OWNER} USER`, '❌ You cannot demote yourself. Ask another admin or owner.', 'OWN_ROLE'],
    [OWNER, `promote ${OWNER} OWNER`, '❌ You cannot promote yourself. Ask another admin or owner.', 'OWN_ROLE'],
  ])('%s is told why: %s', async (by, command, text, reason) => {
    const { warden } = shared
    const { result, entries } = await entriesOf(warden, () => warden.say(by, `!config role ${command}`))
    expect(result).toMatchObject({ status: 'denied', replies: [{ text }] })
    expect(entries).toMatchObject([{ action: 'PERMISSION_DENIED', metadata: { reason }, resourceType: 'user' }])
  })

  test.each([
    ['promote', 'Please provide a phone number.'],
    [`promote ${NEW}`, 'Please provide a role: OWNER, ADMIN, OPERATOR or USER.'],
    [`promote ${NEW} KING`, 'Invalid role. Valid roles: OWNER, ADMIN, OPERATOR, USER'],
    [`promote ${NEW} USER now`, `I don't understand "now" at the end of that.`],
    ['promote notaphone USER', '"notaphone" is not a phone number or account.'],
    ['info 123', '"123" is not a phone number or account.'],
  ])('what is wrong is explained with the usage line: role %s', async (command, text) => {
    const { warden } = shared
    const { result, entries } = await entriesOf(warden, () => warden.say(OWNER, `!config role ${command}`))
    expect(result.status).toBe('usage')
    expect(textOf(result)).toContain(text)
    expect(textOf(result)).toContain(`Usage: !config role ${command.split(' ')[0]} <phoneNumber>`)
    expect(entries).toEqual([])
    expect(await roleOf(warden, NEW)).toBe('NONE')
  })

  test('the role is the one at that moment: who was demoted cannot act on it any more', async () => {
    const { warden } = shared
    for (let attempt = 0; ; attempt++) {
      const number = `+1555000${2000 + attempt}`
      await warden.say(OWNER, `!config role promote ${NEW} ADMIN`)
      const [, after] = await Promise.all([
        warden.say(OWNER, `!config role demote ${NEW} USER`),
        warden.say(NEW, `!config role promote ${number} OPERATOR`),
      ])
      const [demotion] = await latestChange(warden, NEW)
      const [promotion] = await latestChange(warden, number)
      expect([after.status, await roleOf(warden, number)]).toEqual(
        promotion === undefined ? ['denied', 'NONE'] : ['answered', 'OPERATOR'],
      )
      if (promotion === undefined) return
      // On a server what both read first may overtake each other: then it was an admin who promoted.
      expect(promotion.seq).toBeLessThan(demotion?.seq ?? 0)
      expect(attempt).toBeLessThan(10)
    }
  })
})

const latestChange = ({ AuditLogRepository }: TestWarden, targetPhoneNumber: string) =>
  AuditLogRepository.query({ action: 'ROLE_CHANGE', targetPhoneNumber, limit: 1 })

describe('owners', () => {
  test('are told in private when anybody becomes ADMIN or OWNER, but for those concerned', async () => {
    const warden = await openTestWarden({ env: { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` } })
    const third = '+15550000103'
    const notes = async (command: string) => {
      const { replies } = await warden.say(OWNER, `!config role ${command}`)
      return replies.slice(1)
    }
    const by = `✏️ Changed by: ${OWNER} (OWNER)`
    expect(await notes(`promote ${NEW} ADMIN`)).toEqual([
      { audience: { account: OWNER2 }, role: 'OWNER', text: `🔔 *${NEW} is now ADMIN*\n📊 new → ADMIN\n${by}` },
    ])
    const confirmedNotes = async (command: string) => (await confirmed(warden, `role ${command}`)).replies.slice(1)
    const byBoth = `✏️ Changed by: ${OWNER2} (OWNER), asked by ${OWNER}`
    expect(await confirmedNotes(`promote ${third} OWNER`)).toEqual([
      { audience: { account: OWNER }, role: 'OWNER', text: `🔔 *${third} is now OWNER*\n📊 new → OWNER\n${byBoth}` },
    ])
    // An owner who becomes ADMIN has become ADMIN too; the other owners are told, and so is who was one.
    const told = (await confirmedNotes(`demote ${third} ADMIN`)).map(({ audience }) => audience)
    expect(told).toEqual([{ account: OWNER }, { account: third }])
    expect((await notes(`demote ${NEW} USER`)).map(({ audience }) => audience)).toEqual([{ account: OWNER2 }])
    await notes(`promote ${NEW} ADMIN`)
    for (const quiet of [`promote ${NEW} ADMIN`, `promote ${USER} OPERATOR`, `demote ${USER} USER`])
      expect(await notes(quiet)).toEqual([])
  })
})

describe('the person a command is about', () => {
  const shared = shareWarden()
  const group: Partial<IncomingMessage> = { source: 'whatsapp', chat: { id: '120363000000000000@g.us', kind: 'group' } }
  const author = (phone: string): Sender => ({ id: `${phone.slice(1)}@c.us` })

  test.each([
    '+1 555 000 0401',
    '001 (555) 000-0401',
    '15550000401@c.us',
    'https://wa.me/15550000401',
    'tel:+1-555-000-0401',
    '＋１（５５５）０００－０４０１',
    '+١٥٥٥٠٠٠٠٤٠١',
    '+1.555.000.0401',
    '\u202A+1 555\u00A0000\u20110401\u202C',
    '\u200E+1\u2009(555)\u2009000\u20130401\u200F',
    '“+1 555 000 0401”',
    '"+1 (555) 000 0401"',
    '\uFEFF+15550000401',
  ])('is found however the number was pasted: %j', async (typed) => {
    expect(await shared.warden.ask(OWNER, `!config role info ${typed}`)).toContain(`📞 Phone: ${USER}`)
    const promoted = await shared.warden.say(OWNER, `!config role promote ${typed} USER`)
    expect(textOf(promoted)).toBe(`ℹ️ ${USER} already has the role USER. Nothing was changed.`)
  })

  test('can be mentioned', async () => {
    const mention = { text: '@987654321098765', sender: { id: '987654321098765@lid', phone: USER } }
    const message = { ...group, sender: author(OWNER), mentions: [mention] }
    const answer = await shared.warden.ask('', `!config role info ${mention.text}`, message)
    expect(answer).toContain(`📞 Phone: ${USER}`)
    expect(await shared.warden.ask('', `!config role promote ${mention.text} USER`, message)).toContain(USER)
  })

  test('a mention of which the platform tells no number is the account, and one that it does not know is nobody', async () => {
    const mention = { text: '@123456789012345', sender: { id: '123456789012345@lid' } }
    const say = (mentions: readonly (typeof mention)[]) =>
      shared.warden.say('', `!config role promote ${mention.text} USER`, { ...group, sender: author(OWNER), mentions })
    const unknown = await say([])
    expect(unknown.status).toBe('usage')
    expect(textOf(unknown)).toContain("I can't tell whose number @123456789012345 is.")
    expect(textOf(await say([mention]))).toContain('👤 User: whatsapp:123456789012345@lid')
    expect(await roleOf(shared.warden, 'whatsapp:123456789012345@lid')).toBe('USER')
    expect(await roleOf(shared.warden, '+123456789012345')).toBe('NONE')
  })

  test('can be the one whose message is replied to', async () => {
    const quoted = { id: 'quoted', sender: author(USER) }
    const message = { ...group, sender: author(OWNER), quoted }
    expect(await shared.warden.ask('', '!config role info', message)).toContain(`📞 Phone: ${USER}`)
    expect(await shared.warden.ask('', '!config role promote USER', message)).toContain(`${USER} already has`)
    // A number that was typed counts before the reply.
    expect(await shared.warden.ask('', `!config role info ${ADMIN}`, message)).toContain(`📞 Phone: ${ADMIN}`)
  })

  test('can be the one whose message is replied to, also where the platform tells no number', async () => {
    const message = { ...group, sender: author(OWNER), quoted: { id: 'quoted', sender: { id: '223456789012345@lid' } } }
    expect(await shared.warden.ask('', '!config role promote USER', message)).toContain('whatsapp:223456789012345@lid')
  })

  test('is asked for where the message replied to is nobody’s', async () => {
    for (const sender of [{ id: '120363000000000000@g.us' }, { id: 'status@broadcast' }, undefined]) {
      const quoted = { id: 'quoted', ...(sender && { sender }) }
      const handled = await shared.warden.say('', '!config role info', { ...group, sender: author(OWNER), quoted })
      expect(handled.status).toBe('usage')
      expect(textOf(handled)).toContain('Please provide a phone number.')
    }
  })

  test('a number in national form is understood only with DEFAULT_COUNTRY', async () => {
    const german = await openTestWarden({ env: { DEFAULT_COUNTRY: 'DE' } })
    expect(await german.ask(OWNER, '!config role promote 0151 23456789 USER')).toContain('👤 User: +4915123456789')
    const handled = await shared.warden.say(OWNER, '!config role promote 0151 23456789 USER')
    expect(handled.status).toBe('usage')
    expect(textOf(handled)).toMatch(/^"0151 23456789" has no country\.\nBegin with \+, as in \+1234567890\n/)
  })
})

describe('a number that may be two', () => {
  test('is shown in both forms, each of which is then certain', async () => {
    const warden = await openTestWarden()
    const forms = ['5491112345678@c.us', '541112345678@c.us']
    const asked = textOf(await warden.say(OWNER, '!config role promote +54 11 1234-5678 USER'))
    expect(asked.split('\n').slice(0, 3)).toEqual(['That may be two numbers. Send one as:', ...forms])
    for (const form of forms)
      expect(await warden.ask(OWNER, `!config role promote ${form} USER`)).toContain(
        `User: +${form.replace('@c.us', '')}\n`,
      )
  })

  test('asks for no more columns than a telephone has', async () => {
    const warden = await openTestWarden()
    for (const typed of ['+54 11 1234-5678', '(330) 458-1111', '8 912 345-67-89', '0123 456 789 012 34'])
      for (const line of textOf(await warden.say(OWNER, `!config role info ${typed}`))
        .split('\n')
        .slice(0, -1))
        expect(line.length).toBeLessThanOrEqual(38)
  })
})

describe('role info', () => {
  test('shows what document 002 prints, and is an entry about the person', async () => {
    const warden = await openTestWarden({ clock: new FakeClock(), env: { TIMEZONE: 'Asia/Tokyo' } })
    const { result, entries } = await entriesOf(warden, () => warden.ask(OWNER, `!config role info ${ADMIN}`))
    expect(result).toBe(
      [
        '👤 *User Information*',
        '',
        `📞 Phone: ${ADMIN}`,
        '🎭 Role: ADMIN',
        '✅ Whitelisted: Yes',
        '📅 Created: 2026-06-15 21:00',
        '',
        '*Permissions:*',
        '• Manage OPERATOR and USER roles',
        '• View audit logs (read-only)',
        '• View all users',
        '• Block OPERATORs and USERs',
        '• Manage whitelist',
        '• Configure bot settings',
      ].join('\n'),
    )
    expect(entries).toMatchObject([
      { action: 'USERS_VIEWED', category: 'ADMIN', phoneNumber: OWNER, resourceId: ADMIN, resourceType: 'user' },
    ])
  })
})

describe('role list', () => {
  test('shows what document 002 prints: the roles, their numbers, the first ten users', async () => {
    const warden = await openTestWarden()
    for (let i = 10; i < 22; i++) await warden.say(ADMIN, `!config role promote +155500004${i} USER`)
    const { result, entries } = await entriesOf(warden, () => warden.ask(ADMIN, '!config role list'))
    expect(result).toBe(
      [
        '👥 *User Roles Summary*',
        `*OWNERS (1):*\n• ${OWNER}`,
        `*ADMINS (2):*\n• ${ADMIN}\n• ${ADMIN2}`,
        `*OPERATORS (1):*\n• ${OPERATOR}`,
        `*USERS (12):*\n${Array.from({ length: 10 }, (_, i) => `• +155500004${10 + i}`).join('\n')}\n_...and 2 more_`,
        '*Total Users: 16*',
      ].join('\n\n'),
    )
    expect(entries).toMatchObject([{ action: 'USERS_VIEWED', phoneNumber: ADMIN, metadata: { view: 'list' } }])
  })

  test('stays short with 10,000 users who have the longest names there are', async () => {
    const warden = await openTestWarden()
    warden.sql(
      `INSERT INTO users SELECT 'id' || value, ?,
         CASE value % 4 WHEN 0 THEN 'OWNER' WHEN 1 THEN 'ADMIN' WHEN 2 THEN 'OPERATOR' ELSE 'USER' END, false, 0, 0
       FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 10000)
             SELECT value FROM n)`,
      '👩‍👩‍👧‍👦𝕏*_~`\u202E'.repeat(30),
    )
    warden.sql(`INSERT INTO accounts SELECT '+99900000' || (1000000 + CAST(substr(id, 3) AS INTEGER)), id, 'given', NULL, 0
      FROM users WHERE id LIKE 'id%'`)
    const text = await warden.ask(OWNER, '!config role list')
    expect(text.length).toBeLessThan(MAX_REPLY_LENGTH)
    expect(text).toContain('*USERS (2500):*')
    expect(text).toContain('_...and 2490 more_')
    expect(text).toMatch(/\*Total Users: 10004\*$/)
    expect(text.isWellFormed()).toBe(true)
  })
})

describe('a sender', () => {
  const shared = shareWarden()
  const from = (sender: Sender, source: Source = 'whatsapp', kind: 'private' | 'group' = 'private') => ({
    sender,
    source,
    chat: { id: kind === 'group' ? '120363000000000000@g.us' : sender.id, kind },
  })
  const digits = OWNER.slice(1)

  test.each<Sender>([
    { id: `${digits}@c.us` },
    { id: `${digits}:5@c.us` },
    { id: `${digits}:99@c.us`, name: 'Somebody else', phone: STRANGER },
    { id: OWNER },
    { id: '987654321098765@lid', phone: OWNER },
    { id: '987654321098765:3@lid', phone: OWNER },
  ])('is one person by any of their ids: %o', async (sender) => {
    const { result, entries } = await entriesOf(shared.warden, () =>
      shared.warden.say('', '!config role list', from(sender)),
    )
    expect(result.status).toBe('answered')
    const [entry, ...others] = entries.filter(({ action }) => action !== 'IDENTITY_PINNED')
    expect(entry).toMatchObject({ phoneNumber: OWNER, userRole: 'OWNER', source: 'whatsapp' })
    expect(others).toEqual([])
    const [user] = await shared.warden.UserRepository.findByRole('OWNER')
    expect(entry?.userId).toBe(user?.id)
  })

  test.each<Sender>([
    { id: `${digits}@lid` },
    { id: `${digits}@g.us` },
    { id: `${digits}-1600000000@g.us` },
    { id: '120363000000000000@g.us' },
    { id: `${digits}@broadcast` },
    { id: `x${digits}@c.us` },
    { id: `${digits}@c.us.evil.example` },
    { id: `${digits}@c.us\n` },
    { id: `${digits}:123456@c.us` },
    { id: ` ${OWNER}` },
    { id: digits },
    { id: 'someone@lid', name: OWNER },
    { id: 'someone@lid', phone: digits },
    { id: 'status@broadcast', phone: '' },
  ])('whose number the platform does not tell is nobody: %o', async (sender) => {
    for (const kind of ['private', 'group'] as const) {
      shared.clock.advance(11 * MINUTE)
      const { result, entries } = await entriesOf(shared.warden, () =>
        shared.warden.say('', '!config role list', from(sender, 'whatsapp', kind)),
      )
      expect(result.status).toBe('denied')
      expect(entries).toMatchObject([
        {
          action: expect.stringMatching(/^(PERMISSION_DENIED|IDENTITY_CHANGED)$/),
          userRole: 'NONE',
          userId: null,
        },
      ])
    }
  })

  test('in a group is who wrote, never the group', async () => {
    const chat = { id: `${digits}@c.us`, kind: 'group' } as const
    const handled = await shared.warden.say('', '!config role list', {
      source: 'whatsapp',
      chat,
      sender: { id: `${STRANGER.slice(1)}@c.us` },
    })
    expect(handled.status).toBe('denied')
  })

  test('writing to the bot makes nobody a user', async () => {
    const people = () => [shared.warden.sql('SELECT * FROM users'), shared.warden.sql('SELECT * FROM accounts')]
    const before = people()
    for (const text of ['hello', '!config help', '!config audit mine', 'more'])
      await shared.warden.say('', text, from({ id: '15550000999@c.us', name: 'New' }))
    expect(people()).toEqual(before)
  })

  test('on WhatsApp is never the trial owner, in any form', async () => {
    const warden = await openTestWarden({ env: { OWNER_PHONE_NUMBERS: '' } })
    expect((await warden.say('', '!config role list', from({ id: TRIAL_OWNER }, 'terminal'))).status).toBe('answered')
    const id = TRIAL_OWNER.slice(1)
    for (const sender of [
      { id: `${id}@c.us` },
      { id: `${id}:2@c.us` },
      { id: TRIAL_OWNER },
      { id: 'x', phone: TRIAL_OWNER },
    ])
      expect((await warden.say('', '!config role list', from(sender))).status).toBe('denied')
  })

  test('who types in another’s place is named wherever that person is shown', async () => {
    const { warden } = shared
    const sender = { id: OWNER, operator: 'mallory@host' }
    const changed = await warden.ask(OWNER, `!config role promote ${NEW} ADMIN`, { source: 'cli', sender })
    expect(changed).toContain(`✏️ Changed by: ${OWNER} (OWNER) ⌨️ typed by mallory@host`)
    const [entry] = await warden.AuditLogRepository.findByAction('ROLE_CHANGE', 1)
    expect(entry && readEntry(entry)).toMatchObject({ source: 'cli', metadata: { operator: 'mallory@host' } })
    expect(await warden.ask(ADMIN, `!config audit user ${OWNER}`)).toContain('⌨️ typed by mallory@host')
  })
})

describe('seeding', () => {
  const changes = async (warden: Awaited<ReturnType<typeof openTestWarden>>) =>
    (await warden.AuditLogRepository.findByAction('ROLE_CHANGE')).reverse().map(readEntry)

  test('gives each configured number its role, as SYSTEM, with an entry', async () => {
    const warden = await openTestWarden()
    expect((await changes(warden)).map(({ resourceId, metadata }) => [resourceId, metadata.newRole])).toEqual([
      [OWNER, 'OWNER'],
      [ADMIN, 'ADMIN'],
      [ADMIN2, 'ADMIN'],
      [OPERATOR, 'OPERATOR'],
    ])
    for (const entry of await changes(warden))
      expect(entry).toMatchObject({
        phoneNumber: 'SYSTEM',
        userRole: 'SYSTEM',
        source: 'system',
        metadata: { oldRole: 'NONE', reason: 'configuration' },
      })
  })

  test('happens once: a demoted owner does not come back by a restart, but on purpose', async () => {
    const folder = temporaryFolder()
    const env = { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` }
    const first = await openTestWarden({ env }, folder)
    await confirmed(first, `role demote ${OWNER2} USER`)
    await first.close()
    const second = await openTestWarden({ env }, folder)
    expect(await roleOf(second, OWNER2)).toBe('USER')
    const { entries } = await entriesOf(second, () => second.seed(false))
    expect(entries).toEqual([])
    await second.seed(true)
    expect(await roleOf(second, OWNER2)).toBe('OWNER')
    expect((await changes(second)).at(-1)).toMatchObject({ phoneNumber: 'SYSTEM', resourceId: OWNER2 })
  })

  test('lets in an owner who was blocked before anybody knew them', async () => {
    const folder = temporaryFolder()
    const trial = await openTestWarden({ env: { OWNER_PHONE_NUMBERS: '' } }, folder)
    await trial.say(TRIAL_OWNER, `!config user block ${OWNER}`, { source: 'terminal' })
    await trial.close()
    const second = await openTestWarden({}, folder)
    expect((await second.say(OWNER, '!config role list')).status).toBe('answered')
    expect(await roleOf(second, TRIAL_OWNER)).toBe('USER')
    expect(await second.AuditLogRepository.findByAction('USER_UNBLOCK')).toMatchObject([{ phoneNumber: 'SYSTEM' }])
  })

  test('raises a role and never lowers one', async () => {
    const folder = temporaryFolder()
    const first = await openTestWarden({}, folder)
    await first.say(OWNER, `!config role promote ${OPERATOR} ADMIN`)
    await first.seed(true)
    expect(await roleOf(first, OPERATOR)).toBe('ADMIN')
    await first.close()
    const second = await openTestWarden({ env: { OPERATOR_PHONE_NUMBERS: NEW } }, folder)
    expect(await roleOf(second, NEW)).toBe('OPERATOR')
    expect(await roleOf(second, OPERATOR)).toBe('ADMIN')
  })

  test('without an owner the terminal is one, until a real one is seeded', async () => {
    const folder = temporaryFolder()
    const trial = await openTestWarden({ env: { OWNER_PHONE_NUMBERS: '' } }, folder)
    expect(await roleOf(trial, TRIAL_OWNER)).toBe('OWNER')
    expect((await changes(trial)).at(-1)).toMatchObject({
      resourceId: TRIAL_OWNER,
      metadata: { reason: 'trial owner' },
    })
    await trial.close()
    const real = await openTestWarden({}, folder)
    expect(await roleOf(real, OWNER)).toBe('OWNER')
    expect(await roleOf(real, TRIAL_OWNER)).toBe('USER')
    expect((await changes(real)).at(-1)).toMatchObject({
      resourceId: TRIAL_OWNER,
      metadata: { oldRole: 'OWNER', newRole: 'USER', reason: 'a real owner was seeded' },
    })
  })

  test('the trial owner is no owner who stays behind: the last real one cannot be demoted by it', async () => {
    const warden = await openTestWarden({ env: { OWNER_PHONE_NUMBERS: '' } })
    const terminal = { source: 'terminal', sender: { id: TRIAL_OWNER } } as const
    await warden.say('', `!config role promote ${OWNER} OWNER`, terminal)
    const handled = await warden.say('', `!config role demote ${OWNER} USER`, terminal)
    expect(handled).toMatchObject({
      status: 'denied',
      replies: [{ text: `❌ ${OWNER} is the last OWNER. Make somebody else OWNER first.` }],
    })
    expect((await warden.say(OWNER, `!config role demote ${TRIAL_OWNER} USER`)).status).toBe('answered')
    expect(await roleOf(warden, TRIAL_OWNER)).toBe('USER')
    expect(await roleOf(warden, OWNER)).toBe('OWNER')
  })
})
