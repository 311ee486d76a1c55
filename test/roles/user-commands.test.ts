import { describe, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../src/kernel/clock.ts'
import type { Handled } from '../../src/kernel/message.ts'
import {
  ADMIN,
  ADMIN2,
  OPERATOR,
  OWNER,
  OWNER2,
  openTestWarden,
  openWithUser,
  STRANGER,
  USER,
} from '../support/chatwarden.ts'
import { codeFor, confirmed } from '../support/confirming.ts'
import { expectHarmless, HOSTILE } from '../support/hostile.ts'
import { idOf } from '../support/people.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { entriesOf, roleOf, stateOf, textOf } from '../support/trail.ts'

const NEW = '+15550000777'
const TWO_OWNERS = { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` }
const BY_OWNER = `${OWNER} (OWNER)`
const UNREADABLE = /^How long\? From a minute to a year:\n[\s\S]*\nUsage: !config user block/

const notesOf = ({ replies }: Handled) => replies.slice(1).map(({ audience, text }) => ({ audience, text }))

describe('user block', () => {
  const shared = shareWarden({ env: TWO_OWNERS })
  const block = (rest: string, by = OWNER) => shared.warden.say(by, `!config user block ${rest}`)
  const blocks = () => shared.warden.sql('SELECT * FROM blocks ORDER BY account')
  const inMinutes = (moment: number) => `${new Date(moment).toISOString().slice(0, 16).replace('T', ' ')}`

  test('without a duration holds until it is taken back, and is one entry', async () => {
    const { result, entries } = await entriesOf(shared.warden, () => block(USER))
    expect(result).toEqual({
      status: 'answered',
      replies: [
        {
          audience: 'sender',
          text: `⛔ *User Blocked*\n\n👤 User: ${USER}\n⏱️ Until: somebody unblocks them\n✏️ Blocked by: ${BY_OWNER}`,
        },
      ],
    })
    expect(entries).toMatchObject([
      {
        action: 'USER_BLOCK',
        category: 'AUTH',
        source: 'api',
        phoneNumber: OWNER,
        userRole: 'OWNER',
        resourceType: 'user',
        resourceId: USER,
        description: `Blocked ${USER}`,
      },
    ])
    expect(entries[0]?.metadata).toEqual({ targetUser: USER })
    shared.clock.advance(5 * 365 * DAY)
    expect((await shared.warden.say(USER, '!config audit mine')).status).toBe('blocked')
  })

  test.each([
    ['for 2h', 2 * HOUR],
    ['for 2 hours', 2 * HOUR],
    ['FOR 2H', 2 * HOUR],
    ['for 1h 30m', 90 * MINUTE],
    ['for 1h30m', 90 * MINUTE],
    ['for 1 hour 30 minutes', 90 * MINUTE],
    ['for 1.5h', 90 * MINUTE],
    ['for 1m', MINUTE],
    ['for 60 s', MINUTE],
    ['for 2 weeks', 14 * DAY],
    ['for 365 days', 365 * DAY],
    ['for 1 year', 365 * DAY],
    ['for 366d', 366 * DAY],
    ['2h', 2 * HOUR],
    ['for 2 hours and 30 minutes', 150 * MINUTE],
    ['for 2h, 30m', 150 * MINUTE],
    ['for 1h30M', 90 * MINUTE],
    ['for an hour', HOUR],
    ['for one hour and 30 minutes', 90 * MINUTE],
    ['a day', DAY],
    ['for 1mo', 30 * DAY],
  ])('%s ends by then', async (written, milliseconds) => {
    const end = shared.clock.time + milliseconds
    const { result, entries } = await entriesOf(shared.warden, () => block(`${USER} ${written}`))
    expect(textOf(result)).toContain(`⏱️ Until: ${inMinutes(end)}\n✏️`)
    expect(entries.map(({ metadata }) => metadata)).toEqual([{ targetUser: USER, until: new Date(end).toISOString() }])
  })

  test.each([
    ['for 3 days spamming links', 3 * DAY, 'spamming links'],
    ['for 2h "3 times warned"', 2 * HOUR, '3 times warned'],
    ['for 2h for being rude', 2 * HOUR, 'for being rude'],
    ['for 2h, spam of 30 messages', 2 * HOUR, 'spam of 30 messages'],
    ['for 2h - spam', 2 * HOUR, '- spam'],
    ['for 2h to cool down', 2 * HOUR, 'to cool down'],
    ['for 2h and rude', 2 * HOUR, 'and rude'],
    ['for 2h case 2026-11-29', 2 * HOUR, 'case 2026-11-29'],
    [`for 2h because of ${USER}`, 2 * HOUR, `because of ${USER}`],
    ['"spam" and more', undefined, '"spam" and more'],
    ['2h "spam"', 2 * HOUR, 'spam'],
    ['forever 2h of spam', undefined, '2h of spam'],
    ['FOREVER spam for 2h', undefined, 'spam for 2h'],
    ['“2h of spam”', undefined, '2h of spam'],
    ['"for being rude"', undefined, 'for being rude'],
    ['“for being rude”', undefined, 'for being rude'],
    ['asked me for help', undefined, 'asked me for help'],
    ['forgery', undefined, 'forgery'],
    ['x'.repeat(200), undefined, 'x'.repeat(200)],
  ])('%s: the reason begins where the duration ends', async (written, milliseconds, reason) => {
    const until = milliseconds === undefined ? {} : { until: new Date(shared.clock.time + milliseconds).toISOString() }
    const { result, entries } = await entriesOf(shared.warden, () => block(`${USER} ${written}`))
    expect(textOf(result)).toContain(`\n📝 Reason: ${reason}\n✏️ Blocked by: ${BY_OWNER}`)
    expect(entries.map(({ metadata }) => metadata)).toEqual([{ targetUser: USER, ...until, reason }])
    expect(entries[0]?.description.endsWith(` (${reason})`)).toBe(true)
  })

  test.each([
    'for',
    'for ""',
    'for being rude',
    'for 2',
    'for 2 spam',
    'for 0m',
    'for 59s',
    'for -2h',
    'for +2h',
    'for 400 days',
    'for 367d',
    'for 2 years',
    'for 1e9h',
    'for 1e0h',
    'for 1h2x',
    'for 1h2xyz spam',
    'for 2,5h',
    'for 2h,30m',
    'for 2 constructor',
    'for 2 __proto__',
    'for 2 toString',
    'for NaN h',
    'for Infinity h',
    'for 0x10h',
    'for ٢h',
    'for ２h',
    'for 2ℎ',
    `for ${'9'.repeat(400)}h`,
    'for 2h 3 times warned',
    'for 2h 30',
    'for 2h 1h2x',
    'for 2h 3d printing',
    'for 2h and a half',
    'for 2h - 3h',
    'for 2h for 3h',
    'for hours',
    'for 2h spam for 3 days',
    'for 2h spam until 18:00',
    'for 2h “spam” for 3 days',
    'forever for 2h',
    'forever until 18:00',
    'until 18:00, or later',
    'until tomorrow',
    'until friday',
    'until 25:00',
    'until 6pm',
    'until 6:00 pm',
    'until 18:00 UTC',
    'until 18:00 CET',
    'until 18:00 tomorrow',
    'until 18:00 in the evening',
    'until 18:00 abends',
    'until 18:00 tmrw',
    'until 18:00 Dec 1',
    'until 18:00 Berlin time',
    'until 18:00 Berlin',
    'until 18:00 New York',
    'until 18:00 Kyiv',
    'until 18:00 Germany',
    'until 18:00 CET/CEST',
    'until 18:00 jeden Tag',
    'for 2h und 30',
    'for 2h y media',
    'for 3 days weekdays only',
    'until 18:00 est',
    'until 18:00 cest',
    'until 09:00 today',
    'until 18:00 daily',
    'for 2h plus 30m',
    'for 2h und 30m',
    'for 2h thirty',
    'for 2h et demie',
    'for 2h starting tomorrow',
    'for 2h from monday',
    'for 2h tonight',
    'for 2h spam +30m',
    'for 2h spam, not 3h',
    'for 2h spam, 18:00',
    'for 2h x 3',
    'for 1.30h',
    'for 1.25h',
    'for 1.500 minutes',
    'for 1.000 hours',
    'until 2026-02-30 09:00',
    'until 2020-01-01 09:00',
    'until 2099-01-01 09:00',
    'until now',
  ])('%s is no duration: it is explained, and nothing is done', async (written) => {
    const before = blocks()
    const { result, entries } = await entriesOf(shared.warden, () => block(`${STRANGER} ${written}`))
    expect(result.status).toBe('usage')
    expect(textOf(result)).toMatch(UNREADABLE)
    expect(entries).toEqual([])
    expect(blocks()).toEqual(before)
  })

  test('whatever stands where a duration or a reason should comes back harmless, and is an entry or nothing', async () => {
    const { warden } = shared
    const { result, entries } = await entriesOf(warden, async () => {
      const statuses: Handled['status'][] = []
      for (const value of Object.values(HOSTILE)) {
        const forms = [`for ${value}`, `for 2${value}`, value, `for 2h ${value}`, `"${value.replaceAll('"', '')}"`]
        for (const written of forms) {
          const handled = await block(`${USER} ${written}`)
          expectHarmless(handled)
          statuses.push(handled.status)
        }
        expectHarmless(await warden.say(ADMIN, `!config user status ${USER}`))
      }
      return statuses
    })
    expect([...new Set(result)].sort()).toEqual(['answered', 'usage'])
    expect(entries.filter(({ action }) => action === 'USER_BLOCK')).toHaveLength(
      result.filter((status) => status === 'answered').length,
    )
    expect(entries.filter(({ action }) => action !== 'USER_BLOCK' && action !== 'USERS_VIEWED')).toEqual([])
  })

  test('the reason is kept as the entry has it', async () => {
    const { entries } = await entriesOf(shared.warden, () => block(`${USER} a\u0007b \u202E c\0d e\uD800`))
    expect(entries[0]?.metadata.reason).toBe('a b c d e')
    expect(shared.warden.sql('SELECT reason FROM blocks WHERE account = ?', USER)).toEqual([{ reason: 'a b c d e' }])
    const invisible = await entriesOf(shared.warden, () => block(`${USER} \u202E`))
    expect(textOf(invisible.result)).not.toContain('Reason')
    expect(invisible.entries[0]?.metadata).toEqual({ targetUser: USER })
  })

  test('a reason of more than 200 characters is refused, and nothing is done', async () => {
    const before = blocks()
    const { result, entries } = await entriesOf(shared.warden, () => block(`${STRANGER} for 2h ${'x'.repeat(201)}`))
    expect(result.status).toBe('usage')
    expect(textOf(result)).toMatch(/^Please keep the reason to at most 200 characters\. Usage: !config user block/)
    expect(entries).toEqual([])
    expect(blocks()).toEqual(before)
  })

  test('ends by itself at its moment, not a millisecond before or after', async () => {
    const { warden, clock } = shared
    await block(`${USER} for 2h`)
    clock.advance(2 * HOUR - 1)
    expect((await warden.say(USER, '!config audit mine')).status).toBe('blocked')
    expect(await warden.ask(OWNER, `!config user status ${USER}`)).toContain('⛔ Blocked: until ')
    clock.advance(1)
    const { result, entries } = await entriesOf(warden, () => warden.say(USER, '!config audit mine'))
    expect(result.status).toBe('answered')
    expect(entries.map(({ action }) => action)).not.toContain('USER_UNBLOCK')
    expect(await warden.ask(OWNER, `!config user status ${USER}`)).toContain('✅ Blocked: No')
    expect(await warden.ask(OWNER, `!config user unblock ${USER}`)).toBe(
      `ℹ️ ${USER} is not blocked. Nothing was changed.`,
    )
  })

  test('again replaces the block that there is, shorter or longer', async () => {
    const { warden, clock } = shared
    await block(`${USER} spam`, ADMIN)
    await block(`${USER} for 1h`, ADMIN)
    const status = await warden.ask(OWNER, `!config user status ${USER}`)
    expect(status).toContain(`⛔ Blocked: until ${inMinutes(clock.time + HOUR)}\n✏️ Blocked by: ${ADMIN},`)
    expect(status).not.toContain('spam')
    await block(`${USER} for 2h`)
    clock.advance(HOUR)
    expect((await warden.say(USER, '!config audit mine')).status).toBe('blocked')
    clock.advance(HOUR)
    expect((await warden.say(USER, '!config audit mine')).status).toBe('answered')
  })

  test('of a number never seen before makes nobody a user, and holds when they come', async () => {
    const { warden } = shared
    const { entries } = await entriesOf(warden, () => block(`${NEW} for 1h`, OPERATOR))
    expect(entries.map(({ action }) => action)).toEqual(['USER_BLOCK'])
    expect(await roleOf(warden, NEW)).toBe('NONE')
    expect((await warden.say(NEW, '!config help')).status).toBe('blocked')
    expect(await warden.ask(OWNER, `!config user status ${NEW}`)).toContain('🎭 Role: none (unknown)')
  })

  test('takes a mention, and a reply to what the person wrote', async () => {
    const { warden } = shared
    const from = { source: 'whatsapp', sender: { id: `${OWNER.slice(1)}@c.us` } } as const
    const mention = { text: '@987654321098765', sender: { id: '987654321098765@lid', phone: NEW } }
    const quoted = { id: 'quoted', sender: { id: `${NEW.slice(1)}@c.us` } }
    const until = new Date(shared.clock.time + 2 * HOUR).toISOString()
    for (const [written, more] of [
      [`${mention.text} for 2h spam`, { mentions: [mention] }],
      ['for 2h spam', { quoted }],
    ] as const) {
      const { entries } = await entriesOf(warden, () =>
        warden.say('', `!config user block ${written}`, { ...from, ...more }),
      )
      expect(entries.map(({ metadata }) => metadata)).toEqual([{ targetUser: NEW, until, reason: 'spam' }])
    }
    for (const command of ['user status', 'user unblock', 'whitelist add', 'whitelist remove']) {
      const handled = await warden.say('', `!config ${command}`, { ...from, quoted })
      expect(textOf(handled)).toContain(NEW)
      expect(handled.status).toBe('answered')
    }
  })

  test.each([
    ['OPERATOR', OPERATOR, OPERATOR, '❌ Only ADMIN or higher can do that to an OPERATOR.', 'ROLE_TOO_LOW'],
    ['OPERATOR', OPERATOR, ADMIN, '❌ Only OWNER can do that to an ADMIN.', 'ROLE_TOO_LOW'],
    ['OPERATOR', OPERATOR, OWNER, '❌ Only OWNER can do that to an OWNER.', 'ROLE_TOO_LOW'],
    ['ADMIN', ADMIN, ADMIN2, '❌ Only OWNER can do that to an ADMIN.', 'ROLE_TOO_LOW'],
    ['ADMIN', ADMIN, OWNER2, '❌ Only OWNER can do that to an OWNER.', 'ROLE_TOO_LOW'],
    ['OWNER', OWNER, OWNER, '❌ You cannot block yourself.', 'SELF'],
  ])('%s is told why not: %s of %s', async (role, by, target, text, reason) => {
    const before = blocks()
    const { result, entries } = await entriesOf(shared.warden, () => block(`${target} for 2h`, by))
    expect(result).toEqual({ status: 'denied', replies: [{ audience: 'sender', text }] })
    expect(entries).toMatchObject([
      {
        action: 'PERMISSION_DENIED',
        phoneNumber: by,
        userRole: role,
        resourceId: target,
        metadata: { attemptedAction: 'BLOCK_USER', reason },
      },
    ])
    expect(blocks()).toEqual(before)
  })

  test('the other owners are told when it is of an ADMIN or OWNER, and of nobody else', async () => {
    const third = '+15550000103'
    const { warden } = shared
    await confirmed(warden, `role promote ${third} OWNER`)
    const told = { audience: { account: OWNER2 }, text: textOf(await block(`${ADMIN2} for 1m`)) }
    expect(notesOf(await block(`${ADMIN2} for 1m`))).toEqual([told, { ...told, audience: { account: third } }])
    const handled = await block(`${OWNER2} for 1m`)
    expect(notesOf(handled)).toEqual([
      { audience: { account: third }, text: textOf(handled) },
      // Who is kept out is told too: nobody is put aside unseen.
      { audience: { account: OWNER2 }, text: textOf(handled) },
    ])
    for (const target of [OPERATOR, USER, NEW]) expect(notesOf(await block(`${target} for 1m`))).toEqual([])
    // Of anybody else, an owner who is kept out is told nothing.
    await block(`${OWNER2} for 1m`)
    expect(notesOf(await block(`${ADMIN2} for 1m`)).map(({ audience }) => audience)).toEqual([{ account: third }])
  })
})

describe('user unblock', () => {
  const shared = shareWarden()

  test('lets somebody in again, as one entry', async () => {
    const { warden } = shared
    await warden.say(OPERATOR, `!config user block ${USER}`)
    const { result, entries } = await entriesOf(warden, () => warden.say(OPERATOR, `!config user unblock ${USER}`))
    expect(result).toEqual({
      status: 'answered',
      replies: [
        {
          audience: 'sender',
          text: `✅ *User Unblocked*\n\n👤 User: ${USER}\n✏️ Unblocked by: ${OPERATOR} (OPERATOR)`,
        },
      ],
    })
    expect(entries).toMatchObject([
      { action: 'USER_UNBLOCK', category: 'AUTH', phoneNumber: OPERATOR, resourceId: USER, resourceType: 'user' },
    ])
    expect(entries[0]?.metadata).toEqual({ targetUser: USER })
    expect((await warden.say(USER, '!config audit mine')).status).toBe('answered')
  })

  test.each([USER, STRANGER, OWNER])('of %s, who is not blocked, is answered and writes nothing', async (phone) => {
    const { result, entries } = await entriesOf(shared.warden, () =>
      shared.warden.say(OWNER, `!config user unblock ${phone}`),
    )
    expect(result.status).toBe('answered')
    expect(textOf(result)).toBe(`ℹ️ ${phone} is not blocked. Nothing was changed.`)
    expect(entries).toEqual([])
  })

  test('of an ADMIN takes an OWNER, and of an OPERATOR an ADMIN', async () => {
    const { warden } = shared
    for (const [target, denied, allowed] of [
      [ADMIN2, ADMIN, OWNER],
      [OPERATOR, USER, ADMIN],
    ] as const) {
      await warden.say(allowed, `!config user block ${target}`)
      const { result, entries } = await entriesOf(warden, () => warden.say(denied, `!config user unblock ${target}`))
      expect(result.status).toBe('denied')
      expect(entries).toMatchObject([
        { action: 'PERMISSION_DENIED', metadata: { attemptedAction: 'UNBLOCK_USER', reason: 'ROLE_TOO_LOW' } },
      ])
      expect((await warden.say(target, '!config audit mine')).status).toBe('blocked')
      expect((await warden.say(allowed, `!config user unblock ${target}`)).status).toBe('answered')
      expect((await warden.say(target, '!config audit mine')).status).toBe('answered')
    }
  })
})

test('what somebody with a higher role has decided about a USER stands', async () => {
  const warden = await openWithUser()
  await warden.say(OWNER, `!config user block ${USER} spam`)
  for (const [by, command] of [
    [OPERATOR, `user unblock ${USER}`],
    [ADMIN, `user unblock ${USER}`],
    [OPERATOR, `user block ${USER} for 1m`],
  ] as const) {
    const denied = await warden.say(by, `!config ${command}`)
    expect(textOf(denied)).toBe(`❌ Somebody with a higher role than yours blocked ${USER}. Ask an ADMIN or OWNER.`)
  }
  expect(await warden.ask(OWNER, `!config user status ${USER}`)).toContain('📝 Reason: spam')
  // Who has lost that role since counts as what they are now.
  const warden2 = await openTestWarden({ env: { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` } })
  await warden2.say(OWNER2, `!config user block ${USER}`)
  await confirmed(warden2, `role revoke ${OWNER2}`)
  expect((await warden2.say(OPERATOR, `!config user unblock ${USER}`)).status).toBe('answered')
})

describe('how long a block lasts', () => {
  const shared = shareWarden({ env: { TIMEZONE: 'Europe/Berlin' } })
  const block = (written: string) => shared.warden.say(OWNER, `!config user block ${STRANGER} ${written}`)

  test.each([
    ['until 18:00', '2027-03-27 18:00'],
    ['UNTIL 09:30 spam', '2027-03-28 09:30'],
    ['till today 18:00', '2027-03-27 18:00'],
    ['until tomorrow at 9:00, spam', '2027-03-28 09:00'],
    ['until tomorrow 09:00 "30 messages"', '2027-03-28 09:00'],
    ['until 2027-04-01 09:00', '2027-04-01 09:00'],
    ['until 2027-04-01T09:00', '2027-04-01 09:00'],
  ])('is shown as it was meant: %s is %s', async (written, moment) => {
    shared.clock.time = Date.UTC(2027, 2, 27, 12)
    expect(textOf(await block(written))).toContain(`⏱️ Until: ${moment}\n`)
  })

  test.each([
    [Date.UTC(2027, 2, 27, 12), 'until tomorrow 02:30'],
    [Date.UTC(2027, 2, 27, 12), 'until 2:30'],
    [Date.UTC(2027, 9, 30, 12), 'until tomorrow 02:30'],
    [Date.UTC(2027, 9, 31, 0, 10), 'until 02:05'],
  ])('is a question where clocks skip or show twice: %i, %s', async (now, written) => {
    shared.clock.time = now
    expect((await block(written)).status).toBe('usage')
  })

  test('is asked in words that can be sent, and have the effect that they say', async () => {
    const offered = [...textOf(await block('2h spam')).matchAll(/^• (.*)$/gm)].map(([, text = '']) => text)
    expect(offered).toEqual(['for 2h spam', 'forever 2h spam'])
    for (const text of [...offered, 'forever spam for 2h']) expect((await block(text)).status).toBe('answered')
  })

  test.each([
    ['2h spam 30m', ['for 2h "spam 30m"', 'forever 2h spam 30m']],
    ['for 2h spam until 18:00', ['for 2h "spam until 18:00"']],
    ['until 18:00 CET', ['until 18:00 "CET"']],
    ['forever until 18:00', ['forever "until 18:00"']],
  ])('is offered in words that are taken: %s', async (written, offers) => {
    const answer = textOf(await block(written))
    for (const offer of offers) {
      expect(answer).toContain(`• ${offer}\n`)
      expect((await block(offer)).status).toBe('answered')
    }
  })

  test.each([
    'advertising',
    'a spammer',
    'troll',
    'in this group',
    'from another bot',
    'mass mentions',
    'rude to others, threats',
    'do not spam',
    'not safe for work',
    'wasting our time',
    'peter complained',
    'spamming links to https://shop.example/a',
    'für immer',
  ])('is no question where nothing speaks of it: %s', async (reason) => {
    expect(textOf(await block(reason))).toContain('⏱️ Until: somebody unblocks them\n')
    if (!reason.includes('time')) expect(textOf(await block(`for 2h ${reason}`))).toContain(`📝 Reason: ${reason}\n`)
  })

  test('is read from a long message in no time', async () => {
    for (const word of ['a', '1', '-', '+1', '"x"', 'for', '2h', '@a', 'a:1', 'x,'])
      for (const start of ['', 'for 2h ', 'forever ', 'until 18:00 '])
        expect(['usage', 'answered']).toContain((await block(start + `${word} `.repeat(5000))).status)
  })

  test.each(['for 1M', 'for 30M', '2M', 'for 1y 2M'])('may be minutes or months: %s', async (written) => {
    const { result, entries } = await entriesOf(shared.warden, () => block(written))
    expect(textOf(result)).toContain('Is M minutes or months? Write 1min or 1mo.')
    expect(entries).toEqual([])
  })

  test.each([
    '2h spam',
    '3 days spam',
    'für 2h',
    'fr 2h spam',
    'pour 2 heures',
    'за 2 часа',
    'für zwei Stunden',
    'por una semana',
    'bis morgen',
    'hasta mañana',
    'spam for 2h',
    'spam for a week',
    'spam until 18:00',
    'spam ٢ ساعات',
    '½ hour',
    '12 messages of spam',
    '"spam" for 2h',
    '“spam” until 18:00',
    'called me „Idiot“ for 3 days',
    'tonight',
    'today',
    'a while',
    'due ore',
    '两小时',
    '二日間',
    '두 시간',
    'สองชั่วโมง',
    'spam this weekend',
    'temporarily',
    'bis Montag',
    'zwei Tagen',
    'two hrs',
    'two mins please',
    'zwei Std',
    'сутки',
    'do jutra',
    'bis übermorgen',
    'pasado mañana',
    'demain matin',
    'this evening',
    'until december',
    'tmrw',
    'tommorow',
    'fri',
    'temp',
    'manana',
    'amanha',
    'dua jam',
    'sehari',
    'två dagar',
    'imorgon',
    'полчаса',
    'добу',
    'غدا',
    '이틀',
    'あした',
    'พรุ่งนี้',
    'δύο μέρες',
    'untl christmas',
    'wenesday',
    'half an hour',
    'a fortnight',
    'in 2h',
    'because of spam, two days please',
    'he is spamming, unblock him tomorrow',
  ])('is never without an end where a reason may say one: %s', async (written) => {
    const { result, entries } = await entriesOf(shared.warden, () => block(written))
    expect([result.status, entries]).toEqual(['usage', []])
    expect(textOf(result)).toMatch(/How long\?|Where does the number end\?/)
  })
})

describe('user status', () => {
  const shared = shareWarden()

  test('tells role, whitelist, and a block with its end, its reason and who did it', async () => {
    const { warden, clock } = shared
    clock.time = Date.UTC(2027, 0, 31, 23, 59)
    await warden.say(ADMIN, `!config user block ${USER} for 2h *spam*`)
    const { result, entries } = await entriesOf(warden, () => warden.ask(OPERATOR, `!config user status ${USER}`))
    expect(result).toBe(
      [
        '🚦 *User Status*',
        '',
        `📞 Phone: ${USER}`,
        '🎭 Role: USER',
        '▫️ Whitelisted: No',
        '⛔ Blocked: until 2027-02-01 01:59',
        '📝 Reason: ∗spam∗',
        `✏️ Blocked by: ${ADMIN}, 2027-01-31 23:59`,
      ].join('\n'),
    )
    expect(entries).toMatchObject([
      { action: 'USERS_VIEWED', phoneNumber: OPERATOR, metadata: { view: 'status', targetUser: USER } },
    ])
  })

  test('tells of nobody in particular, and of those whom whitelist mode lets in', async () => {
    const { warden } = shared
    expect(await warden.ask(OPERATOR, `!config user status ${STRANGER}`)).toBe(
      `🚦 *User Status*\n\n📞 Phone: ${STRANGER}\n🎭 Role: none (unknown)\n▫️ Whitelisted: No\n✅ Blocked: No`,
    )
    await warden.say(OWNER, '!config set whitelist-mode on')
    const status = (phone: string) => warden.ask(OWNER, `!config user status ${phone}`)
    expect(await status(OPERATOR)).toContain('▫️ Whitelisted: No (whitelist mode is on)')
    expect(await status(ADMIN)).toContain('✅ Whitelisted: Yes (whitelist mode is on)')
    await warden.say(OWNER, '!config set whitelist-mode off')
  })
})

describe('whitelist', () => {
  const shared = shareWarden()
  const say = (rest: string, by = ADMIN) => shared.warden.say(by, `!config whitelist ${rest}`)

  test('add and remove are one entry each, and a second time none', async () => {
    const { warden } = shared
    for (const [verb, action, done, again] of [
      ['add', 'WHITELIST_ADD', '✅ *Added to the whitelist*', 'already on the whitelist'],
      ['remove', 'WHITELIST_REMOVE', '✅ *Removed from the whitelist*', 'not on the whitelist'],
    ] as const) {
      const first = await entriesOf(warden, () => say(`${verb} ${USER}`))
      expect(first.result.status).toBe('answered')
      expect(textOf(first.result)).toBe(`${done}\n\n👤 User: ${USER}\n✏️ Changed by: ${ADMIN} (ADMIN)`)
      expect(first.entries).toMatchObject([
        { action, category: 'AUTH', phoneNumber: ADMIN, resourceType: 'user', resourceId: USER },
      ])
      expect(first.entries[0]?.metadata).toEqual({ targetPhoneNumber: USER })
      const before = stateOf(warden)
      const second = await entriesOf(warden, () => say(`${verb} ${USER}`))
      expect(textOf(second.result)).toBe(`ℹ️ ${USER} is ${again}. Nothing was changed.`)
      expect(second.entries).toEqual([])
      expect(stateOf(warden)).toEqual(before)
    }
  })

  test('add of an unknown number adds a USER, which is an entry of its own', async () => {
    const { warden } = shared
    const { entries } = await entriesOf(warden, () => say(`add ${NEW}`))
    expect(entries.map(({ action, metadata }) => ({ action, ...metadata }))).toEqual([
      { action: 'ROLE_CHANGE', targetUser: NEW, oldRole: 'NONE', newRole: 'USER' },
      { action: 'WHITELIST_ADD', targetPhoneNumber: NEW },
    ])
    expect(await roleOf(warden, NEW)).toBe('USER')
  })

  test('remove of an unknown number creates nothing', async () => {
    const { warden } = shared
    const { result, entries } = await entriesOf(warden, () => say(`remove ${STRANGER}`))
    expect(textOf(result)).toBe(`ℹ️ ${STRANGER} is not on the whitelist. Nothing was changed.`)
    expect(entries).toEqual([])
    expect(await roleOf(warden, STRANGER)).toBe('NONE')
  })

  test.each([
    ['add', ADMIN2, 'WHITELIST_ADD', '❌ Only OWNER can do that to an ADMIN.'],
    ['remove', OWNER, 'WHITELIST_REMOVE', '❌ Only OWNER can do that to an OWNER.'],
  ])('%s of an ADMIN or OWNER takes an OWNER: %s', async (verb, target, attemptedAction, text) => {
    const { warden } = shared
    const before = stateOf(warden)
    const { result, entries } = await entriesOf(warden, () => say(`${verb} ${target}`))
    expect(result).toEqual({ status: 'denied', replies: [{ audience: 'sender', text }] })
    expect(entries).toMatchObject([
      { action: 'PERMISSION_DENIED', resourceId: target, metadata: { attemptedAction, reason: 'ROLE_TOO_LOW' } },
    ])
    expect(stateOf(warden)).toEqual(before)
    expect((await say(`${verb} ${target}`, OWNER)).status).toBe('answered')
    await say(`remove ${target}`, OWNER)
  })

  test('list tells whether it counts, and pages with more', async () => {
    const { warden } = shared
    await say(`remove ${NEW}`)
    expect(textOf(await say('list'))).toBe(
      '📃 *Whitelist*\nWhitelist mode is off: the list does not count.\n\n_Nobody is on it._',
    )
    await warden.say(OWNER, '!config set whitelist-mode on')
    const people = Array.from({ length: 23 }, (_, n) => `+155511100${String(n).padStart(2, '0')}`)
    for (const phone of people) await say(`add ${phone}`)
    const { result: pages, entries } = await entriesOf(warden, async () => [
      await warden.ask(ADMIN, '!config whitelist list'),
      await warden.ask(ADMIN, 'more'),
      await warden.ask(ADMIN, '!config more'),
      await warden.ask(ADMIN, '!config more'),
    ])
    const [title] = (pages[0] ?? '').split('\n\n')
    expect(title).toBe('📃 *Whitelist*\nWhitelist mode is on: only these, ADMINs and OWNERs may use the bot.')
    const listed = pages.map((page) => [...page.matchAll(/^• (\+\d+) \(USER\)$/gm)].map(([, phone]) => phone))
    expect(listed).toEqual([people.slice(0, 10), people.slice(10, 20), people.slice(20), []])
    expect(pages.map((page) => page.includes('Send *more* or !config more'))).toEqual([true, true, false, false])
    expect(pages[3]).toBe('There is nothing more to show.')
    expect(entries.map(({ action, metadata }) => ({ action, ...metadata }))).toEqual([
      { action: 'USERS_VIEWED', view: 'whitelist' },
      { action: 'USERS_VIEWED', view: 'whitelist', filters: { after: idOf(warden, people[9]) } },
      { action: 'USERS_VIEWED', view: 'whitelist', filters: { after: idOf(warden, people[19]) } },
    ])
    await warden.say(OWNER, '!config set whitelist-mode off')
  })
})

describe('role revoke', () => {
  const shared = shareWarden({ env: TWO_OWNERS })
  const revoke = (phone: string, by = OWNER) => shared.warden.say(by, `!config role revoke ${phone}`)

  test('of an OWNER takes another one, who may be the one concerned', async () => {
    const { warden } = shared
    await confirmed(warden, `role promote ${NEW} OWNER`)
    const asked = await revoke(NEW)
    expect(textOf(asked)).toContain(`⚙️ ${NEW}: OWNER → USER`)
    expect(await roleOf(warden, NEW)).toBe('OWNER')
    expect((await warden.say(OWNER2, `!config confirm ${codeFor(asked, OWNER2)}`)).status).toBe('answered')
    expect(await roleOf(warden, NEW)).toBe('USER')
  })

  test.each(['ADMIN', 'OPERATOR'])('leaves a USER of an %s at once, and owners are told', async (role) => {
    const { warden } = shared
    await warden.say(OWNER, `!config role promote ${NEW} ${role}`)
    const { result, entries } = await entriesOf(warden, () => revoke(NEW))
    expect(textOf(result)).toBe(
      `✅ *Role Change Successful*\n\n👤 User: ${NEW}\n📊 ${role} → USER\n✏️ Changed by: ${BY_OWNER}`,
    )
    const text = `🔔 *${NEW} is now USER*\n📊 ${role} → USER\n✏️ Changed by: ${BY_OWNER}`
    expect(notesOf(result)).toEqual([{ audience: { account: OWNER2 }, text }])
    expect(entries.map(({ action, metadata }) => ({ action, ...metadata }))).toEqual([
      { action: 'ROLE_CHANGE', targetUser: NEW, oldRole: role, newRole: 'USER', reason: 'revoked' },
    ])
    expect(await roleOf(warden, NEW)).toBe('USER')
  })

  test('of a USER changes nothing, and of an unknown number finds nobody', async () => {
    const { warden } = shared
    const { result, entries } = await entriesOf(warden, async () => [await revoke(USER), await revoke(STRANGER)])
    expect(result.map(({ status }) => status)).toEqual(['answered', 'not-found'])
    expect(result.map(textOf)).toEqual([
      `ℹ️ ${USER} already has the role USER. Nothing was changed.`,
      `User not found: ${STRANGER}`,
    ])
    expect(entries).toEqual([])
  })

  test.each([
    [ADMIN, ADMIN2, '❌ Only OWNER can change the role of an ADMIN.', 'ROLE_TOO_LOW'],
    [ADMIN, OWNER, '❌ Only OWNER can change the role of an OWNER.', 'ROLE_TOO_LOW'],
    [OWNER, OWNER, '❌ You cannot demote yourself. Ask another admin or owner.', 'OWN_ROLE'],
  ])('by %s of %s is denied', async (by, target, text, reason) => {
    const before = stateOf(shared.warden)
    const { result, entries } = await entriesOf(shared.warden, () => revoke(target, by))
    expect(result).toEqual({ status: 'denied', replies: [{ audience: 'sender', text }] })
    expect(entries).toMatchObject([{ metadata: { attemptedAction: 'REVOKE_ROLE', reason }, resourceId: target }])
    expect(stateOf(shared.warden)).toEqual(before)
  })
})
