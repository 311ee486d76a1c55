import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { codeOf } from '../../../src/commands/arguments/account-code.ts'
import { DAY, MINUTE } from '../../../src/kernel/clock.ts'
import { shareCleanUps } from '../../support/at-end.ts'
import { ADMIN, ADMIN2, FakeClock, OPERATOR, OWNER, OWNER2 } from '../../support/chatwarden.ts'
import { type Entry, entriesOf } from '../../support/trail.ts'
import { startBot, type WhatsAppBot } from '../../support/whatsapp-bot.ts'
import type { Sent } from '../../support/whatsapp-web/stand-in.ts'

const cleanUps = shareCleanUps()
const clock = new FakeClock(Date.now())
const TOLD = 'Another account than before'
const digits = (phone: string) => phone.slice(1)
const chatOf = (phone: string) => `${digits(phone)}@c.us`
let bot: WhatsAppBot

beforeAll(async () => {
  const env = { OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}` }
  bot = await startBot({ env, clock, atEnd: cleanUps.add })
  for (const phone of [OWNER, OWNER2]) await bot.standIn.person({ phone: digits(phone) })
})
beforeEach(() => clock.advance(11 * MINUTE))

/** Somebody writes at the time of the test's clock; what is sent, and what is in the trail. */
async function write(
  from: string,
  text: string,
  count = 1,
): Promise<{ sent: readonly Sent[]; entries: readonly Entry[] }> {
  const timestamp = Math.floor(clock.now() / 1000)
  const { result, entries } = await entriesOf(bot.warden, () => bot.ask({ from, text, timestamp }, count))
  return { sent: result, entries }
}

/** Denied as somebody else than `phone`, and both owners told of it. */
async function expectAlarm(from: string, phone: string, account = from): Promise<void> {
  const { sent, entries } = await write(from, '!config audit list', 3)
  expect(entries).toMatchObject([
    {
      action: 'IDENTITY_CHANGED',
      category: 'SECURITY',
      phoneNumber: `whatsapp:${account}`,
      userRole: 'NONE',
      resourceId: phone,
    },
  ])
  const [denial, ...notes] = sent
  expect(denial).toMatchObject({
    to: from.replace(/:\d+@/, '@'),
    text: expect.stringContaining("can't be sure that it is you"),
  })
  expect(new Set(notes.map(({ to }) => to))).toEqual(new Set([chatOf(OWNER), chatOf(OWNER2)]))
  for (const { text } of notes) expect(text).toMatch(new RegExp(`${TOLD}.*\\${phone}.*role confirm \\${phone}`, 's'))
}

async function expectConfirmed(phone: string, code = ''): Promise<void> {
  const { entries } = await write(chatOf(OWNER), `!config role confirm ${phone} ${code}`, 2)
  // What the number had before, or the account, is said too.
  expect(entries.filter(({ action }) => !/^IDENTITY_(FORGOTTEN|LEFT)$/.test(action))).toMatchObject([
    { action: 'IDENTITY_CONFIRMED', category: 'AUTH', phoneNumber: OWNER, resourceId: phone },
  ])
}

/** By whoever runs the bot. */
async function expectDecided(phone: string): Promise<void> {
  const { result, entries } = await entriesOf(bot.warden, async () => {
    const [request] = await bot.warden.waiting()
    return bot.warden.decide(request?.code ?? '')
  })
  expect(result.kind).toBe('answered')
  expect(entries).toContainEqual(
    expect.objectContaining({ action: 'IDENTITY_CONFIRMED', phoneNumber: 'SYSTEM', resourceId: phone }),
  )
}

async function expectLetIn(from: string, phone: string): Promise<void> {
  const { sent, entries } = await write(from, '!config audit list')
  expect(entries.filter(({ action }) => action !== 'IDENTITY_PINNED')).toMatchObject([
    { action: 'AUDIT_LOG_VIEWED', phoneNumber: phone },
  ])
  expect(sent[0]?.text).toContain('Audit Logs')
}

describe('another LID for a pinned number', () => {
  test('is denied, owners are told, and it is let in once an owner has confirmed it', async () => {
    await bot.standIn.person({ phone: digits(ADMIN), lid: '660000000001' })
    await expectLetIn('660000000001@lid', ADMIN)
    await bot.standIn.person({ phone: digits(ADMIN), lid: '660000000002' })
    await expectAlarm('660000000002@lid', ADMIN)
    await expectLetIn('660000000001@lid', ADMIN)
    await expectConfirmed(ADMIN)
    await expectLetIn('660000000002@lid', ADMIN)
    await expectAlarm('660000000001@lid', ADMIN)
  })

  test('is an entry each time, but told to owners once a day', async () => {
    await bot.standIn.person({ phone: digits(ADMIN), lid: '660000000003' })
    await expectAlarm('660000000003@lid', ADMIN)
    for (let time = 0; time < 3; time++) {
      const { sent, entries } = await write('660000000003@lid', '!config help')
      expect(entries).toMatchObject([{ action: 'IDENTITY_CHANGED' }])
      expect(sent).toHaveLength(1)
    }
    clock.advance(DAY)
    await expectAlarm('660000000003@lid', ADMIN)
  })
})

test('of several accounts that appeared, none is confirmed but the one whose code is given', async () => {
  const lids = ['660000000004', '660000000005']
  for (const lid of lids) {
    await bot.standIn.person({ phone: digits(ADMIN), lid })
    await expectAlarm(`${lid}@lid`, ADMIN)
  }
  const { sent, entries } = await write(chatOf(OWNER), `!config role confirm ${ADMIN}`)
  expect(entries).toEqual([])
  for (const lid of lids) expect(sent[0]?.text).toContain(codeOf(`whatsapp:${lid}@lid`))
  const wrong = await write(chatOf(OWNER), `!config role confirm ${ADMIN} #zzzz`)
  expect(wrong.sent[0]?.text).toContain('The code is a #')
  await expectConfirmed(ADMIN, codeOf(`whatsapp:${lids[0]}@lid`))
  await expectLetIn(`${lids[0]}@lid`, ADMIN)
})

describe('a number that was given to somebody else', () => {
  test('is denied though it is written from the very number, once WhatsApp names another account', async () => {
    await bot.standIn.person({ phone: digits(ADMIN2), lid: '660000000011' })
    await expectLetIn(chatOf(ADMIN2), ADMIN2)
    await bot.standIn.person({ phone: '15550008888', lid: '660000000011' })
    await bot.standIn.person({ phone: digits(ADMIN2), lid: '660000000012' })
    clock.advance(DAY + MINUTE)
    await expectAlarm(chatOf(ADMIN2), ADMIN2, '660000000012@lid')
    await expectConfirmed(ADMIN2)
    await expectLetIn(chatOf(ADMIN2), ADMIN2)
  })

  test('does not follow the account that left it', async () => {
    clock.advance(DAY)
    const { entries } = await write('660000000011@lid', '!config audit list')
    expect(entries).toMatchObject([{ action: 'PERMISSION_DENIED', phoneNumber: '+15550008888', userRole: 'NONE' }])
  })
})

test('the account of somebody with a role that takes another number is denied until an owner confirms it', async () => {
  await bot.standIn.person({ phone: digits(OPERATOR), lid: '660000000031' })
  const seen = await write('660000000031@lid', '!config audit mine')
  expect(seen.entries[0]).toMatchObject({ action: 'IDENTITY_PINNED', phoneNumber: OPERATOR })
  await bot.standIn.person({ phone: '15550007777', lid: '660000000031' })
  clock.advance(DAY + MINUTE)
  await expectAlarm('660000000031@lid', '+15550007777')
  await expectConfirmed('+15550007777')
  const { entries } = await write('660000000031@lid', '!config audit mine')
  expect(entries).toMatchObject([{ action: 'PERMISSION_DENIED', phoneNumber: '+15550007777', userRole: 'NONE' }])
  // Whoever is given the number that was left is not the first one seen with it.
  await bot.standIn.person({ phone: digits(OPERATOR), lid: '660000000032' })
  await expectAlarm('660000000032@lid', OPERATOR)
})

test('LID digits that look like the number of somebody with a role are not that person', async () => {
  const lookalike = `${digits(OPERATOR)}@lid`
  await bot.standIn.person({ lid: digits(OPERATOR) })
  await expectAlarm(lookalike, OPERATOR)
  await expectConfirmed(OPERATOR, codeOf(`whatsapp:${lookalike}`))
  const { entries } = await write(lookalike, '!config audit mine')
  expect(entries).toMatchObject([{ action: 'AUDIT_LOG_VIEWED', phoneNumber: OPERATOR }])
})

describe('a LID with a device', () => {
  test('is its account where WhatsApp says so', async () => {
    await bot.standIn.person({ phone: digits(OWNER2), lid: '660000000021' })
    await expectLetIn('660000000021@lid', OWNER2)
    await expectLetIn('660000000021:21@lid', OWNER2)
  })

  test('is nobody where WhatsApp does not say whose it is, until an owner confirms it', async () => {
    // Pinned long ago, and what WhatsApp said of it then is forgotten.
    bot.warden.sql(
      "INSERT INTO accounts SELECT ?, user_id, 'seen', account, since FROM accounts WHERE account = ?",
      'whatsapp:660000000022@lid',
      OWNER2,
    )
    await bot.standIn.person({ lid: '660000000022' })
    const { sent, entries } = await write('660000000022:7@lid', '!config audit list', 2)
    expect(entries).toMatchObject([{ action: 'IDENTITY_CHANGED', resourceId: OWNER2 }])
    expect(sent.map(({ to }) => to)).toEqual(['660000000022@lid', chatOf(OWNER)])
    // Of two owners nobody is left to confirm what one asks about the other.
    await write(chatOf(OWNER), `!config role confirm ${OWNER2}`)
    await expectDecided(OWNER2)
    await expectLetIn('660000000022:7@lid', OWNER2)
  })
})

test('where no owner is left who could confirm, whoever has the machine can', async () => {
  await bot.standIn.person({ phone: digits(OWNER), lid: '660000000041' })
  clock.advance(DAY + MINUTE)
  await expectLetIn('660000000041@lid', OWNER)
  await bot.standIn.person({ phone: digits(OWNER), lid: '660000000042' })
  const { entries } = await write('660000000042@lid', '!config role list', 2)
  expect(entries).toMatchObject([{ action: 'IDENTITY_CHANGED', resourceId: OWNER }])
  const sender = { id: OWNER, phone: OWNER, operator: 'root@machine' }
  await bot.warden.say(OWNER, `!config role confirm ${OWNER}`, { source: 'cli', sender })
  await expectDecided(OWNER)
  // What the other owner is told goes out when the bot looks next: it is no answer to what follows.
  await bot.settled()
  await expectLetIn('660000000042@lid', OWNER)
})
