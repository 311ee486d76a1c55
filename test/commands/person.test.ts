import { beforeAll, describe, expect, test } from 'vitest'
import { holdSubject } from '../../src/commands/arguments/hold-subject.ts'
import { person } from '../../src/commands/arguments/person.ts'
import { COMMANDS, commandName } from '../../src/commands/registry.ts'
import type { IncomingMessage, NumberFound, Source } from '../../src/kernel/message.ts'
import type { Phone } from '../../src/kernel/phone.ts'
import { OWNER, OWNER2, openTestWarden, openWithUser, STRANGER, USER } from '../support/chatwarden.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { entriesOf, roleOf, textOf } from '../support/trail.ts'

const HIDDEN = '777777777777771'
const TELEGRAM = 'telegram:77'

/** Every command that takes a person, with them in place of WHO. */
const LINES: Readonly<Record<string, string>> = {
  'audit user': 'audit user WHO',
  'audit history': 'audit history WHO',
  'audit dsar': 'audit dsar WHO',
  'audit erase': 'audit erase WHO',
  'audit hold add': 'audit hold add WHO',
  'audit hold remove': 'audit hold remove WHO',
  'role info': 'role info WHO',
  'role why': 'role why WHO audit mine',
  'role promote': 'role promote WHO USER',
  'role demote': 'role demote WHO USER',
  'role revoke': 'role revoke WHO',
  'role confirm': 'role confirm WHO',
  'user status': 'user status WHO',
  'user block': 'user block WHO for 1h',
  'user unblock': 'user unblock WHO',
  'whitelist add': 'whitelist add WHO',
  'whitelist remove': 'whitelist remove WHO',
}

/** A way to say who is meant: what stands in the command, what the message brings along, and who it is. */
type Way = readonly [what: string, typed: string, more: Partial<IncomingMessage>, account: string]

const by = (sender: { readonly id: string; readonly phone?: string }): Partial<IncomingMessage> => ({
  quoted: { id: 'quoted', sender },
})
const card = (...ids: readonly string[]): Partial<IncomingMessage> => ({
  quoted: { id: 'quoted', sender: { id: '15550000409@c.us' }, contacts: ids.map((id) => ({ id })) },
})
const mention = (text: string, sender: { readonly id: string; readonly phone?: string }): Partial<IncomingMessage> => ({
  mentions: [{ text, sender }],
})

const WAYS: readonly Way[] = [
  ['a number', '+1 (555) 000-0401', {}, USER],
  ['a number in another script', '+١٥٥٥٠٠٠٠٤٠١', {}, USER],
  ['a link', 'https://wa.me/15550000401', {}, USER],
  ['an id with a number', '15550000401:3@c.us', {}, USER],
  ['an account', TELEGRAM, {}, TELEGRAM],
  ['an account of nobody known', 'shop:user-42', {}, 'shop:user-42'],
  ['a LID', `${HIDDEN}@lid`, {}, `whatsapp:${HIDDEN}@lid`],
  ['a mention', '@15550000401', mention('@15550000401', { id: '15550000401@c.us' }), USER],
  ['a mention of a LID with its number', '@99', mention('@99', { id: '99@lid', phone: USER }), USER],
  ['a mention of a LID', `@${HIDDEN}`, mention(`@${HIDDEN}`, { id: `${HIDDEN}@lid` }), `whatsapp:${HIDDEN}@lid`],
  ['a reply', '', by({ id: '15550000401@c.us' }), USER],
  ['a reply to a LID with its number', '', by({ id: '99@lid', phone: USER }), USER],
  ['a reply to a LID', '', by({ id: `${HIDDEN}:5@lid` }), `whatsapp:${HIDDEN}@lid`],
  ['a contact card', '', card('15550000401@c.us'), USER],
  ['a contact card of a LID', '', card(`${HIDDEN}@lid`), `whatsapp:${HIDDEN}@lid`],
  ['a contact card on another platform', '', { ...card('77'), source: 'telegram' }, TELEGRAM],
  ['a reply on another platform', '', { ...by({ id: '77' }), source: 'telegram' }, TELEGRAM],
]

describe('every command that takes a person', () => {
  const shared = shareWarden({ env: { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` } })
  beforeAll(async () => {
    const { warden } = shared
    await warden.say(OWNER, `!config role promote ${TELEGRAM} USER`)
    for (const account of [USER, TELEGRAM, `${HIDDEN}@lid`, 'shop:user-42'])
      await warden.AuditLogger.logConversationReset({ performedBy: { account, role: 'USER' } })
  })
  const say = (name: string, typed: string, more: Partial<IncomingMessage>) => {
    const sender = { id: OWNER, phone: OWNER }
    const text = `!config ${LINES[name]?.replace('WHO', typed).replace(/ +/g, ' ')}`
    return shared.warden.say('', text, { source: 'whatsapp', ...more, sender })
  }

  test('is in this table', () => {
    const taking = COMMANDS.filter((command) =>
      Object.values(command.arguments).some((argument) => argument === person || argument === holdSubject),
    )
    expect(Object.keys(LINES).sort()).toEqual(taking.map(commandName).sort())
  })

  describe.each(Object.keys(LINES))('%s', (name) => {
    test.each(WAYS)('finds them by %s', async (_, typed, more, account) => {
      const { result, entries } = await entriesOf(shared.warden, () => say(name, typed, more))
      expect(result.status).not.toBe('usage')
      expect(textOf(result)).toContain(account)
      for (const { resourceType, resourceId, action } of entries)
        if (resourceType === 'user' && !/CHECKPOINT|CONFIRMATION|PINNED/.test(action)) expect(resourceId).toBe(account)
    })

    test.each([
      ['of nobody for certain', card(), "can't tell whose number is on that card"],
      ['of two people', card('15550000401@c.us', '15550000402@c.us'), 'Whom on that card do you mean?'],
      ['of one and somebody of no account', card('15550000401@c.us', '5@g.us'), 'Whom on that card do you mean?'],
    ])('asks about a contact card %s, and never means its sender', async (_, more, question) => {
      const { result, entries } = await entriesOf(shared.warden, () => say(name, '', more))
      expect([result.status, entries]).toEqual(['usage', []])
      expect(textOf(result)).toContain(question)
      expect(textOf(result)).not.toContain('15550000409')
      expect(textOf(await say(name, USER, more))).toContain(USER)
    })

    test('is not carried out where it was forwarded', async () => {
      const { result, entries } = await entriesOf(shared.warden, () => say(name, USER, { forwarded: true }))
      expect([result.status, entries]).toEqual(['usage', []])
      expect(textOf(result)).toContain("I don't carry out what was forwarded")
    })

    test.each([
      ['bob', 'is not a phone number'],
      [HIDDEN, 'has no country'],
      ['4155550132', 'has no country'],
      ['@5', "can't tell whose number"],
      ['tele:', 'is not a phone number'],
      ['+54 11 2345-6789', 'may be two numbers'],
    ])('does nothing about %s', async (typed, problem) => {
      const { result, entries } = await entriesOf(shared.warden, () => say(name, typed, {}))
      expect(result.status).toBe('usage')
      expect(textOf(result).replace(/\s+/g, ' ')).toContain(problem)
      expect(entries).toEqual([])
    })
  })
})

test('somebody is found by the account that a host reports', async () => {
  const warden = await openTestWarden({ env: { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` } })
  await warden.AuditLogger.logConversationReset({ performedBy: { account: 'Telegram:77' } })
  await warden.AuditLogger.logRateLimitViolation({ phoneNumber: TELEGRAM, limitType: 'user' })
  await warden.AuditLogger.record({
    action: 'MODERATION_FLAG',
    actor: { account: TELEGRAM, role: 'NONE' },
    place: { source: 'telegram' },
    metadata: { flaggedCategories: ['spam'] },
  })
  const entries = await warden.AuditLogRepository.findByPhoneNumber(TELEGRAM)
  expect(entries.map(({ account, phoneNumber, source }) => [account, phoneNumber, source])).toEqual([
    [TELEGRAM, TELEGRAM, 'telegram'],
    [TELEGRAM, TELEGRAM, 'api'],
    [TELEGRAM, TELEGRAM, 'api'],
  ])
  expect(await warden.ask(OWNER, `!config audit user ${TELEGRAM}`)).toContain('Found 3')
  expect(await warden.ask(OWNER, `!config audit search actor:${TELEGRAM} source:telegram`)).toContain('Content flagged')
  expect(await warden.ask(OWNER, `!config audit history ${TELEGRAM}`)).toContain(TELEGRAM)
  expect((await warden.say(OWNER, `!config audit dsar ${TELEGRAM}`)).status).toBe('answered')
  await warden.say(OWNER, `!config user block ${TELEGRAM}`)
  const message = { id: 'x', chat: { id: '77', kind: 'private' }, sender: { id: '77' }, text: 'hello' } as const
  expect(await warden.admit({ ...message, source: 'telegram' })).toMatchObject({ admitted: false, reason: 'blocked' })
  expect(await warden.admit({ ...message, source: 'signal' })).toMatchObject({ admitted: true })
  const asked = await warden.say(OWNER, `!config audit erase ${TELEGRAM}`)
  const code = /confirm (\d{6})/.exec(asked.replies[1]?.text ?? '')?.[1]
  expect(await warden.ask(OWNER2, `!config confirm ${code}`)).toContain('✅ *Erased* telegram:••')
  expect(await warden.AuditLogRepository.count({ account: TELEGRAM })).toBe(0)
})

test.each(['Telegram', 'tele gram', '', 'system', 'import'])('no message comes from %j', async (source) => {
  const warden = await openTestWarden()
  const { result, entries } = await entriesOf(warden, () =>
    warden.say('', `!config role promote ${STRANGER} ADMIN`, {
      source: source as Source,
      sender: { id: OWNER, phone: OWNER },
    }),
  )
  expect(result.status).toBe('failed')
  expect(entries).toEqual([])
  expect(await roleOf(warden, STRANGER)).toBe('NONE')
})

describe('a number that WhatsApp is asked about', () => {
  const MOBILE = '+5491123456789'
  const LANDLINE = '+541123456789'

  /** Answers as a chat would that knows these numbers. */
  async function open(find: (phone: Phone) => NumberFound) {
    const warden = await openTestWarden()
    const ended = new Promise<void>(() => {})
    await warden.serve({
      source: 'whatsapp',
      start: async () => {},
      send: async () => {},
      findNumber: async (phone) => find(phone),
      stop: async () => {},
      ended,
    })
    return (text: string) => warden.ask(OWNER, `!config ${text}`)
  }
  const has =
    (...phones: readonly string[]) =>
    (phone: Phone): NumberFound =>
      phones.includes(phone) ? { kind: 'found', phone } : { kind: 'none' }

  test('that could be two is the one that it knows', async () => {
    const ask = await open(has(MOBILE))
    const answer = await ask('role promote +54 11 2345-6789 USER')
    expect(answer).toContain(`👤 User: ${MOBILE}`)
    expect(answer).toContain(`📱 On WhatsApp: ${MOBILE}`)
  })

  test('and that it knows by the other form is that', async () => {
    const ask = await open(() => ({ kind: 'found', phone: MOBILE }))
    expect(await ask('user block +54 11 2345-6789')).toContain(`👤 User: ${MOBILE}`)
  })

  test.each([
    ['both are somebody’s', has(MOBILE, LANDLINE)],
    ['neither is', has()],
    ['it cannot be asked', (): NumberFound => ({ kind: 'unknown' })],
  ])('is asked back with both where %s', async (_, find) => {
    const ask = await open(find)
    const answer = await ask('role promote +54 11 2345-6789 USER')
    for (const form of ['5491123456789@c.us', '541123456789@c.us']) expect(answer).toContain(form)
    expect(await ask('role promote 541123456789@c.us USER')).toContain(`👤 User: ${LANDLINE}`)
  })

  test('is told of where nobody here has it, and only there', async () => {
    const ask = await open(has('+15550000777'))
    expect(await ask('user block +15550000777')).toContain('📱 On WhatsApp: +15550000777')
    expect(await ask('user block +15550000778')).toContain('⚠️ Nobody on WhatsApp has +15550000778.')
    expect(await ask(`user block ${OWNER2}`)).toContain('Nobody on WhatsApp')
    await ask('role promote +15550000777 USER')
    expect(await ask('role promote +15550000777 OPERATOR')).not.toContain('WhatsApp')
    expect(await ask('role info +15550000779')).not.toContain('WhatsApp')
    expect(await ask('user block telegram:1')).not.toContain('WhatsApp')
  })
})

test('a spammer without a number is blocked by reply, mention or account, and never by its digits', async () => {
  const warden = await openTestWarden()
  const sender = { id: `${HIDDEN}:3@lid` }
  const admitted = async () => {
    const chat = { id: 'team@g.us', kind: 'group' } as const
    return (await warden.admit({ id: 'x', source: 'whatsapp', chat, sender, text: 'buy this' })).admitted
  }
  const ways: Record<string, [typed: string, more: Partial<IncomingMessage>]> = {
    reply: ['', by(sender)],
    mention: [`@${HIDDEN}`, mention(`@${HIDDEN}`, sender)],
    account: [`whatsapp:${HIDDEN}@lid`, {}],
    id: [`${HIDDEN}@lid`, {}],
  }
  for (const [typed, more] of Object.values(ways))
    for (const [command, isAdmitted] of [
      ['block', false],
      ['unblock', true],
    ] as const) {
      await warden.say('', `!config user ${command} ${typed}`, {
        source: 'whatsapp',
        ...more,
        sender: { id: OWNER, phone: OWNER },
      })
      expect(await admitted()).toBe(isAdmitted)
    }
  expect((await warden.say(OWNER, `!config user block ${HIDDEN}`)).status).toBe('usage')
  expect(await admitted()).toBe(true)
})

describe('a second person', () => {
  const shared = shareWarden({ env: { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` } })
  const mentions = [
    { text: '@1', sender: { id: '15550000401@c.us' } },
    { text: '@2', sender: { id: '15550000402@c.us' } },
  ]
  const say = (text: string) => {
    const sender = { id: OWNER, phone: OWNER }
    return shared.warden.say('', `!config ${text}`, { source: 'whatsapp', sender, mentions })
  }
  const PEOPLE = [
    '+15550000402',
    '+49 151 234 567 82',
    '(0151) 23 45 67 82',
    '0015550000402',
    '@2',
    '@2,',
    '@unknown',
    'telegram:43',
    '43@lid',
    'wa.me/15550000402',
  ]

  test.each(Object.keys(LINES).filter((name) => name !== 'role why'))('is refused by %s', async (name) => {
    for (const first of [USER, '@1'])
      for (const second of PEOPLE) {
        const text = LINES[name]?.replace('WHO', `${first} ${second}`) ?? ''
        const { result, entries } = await entriesOf(shared.warden, () => say(text))
        expect([text, result.status]).toEqual([text, 'usage'])
        expect(textOf(result)).toMatch(/Two people\?|Where does the number end\?/)
        expect(entries).toEqual([])
      }
  })

  test.each(['user block', 'audit erase', 'audit hold add'])('in the reason of %s is a question', async (name) => {
    for (const reason of [
      'wrote to +15550000402',
      'and @2',
      ', @2 spam',
      'insulted telegram:43',
      'and 15550000402 spam',
      'with +49 151 234 567 82',
      'or 0151 23 45 67 82',
      '<+15550000402>',
      '*+15550000402* spam',
      "see +15550000402's group",
      '+15550000402/+15550000403',
      'with &+15550000402',
      'and43@lid',
      'and shop:bob',
      'and ,@bob',
      'see t.me/bob',
      'insulted(+15550000402)',
    ]) {
      const { result, entries } = await entriesOf(shared.warden, () => say(`${name} @1 ${reason}`))
      expect([reason, result.status]).toEqual([reason, 'usage'])
      expect(textOf(result)).toContain('in "quotes"')
      expect(entries).toEqual([])
      expect((await say(`${name} @1 "${reason}"`)).status).toBe('answered')
      await say('user unblock @1')
      await say('audit hold remove @1')
    }
  })
})

describe('a name with a reply', () => {
  const shared = shareWarden({ env: { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` } })
  const reply = (text: string) =>
    shared.warden.say('', `!config ${text}`, {
      ...by({ id: '15550000401@c.us' }),
      source: 'whatsapp',
      sender: { id: OWNER, phone: OWNER },
    })

  test.each([
    'user block Bob',
    'user block Bob spam',
    'user block Bob for 2h',
    'user block Ümit',
    'user block O’Neil',
    'user block 555s',
    'user block shop:bob',
    'audit erase Bob',
    'audit hold add Bob',
    'audit hold add al',
    'audit hold add alll',
    'audit hold add everybody',
    'audit hold add Todos',
    'audit hold remove al',
    'role demote Bob USER',
  ])('may be somebody else: %s', async (text) => {
    const { result, entries } = await entriesOf(shared.warden, () => reply(text))
    expect([result.status, entries]).toEqual(['usage', []])
  })

  test.each([
    ['user block spam', '📝 Reason: spam'],
    ['user block SPAM', '📝 Reason: SPAM'],
    ['user block "Spam"', '📝 Reason: Spam'],
    ['user block For 2h Spam', '📝 Reason: Spam'],
    ['user block 2h', '⏱️ Until'],
    ['role promote User', 'USER'],
    ['audit hold add "all of it"', `*Legal Hold* on ${USER}`],
    ['audit hold add all', '*Legal Hold* on everything'],
  ])('is none here: %s', async (text, answer) => {
    expect(textOf(await reply(text))).toContain(answer)
  })
})

describe('digits after a number', () => {
  const shared = shareWarden({ env: { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` } })

  test.each(Object.keys(LINES))('are not taken for part of it by %s', async (name) => {
    const { warden } = shared
    for (const written of ['+49 151 23456781 3', '+15550000401 2', '+49 30 901820 12']) {
      const text = `!config ${LINES[name]?.replace('WHO', written)}`
      const { result, entries } = await entriesOf(warden, () => warden.say(OWNER, text))
      expect([text, result.status]).toEqual([text, 'usage'])
      expect(textOf(result)).toContain('Where does the number end?')
      expect(entries).toEqual([])
    }
    const quoted = `!config ${LINES[name]?.replace('WHO', '"+49 151 23456781"')}`
    expect(textOf(await warden.say(OWNER, quoted))).toContain('+4915123456781')
  })

  test.each([
    ['user status', '+49 151 23456781 20', ['"+4915123456781"', '"+491512345678120"']],
    ['role promote', '+15550000401 5 USER', ['"+15550000401" USER', '"+155500004015" USER']],
    ['user block', '+49 151 23456781 3 days spam', ['"+4915123456781" for 3 days spam']],
    ['audit hold add', '+49 151 23456781 3 court', ['"+4915123456781" 3 court', '"+49151234567813" court']],
    ['user status', '+376 304 7', ['"+3763047"']],
  ])('are asked about in words that %s takes: %s', async (name, written, offers) => {
    const { warden } = shared
    const answer = await warden.ask(OWNER, `!config ${name} ${written}`)
    for (const offer of offers) {
      expect(answer).toContain(`• ${offer}\n`)
      expect((await warden.say(OWNER, `!config ${name} ${offer}`)).status).not.toBe('usage')
    }
  })

  test('are a question of a filter too, or days where the number can be no longer', async () => {
    const { warden } = shared
    const ask = (text: string) => warden.ask(OWNER, `!config audit list ${text}`)
    for (const word of ['actor', 'target']) {
      for (const written of ['+49 151 23456781 30', '+4915123456781 30', '+15550000401 7']) {
        const answer = await ask(`${word}:${written}`)
        expect(answer).toContain('Where does the number end?')
        expect(answer).toContain(`• ${word}:"${written.split(' ').slice(0, -1).join('')}" ${written.split(' ').at(-1)}`)
      }
      expect(await ask(`${word}:+49 151 23456781 since:7d`)).toContain(`${word} +4915123456781, since 7d`)
      expect(await ask(`${word}:+14155552671 30`)).toContain(`${word} +14155552671, last 30 days`)
      expect(await ask(`${word}:"+49 151 23456781" 30`)).toContain(`${word} +4915123456781, last 30 days`)
    }
  })
})

test('a forwarded message is nobody’s command, answered only to who may send one', async () => {
  const warden = await openWithUser({})
  const forward = (as: string, text: string) => warden.say(as, text, { forwarded: true })
  for (const by of [OWNER, USER]) expect((await forward(by, '!config help')).status).toBe('usage')
  const { result, entries } = await entriesOf(warden, () => forward(STRANGER, '!config audit list'))
  expect([result, entries]).toEqual([{ status: 'ignored', replies: [] }, []])
  await warden.say(OWNER, '!config audit list')
  expect((await forward(OWNER, 'more')).status).toBe('ignored')
})

test('digits without a country are a question, with the one person here who has them, for the caller alone', async () => {
  const warden = await openTestWarden()
  await warden.say(OWNER, '!config role promote +14155550132 USER')
  const group = { chat: { id: 'team', kind: 'group' } } as const
  const known = await warden.say(OWNER, '!config user block (415) 555-0132', group)
  expect(known.status).toBe('usage')
  expect(known.replies).toHaveLength(1)
  expect(known.replies[0]?.audience).toBe('sender')
  expect(textOf(known)).toContain('Did you mean +14155550132? Then write it so.')
  await warden.say(OWNER, '!config role promote +494155550132 USER')
  for (const typed of ['(415) 555-0132', '555-0199', '8 912 345-67-89', '212-555-0123']) {
    const { status, replies } = await warden.say(OWNER, `!config user block ${typed}`, group)
    expect(status).toBe('usage')
    expect(replies[0]?.text).toContain('Begin with +')
    expect(replies[0]?.text).not.toContain('Did you mean')
  }
  expect(warden.sql('SELECT 1 FROM blocks')).toEqual([])
})

describe('somebody whose id on WhatsApp is not the number that people write', () => {
  test.each([
    ['+55 11 98765-4321', '551187654321@c.us', '+5511987654321'],
    ['+52 55 1234 5678', '5215512345678@c.us', '+525512345678'],
    ['+49 (0)151 23456789', '4915123456789@c.us', '+4915123456789'],
  ])('is one person: %s and %s', async (typed, id, phone) => {
    const warden = await openTestWarden({ env: { ADMIN_PHONE_NUMBERS: typed } })
    const mine = (text: string) => warden.say('', `!config ${text}`, { source: 'whatsapp', sender: { id } })
    expect((await mine('role list')).status).toBe('answered')
    await warden.say(OWNER, `!config user block ${typed}`)
    expect((await mine('role list')).status).toBe('blocked')
    await warden.say(OWNER, `!config user unblock ${id}`)
    expect((await mine('role list')).status).toBe('answered')
    expect(await warden.ask(OWNER, `!config role info ${id}`)).toContain(phone)
    expect(await warden.ask(OWNER, `!config role demote ${id} USER`)).toContain('ADMIN → USER')
    expect(warden.sql('SELECT account FROM accounts WHERE account LIKE ?', `%${phone.slice(-7)}`)).toEqual([
      { account: phone },
    ])
    expect(await warden.AuditLogRepository.count({ phoneNumber: id })).toBe(
      await warden.AuditLogRepository.count({ phoneNumber: typed }),
    )
  })
})

test('with a reply, a word that may be an account or begin a reason is a question', async () => {
  const warden = await openTestWarden()
  const reply = {
    source: 'telegram',
    quoted: { id: 'q', sender: { id: '50' } },
    sender: { id: '1', phone: OWNER },
  } as const
  const say = (text: string) => warden.say('', `!config ${text}`, reply)
  const asked = await say('user block rude:again')
  expect(asked.status).toBe('usage')
  for (const account of ['rude:again', 'telegram:50']) expect(textOf(asked)).toContain(account)
  expect(warden.sql('SELECT 1 FROM blocks')).toEqual([])
  expect(textOf(await say('user block reason: rude'))).toContain('👤 User: telegram:50')
  expect(textOf(await say('user unblock telegram:50'))).toContain('👤 User: telegram:50')
  expect(textOf(await say(`user block ${STRANGER} rude:again`))).toContain('Two people?')
  expect(textOf(await say(`user block ${STRANGER} "rude:again"`))).toContain(`👤 User: ${STRANGER}`)
  expect(textOf(await say('user block 99@lid'))).toContain('👤 User: whatsapp:99@lid')
})
