import { beforeAll, describe, expect, test } from 'vitest'
import { shareCleanUps } from '../../support/at-end.ts'
import { ADMIN, OPERATOR, OWNER, OWNER2, STRANGER, USER } from '../../support/chatwarden.ts'
import { entriesOf } from '../../support/trail.ts'
import { startBot, type WhatsAppBot } from '../../support/whatsapp-bot.ts'

const cleanUps = shareCleanUps()
const BOT = '+15550009999'
const LID = { [OWNER]: '770000000101', [ADMIN]: '770000000201', [STRANGER]: '770000000901' } as const
let bot: WhatsAppBot
let group: string

const digits = (phone: string) => phone.slice(1)
const chatOf = (phone: string) => `${digits(phone)}@c.us`
const lidOf = (phone: keyof typeof LID) => `${LID[phone]}@lid`

beforeAll(async () => {
  const env = { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2},${BOT}` }
  bot = await startBot({ env, options: { answersOwnChat: true }, atEnd: cleanUps.add })
  for (const phone of [OWNER, ADMIN, STRANGER] as const)
    await bot.standIn.person({ phone: digits(phone), lid: LID[phone], name: `Name of ${phone}` })
  for (const phone of [OWNER2, OPERATOR, USER]) await bot.standIn.person({ phone: digits(phone) })
  group = await bot.standIn.group('Team', [OWNER, ADMIN, OPERATOR, STRANGER].map(digits))
})

/** Every documented command with what its answer says; each may be sent any number of times. */
const COMMANDS = [
  ['audit list', /Audit Logs \(7 days\)/],
  ['audit list 30', /Audit Logs \(30 days\)/],
  [`audit user ${ADMIN}`, /Audit Logs for \+15550000201|No audit logs found/],
  ['audit category AUTH', /Audit Logs - AUTH Category/],
  ['audit mine', /Audit Logs about you/],
  ['role list', /User Roles Summary/],
  [`role info ${ADMIN}`, /User Information/],
  [`role promote ${USER} OPERATOR`, /Role Change Successful|already has the role/],
  [`role demote ${USER} USER`, /Role Change Successful|already has the role/],
  [`role confirm ${USER}`, /nothing to confirm/],
  ['audit stats', /Audit Statistics \(7 days\)/],
  [`role why ${ADMIN} audit export`, /not allowed/],
  [`role revoke ${USER}`, /already has the role/],
  [`user block ${STRANGER} for 1m`, /User Blocked/],
  [`user status ${USER}`, /User Status/],
  [`user unblock ${STRANGER}`, /User Unblocked|is not blocked/],
  [`whitelist add ${USER}`, /whitelist/],
  ['whitelist list', /Whitelist mode is off/],
  [`whitelist remove ${USER}`, /whitelist/],
  ['get', /page-size: \*10\*/],
  ['set page-size 10', /is 10 already/],
  ['reset page-size', /is 10 already/],
  ['confirm 000000', /not valid for you/],
] as const

describe('each documented command, by phone and by LID', () => {
  const senders = [
    ['a phone', chatOf(OWNER)],
    ['a LID', lidOf(OWNER)],
  ] as const
  const cells = COMMANDS.flatMap(([command, answer]) =>
    senders.map(([form, from]) => ({ command, answer, form, from })),
  )

  test.each(cells)('$command, written by $form in private, is answered there', async ({ command, answer, from }) => {
    const [sent] = await bot.ask({ from, text: `!config ${command}` })
    expect(sent).toMatchObject({ to: from, quoted: expect.stringMatching(/^false_/) })
    expect(sent?.text).toMatch(answer)
  })

  test.each(cells)(
    '$command, written by $form in a group, is answered in private',
    async ({ command, answer, from }) => {
      const [sent, notice] = await bot.ask({ from, group, text: `!config ${command}` }, 2)
      expect(sent).toMatchObject({ to: from })
      expect(sent).not.toHaveProperty('quoted')
      expect(sent?.text).toMatch(answer)
      expect(notice).toMatchObject({
        to: group,
        text: expect.stringContaining('in private'),
        quoted: expect.any(String),
      })
    },
  )

  test.each(senders)('help, written by %s in a group, is answered in the group', async (_, from) => {
    const [sent] = await bot.ask({ from, group, text: '!config help' })
    expect(sent).toMatchObject({ to: group, text: expect.stringContaining('role promote') })
  })

  test.each(senders)('more, written by %s, shows the next page', async (_, from) => {
    const performedBy = { phoneNumber: OPERATOR }
    await Promise.all(Array.from({ length: 12 }, () => bot.warden.AuditLogger.logConversationReset({ performedBy })))
    await bot.ask({ from, text: '!config audit list 30' })
    const [sent] = await bot.ask({ from, text: 'more' })
    expect(sent?.text).toContain('older entries')
  })
})

describe('statistics', () => {
  test('arrive as a picture that a telephone shows', async () => {
    const [sent] = await bot.ask({ from: chatOf(OWNER), text: '!config audit stats' })
    expect(sent?.document).toMatchObject({ type: 'image', mimeType: 'image/png' })
    expect(sent?.document?.bytes.subarray(1, 4).toString()).toBe('PNG')
  })
})

describe('an export', () => {
  test.each([
    ['in private', undefined, 3],
    ['in a group', true, 4],
  ])('asked for %s arrives in private as a document that is complete', async (_, inGroup, count) => {
    const [{ total } = { total: 0 }] = bot.warden.sql<{ total: number }>('SELECT count(*) AS total FROM audit_logs')
    const sent = await bot.ask(
      { from: lidOf(OWNER), text: '!config audit export 30', ...(inGroup && { group }) },
      count,
    )
    const [file, manifest] = sent.filter(({ document }) => document)
    expect(manifest).toMatchObject({ to: lidOf(OWNER), document: { mimeType: 'text/plain' } })
    expect(file).toMatchObject({ to: lidOf(OWNER), text: expect.stringContaining('Export Complete') })
    expect(file?.document).toMatchObject({ type: 'document', mimeType: 'application/json' })
    expect(file?.document?.name).toMatch(/^audit.*\.json$/)
    const entries = JSON.parse(String(file?.document?.bytes))
    expect(entries).toHaveLength(total)
    expect(file?.text).toContain(`Total Records: ${total}`)
  })
})

describe('a denied member', () => {
  test('of a group gets a denial there, and there is one entry', async () => {
    const { result, entries } = await entriesOf(bot.warden, () =>
      bot.ask({ from: lidOf(STRANGER), group, text: '!config role list' }),
    )
    expect(result).toMatchObject([{ to: group, text: expect.stringContaining("You don't have permission") }])
    expect(entries).toMatchObject([
      { action: 'PERMISSION_DENIED', phoneNumber: STRANGER, userRole: 'NONE', channelId: group, source: 'whatsapp' },
    ])
  })

  test('whose number WhatsApp does not tell is denied too', async () => {
    await bot.standIn.person({ lid: '770000000999' })
    const { result, entries } = await entriesOf(bot.warden, () =>
      bot.ask({ from: '770000000999@lid', text: '!config role list' }),
    )
    expect(result[0]?.text).toContain("You don't have permission")
    expect(entries).toMatchObject([
      { action: 'PERMISSION_DENIED', phoneNumber: 'whatsapp:770000000999@lid', userRole: 'NONE' },
    ])
  })
})

describe('whom a command is about', () => {
  test.each([
    ['phone', digits(STRANGER), chatOf(STRANGER)],
    ['LID', LID[STRANGER], lidOf(STRANGER)],
  ])('can be mentioned, by %s', async (_, shown, id) => {
    const text = `!config role promote @${shown} USER`
    const [sent] = await bot.ask({ from: chatOf(OWNER), text, mentions: [id] })
    expect(sent?.text).toMatch(new RegExp(`${STRANGER.replace('+', '\\+')}`))
    expect(sent?.text).toMatch(/Role Change Successful|already has the role/)
  })

  test('can be the writer of the message replied to', async () => {
    const quoted = bot.standIn.receive({ from: lidOf(STRANGER), group, text: 'hello' })
    const [sent] = await bot.ask({ from: chatOf(OWNER), group, text: '!config role promote USER', quoted }, 2)
    expect(sent?.text).toContain(`${STRANGER} already has the role USER`)
  })

  test('can be on the contact card replied to, and is never who sent it', async () => {
    const vcard = (shown: string) => `BEGIN:VCARD\nTEL;type=CELL;waid=${digits(STRANGER)}:${shown}\nEND:VCARD`
    const send = (shown: string) =>
      bot.standIn.receive({ from: lidOf(ADMIN), group, text: vcard(shown), extra: { type: 'vcard' } })
    const ask = (quoted: string) =>
      bot.ask({ from: chatOf(OWNER), group, text: '!config role promote USER', quoted }, 2)
    expect((await ask(send(STRANGER)))[0]?.text).toContain(`${STRANGER} already has the role USER`)
    const [question] = await bot.ask(
      { from: chatOf(OWNER), group, text: '!config role promote ADMIN', quoted: send('+1 555-000-9999') },
      1,
    )
    expect(question?.text).toContain("I can't tell whose number is on that card.")
  })

  test('is nobody where the message replied to is the bot’s', async () => {
    const [answer] = await bot.ask({ from: chatOf(OWNER), text: '!config help' })
    const text = '!config user block'
    const [question] = await bot.ask({ from: chatOf(OWNER), text, quoted: answer?.id ?? '' })
    expect(question?.text).toContain('Please provide a phone number.')
  })

  test('is not acted upon by a message that was forwarded', async () => {
    for (const extra of [{ isForwarded: true }, { forwardingScore: 1 }]) {
      const [sent] = await bot.ask({ from: chatOf(OWNER), text: `!config user block ${STRANGER}`, extra })
      expect(sent?.text).toContain("I don't carry out what was forwarded")
    }
    expect(bot.warden.sql('SELECT 1 FROM blocks')).toEqual([])
  })

  test('is named by an OPERATOR without a number too', async () => {
    const from = '770000000555@lid'
    await bot.ask({ from: chatOf(OWNER), text: '!config role promote 770000000555@lid OPERATOR' })
    const quoted = bot.standIn.receive({ from: lidOf(STRANGER), group, text: 'hello' })
    const [sent] = await bot.ask({ from, group, text: '!config user status', quoted }, 2)
    expect(sent?.text).toContain(STRANGER)
    await bot.ask({ from: chatOf(OWNER), text: '!config role demote 770000000555@lid USER' })
  })

  test('is the account if WhatsApp does not tell the number of who is mentioned', async () => {
    const text = '!config user block @770000000999'
    const [sent] = await bot.ask({ from: chatOf(OWNER), text, mentions: ['770000000999@lid'] })
    expect(sent?.text).toContain('👤 User: whatsapp:770000000999@lid')
  })
})

describe('owners', () => {
  test('are told in private when somebody becomes ADMIN', async () => {
    const sent = await bot.ask({ from: chatOf(OWNER), text: `!config role promote ${OPERATOR} ADMIN` }, 3)
    const note = { text: expect.stringContaining(`${OPERATOR} is now ADMIN`) }
    expect(sent).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ to: chatOf(OWNER2), ...note }),
        expect.objectContaining({ to: chatOf(BOT), ...note }),
      ]),
    )
    // The answer, and what the two other owners are told.
    await bot.ask({ from: chatOf(OWNER), text: `!config role demote ${OPERATOR} OPERATOR` }, 3)
  })

  test('are told by WhatsApp too of what was typed on the machine, unmarked', async () => {
    const before = bot.standIn.outbox().length
    const sender = { id: OWNER, phone: OWNER, operator: 'root@machine' }
    const typed = await bot.warden.say(OWNER, `!config role promote ${OPERATOR} ADMIN`, { source: 'cli', sender })
    expect(typed.replies).toHaveLength(1)
    const notes = (await bot.standIn.waitForOutbox(before + 2)).slice(before)
    expect(new Set(notes.map(({ to }) => to))).toEqual(new Set([chatOf(OWNER2), chatOf(BOT)]))
    for (const { text } of notes) expect(text).toMatch(/^🔔 .*is now ADMIN.*typed by root@machine/s)
    // The answer, and what the two other owners are told.
    await bot.ask({ from: chatOf(OWNER), text: `!config role demote ${OPERATOR} OPERATOR` }, 3)
  })

  test('can command the bot from its own telephone, in the chat with themselves', async () => {
    const before = bot.standIn.outbox().length
    bot.standIn.typeOnPhone({ chat: bot.standIn.id, text: '!config role list' })
    const [sent] = (await bot.standIn.waitForOutbox(before + 1)).slice(before)
    expect(sent).toMatchObject({ to: bot.standIn.id, text: expect.stringContaining('User Roles Summary') })
  })

  test('of the number who type a command to somebody else are not heard', async () => {
    const before = bot.standIn.outbox().length
    bot.standIn.typeOnPhone({ chat: chatOf(OPERATOR), text: '!config role list' })
    await bot.ask({ from: chatOf(OWNER), text: '!config role list' })
    expect(bot.standIn.outbox()).toHaveLength(before + 1)
  })
})

test('what a process before this one acted upon is not acted upon again', async () => {
  const before = bot.standIn.outbox().length
  const done = `false_${chatOf(OWNER)}_DONE`
  bot.warden.sql('INSERT INTO processed_messages VALUES (?, ?, ?)', 'whatsapp', done, new Date().toISOString())
  const { entries } = await entriesOf(bot.warden, async () => {
    expect(bot.standIn.receive({ from: digits(OWNER), text: '!config audit list', id: 'DONE' })).toBe(done)
    await bot.ask({ from: chatOf(OWNER), text: '!config role list' })
  })
  expect(entries.map(({ action }) => action)).toEqual(['USERS_VIEWED'])
  expect(bot.standIn.outbox()).toHaveLength(before + 1)
})

describe('everything else', () => {
  test('is left alone: no answer, no entry, nobody looked up', async () => {
    const before = bot.standIn.outbox().length
    const lookups = bot.standIn.lookups().length
    const { entries } = await entriesOf(bot.warden, async () => {
      for (const text of ['hello', 'more', '!configuration', 'please !config role list'])
        bot.standIn.receive({ from: '770000000555@lid', group, text })
      await bot.ask({ from: chatOf(OWNER), text: '!config role list' })
    })
    expect(entries.map(({ action }) => action)).toEqual(['USERS_VIEWED'])
    expect(bot.standIn.outbox()).toHaveLength(before + 1)
    expect(bot.standIn.lookups()).toHaveLength(lookups)
  })

  test('and what has arrived is kept no longer', async () => {
    await bot.settled()
    expect(bot.warden.sql('SELECT id FROM outbox_messages')).toEqual([])
  })
})
