import { beforeAll, describe, expect, test } from 'vitest'
import { shareCleanUps } from '../support/at-end.ts'
import {
  ADMIN,
  OWNER,
  openTestWarden,
  STRANGER,
  type TestWarden,
  temporaryFolder,
  USER,
} from '../support/chatwarden.ts'
import { child, type Running, startNode } from '../support/child.ts'
import { onPostgres } from '../support/database.ts'
import { type Entry, readEntry } from '../support/trail.ts'
import { type Sent, type StandIn, startStandIn } from '../support/whatsapp-web/stand-in.ts'

const { add: atEnd } = shareCleanUps()
const digits = (phone: string) => phone.slice(1)
let standIn: StandIn
/** A second process on the same database, which only looks on. */
let warden: TestWarden
let bot: Running

beforeAll(async () => {
  const folder = temporaryFolder(atEnd)
  standIn = await startStandIn()
  atEnd(() => standIn.close())
  const limits = { RATE_LIMIT_USER: '60', RATE_LIMIT_GLOBAL: '0' }
  warden = await openTestWarden({ env: limits }, folder, atEnd)
  await warden.say(OWNER, `!config role promote ${USER} USER`)
  const env = {
    ...limits,
    DATABASE_URL: warden.url,
    DATA_DIR: folder,
    CHAT: 'whatsapp',
    WHATSAPP_SEND_LIMIT: '0',
    WHATSAPP_SEND_LIMIT_PER_CHAT: '0',
  }
  const clientOptions = standIn.clientOptions()
  bot = startNode([child('example-bot.mjs')], { env: { OPTIONS: JSON.stringify({ clientOptions, env }) } }, atEnd)
  await standIn.pair()
  await standIn.listening()
})

/** Somebody writes; resolves to what the bot sends next. */
async function write(from: string, text: string): Promise<Sent | undefined> {
  const before = standIn.outbox().length
  standIn.receive({ from: digits(from), text })
  return (await standIn.waitForOutbox(before + 1))[before]
}

async function entries(action: string): Promise<Entry[]> {
  return (await warden.AuditLogRepository.findByAction(action)).map(readEntry).reverse()
}

async function tell(line: string): Promise<void> {
  bot.send(line)
  expect(await bot.line()).toBe(line)
}

describe('the example bot on WhatsApp', () => {
  test('echoes, answers questions, and leaves commands to Chatwarden', async () => {
    expect((await write(USER, 'good morning'))?.text).toBe('You said: good morning')
    expect((await write(USER, '/ask I need a holiday'))?.text).toBe('What would it mean to you to have a holiday?')
    expect((await write(USER, '/usage'))?.text).toBe('You have asked 1 questions.')
    expect((await write(OWNER, '!config role list'))?.text).toContain('User Roles Summary')
    await expect
      .poll(() => entries('USAGE_QUERY'))
      .toMatchObject([{ phoneNumber: USER, userRole: 'USER', source: 'api' }])
  })

  test('has it forget, as one entry, and denies to others what only an owner may', async () => {
    expect((await write(USER, '/forget'))?.text).toBe('Forgotten.')
    await expect.poll(() => entries('CONVERSATION_RESET')).toMatchObject([{ phoneNumber: USER }])
    expect((await write(USER, '/forget-all'))?.text).toBe('You may not do that.')
    expect((await write(OWNER, '/forget-all'))?.text).toBe('All forgotten.')
    await expect
      .poll(() => entries('PERMISSION_DENIED'))
      .toMatchObject([{ phoneNumber: USER, metadata: { attemptedAction: 'FORGET_ALL', reason: 'ROLE_TOO_LOW' } }])
  })

  test('gives a flagged message no answer, and one entry without its text', async () => {
    standIn.receive({ from: digits(USER), text: 'I will murder that zebra' })
    expect((await write(USER, 'and now?'))?.text).toBe('You said: and now?')
    // The two messages are handled at the same time.
    await expect
      .poll(() => entries('MODERATION_FLAG'))
      .toMatchObject([{ phoneNumber: USER, metadata: { flaggedCategories: ['violence'] } }])
    expect(JSON.stringify(await entries('MODERATION_FLAG'))).not.toContain('zebra')
  })

  test('opens the breaker of a service that fails, and closes it when it is back: both once in the trail', async () => {
    await tell('fail')
    for (let attempt = 0; attempt < 3; attempt++)
      expect((await write(ADMIN, '/ask why'))?.text).toBe('That did not work. Please try again.')
    // Where a second has passed meanwhile, the first is a trial, and fails like the others.
    await expect.poll(async () => (await write(ADMIN, '/ask why'))?.text).toContain('I need a break')
    await expect
      .poll(() => entries('CIRCUIT_BREAKER_OPEN'))
      .toMatchObject([{ phoneNumber: 'SYSTEM', metadata: { service: 'answerer', failureCount: 3 } }])
    await tell('work')
    await expect.poll(async () => (await write(ADMIN, '/ask why'))?.text, { timeout: 10_000 }).toContain('why')
    await expect.poll(() => entries('CIRCUIT_BREAKER_CLOSED')).toMatchObject([{ metadata: { service: 'answerer' } }])
    expect(await entries('CIRCUIT_BREAKER_OPEN')).toHaveLength(1)
  })

  test('takes a setting of its own that is changed in the chat', async () => {
    expect((await write(ADMIN, '!config set answer-style short'))?.text).toContain('answer-style: full → short')
    expect((await write(USER, '/ask I need a holiday'))?.text).toBe('Why?')
    await expect
      .poll(() => entries('CONFIG_UPDATE'))
      .toMatchObject([
        { phoneNumber: ADMIN, metadata: { setting: 'answer-style', oldValue: 'full', newValue: 'short' } },
      ])
  })

  test('tells of a cost that goes over its threshold, once', async () => {
    await write(OWNER, '!config set token-price 1')
    await write(OWNER, '!config set cost-threshold-day 2')
    for (let question = 0; question < 4; question++) await write(USER, '/ask why')
    await expect.poll(() => entries('COST_THRESHOLD_BREACH')).toMatchObject([{ metadata: { threshold: 2 } }])
  })

  test('leaves somebody who is blocked without an answer, and tells them once', async () => {
    await write(OWNER, `!config user block ${USER} for 1h`)
    expect((await write(USER, 'hello?'))?.text).toMatch(/^⛔ You are blocked from using this bot until /)
    standIn.receive({ from: digits(USER), text: 'hello??' })
    // It is handled beside the others: who is answered after it shows that it was looked at.
    await write(ADMIN, 'and me?')
    await write(OWNER, `!config user unblock ${USER}`)
    expect((await write(USER, 'back'))?.text).toBe('You said: back')
    await expect
      .poll(() => entries('ACCESS_BLOCKED'))
      .toMatchObject([{ phoneNumber: USER, metadata: { reason: 'BLOCKED' } }])
  })

  test('limits a burst, which is told and written once, and a limit set in the chat counts in another process too', async () => {
    await write(OWNER, '!config set rate-limit-user 5')
    const message = {
      source: 'api',
      chat: { id: STRANGER, kind: 'private' },
      sender: { id: STRANGER },
      text: '',
    } as const
    await expect.poll(async () => (await warden.admit({ ...message, id: crypto.randomUUID() })).admitted).toBe(false)
    const before = standIn.outbox().length
    for (let sent = 0; sent < 20; sent++) standIn.receive({ from: digits(STRANGER), text: `spam ${sent}` })
    expect((await write(OWNER, '!config role list'))?.text).toBeDefined()
    await standIn.delivered()
    const toStranger = () =>
      standIn
        .outbox()
        .slice(before)
        .filter(({ to }) => to === `${digits(STRANGER)}@c.us`)
    // A server counts for both processes, and nothing was left of the limit; each counts for itself on a file.
    await expect.poll(toStranger).toHaveLength(onPostgres ? 1 : 6)
    expect(toStranger().at(-1)?.text).toMatch(/^⏳ That was too fast\. Please wait .+\.$/)
    // The owner wrote more than five, too: that burst's entry comes before or after those looked for.
    const bursts = async () =>
      (await entries('RATE_LIMIT_VIOLATION')).filter(({ phoneNumber }) => phoneNumber === STRANGER)
    // One of this process, which sent nothing, and one of the bot.
    await expect.poll(bursts).toHaveLength(2)
    for (const { metadata } of await bursts()) expect(metadata).toMatchObject({ limitType: 'user', limit: 5 })
  })

  test('ends in order', async () => {
    bot.send('stop')
    const { code, stderr } = await bot.ended()
    // That a count came late says something of the machine alone.
    const said = stderr.split('\n').filter((line) => line !== '' && !line.includes('Rate limits are '))
    expect([code, said]).toEqual([0, []])
  })
})
