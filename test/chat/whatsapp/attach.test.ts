import { beforeAll, describe, expect, test } from 'vitest'
import whatsapp, { type Client, type Message } from 'whatsapp-web.js'
import { attach } from '../../../src/app/attach.ts'
import type { Attached } from '../../../src/app/chatwarden.ts'
import type { Admission } from '../../../src/commands/gate.ts'
import { shareCleanUps } from '../../support/at-end.ts'
import { OWNER, openTestWarden, STRANGER, type TestWarden, USER } from '../../support/chatwarden.ts'
import { entriesOf } from '../../support/trail.ts'
import { type Sent, type StandIn, startStandIn } from '../../support/whatsapp-web/stand-in.ts'

const cleanUps = shareCleanUps()
const digits = (phone: string) => phone.slice(1)
const chatOf = (phone: string) => `${digits(phone)}@c.us`
const EVENTS = ['ready', 'disconnected', 'message', 'message_create', 'message_ack']
let standIn: StandIn
let client: Client
let warden: TestWarden
let attached: Attached
let listeners: Record<string, number>

const listenersOf = (of: Client) => Object.fromEntries(EVENTS.map((event) => [event, of.listenerCount(event)]))

beforeAll(async () => {
  standIn = await startStandIn()
  cleanUps.add(() => standIn.close())
  client = new whatsapp.Client(standIn.clientOptions())
  cleanUps.add(() => client.destroy())
  client.on('message', (message: Message) => {
    if (!attached.isCommand(message)) message.reply(`echo ${message.body}`).catch(() => {})
  })
  listeners = listenersOf(client)
  warden = await openTestWarden(
    { env: { WHATSAPP_SEND_LIMIT: '0', WHATSAPP_SEND_LIMIT_PER_CHAT: '0' } },
    undefined,
    cleanUps.add,
  )
  attached = attach(warden, client)
  void client.initialize()
  await standIn.pair()
  await standIn.listening()
})

async function write(from: string, text: string): Promise<Sent | undefined> {
  const before = standIn.outbox().length
  standIn.receive({ from: digits(from), text })
  return (await standIn.waitForOutbox(before + 1))[before]
}

describe('attached to a client of a host', () => {
  test('answers commands, which the host skips', async () => {
    const { result, entries } = await entriesOf(warden, () => write(OWNER, '!config role list'))
    expect(result).toMatchObject({ to: chatOf(OWNER), text: expect.stringContaining('User Roles Summary') })
    expect(entries).toMatchObject([{ action: 'USERS_VIEWED', source: 'whatsapp', phoneNumber: OWNER }])
  })

  test('leaves every other message to the host', async () => {
    expect(await write(OWNER, 'hello')).toMatchObject({ text: 'echo hello' })
    expect(await write(OWNER, 'more')).toMatchObject({ text: 'echo more' })
    expect(await write(STRANGER, '!configure')).toMatchObject({ text: 'echo !configure' })
  })

  test('takes a bare more where there is a next page', async () => {
    const performedBy = { phoneNumber: STRANGER }
    for (let written = 0; written < 25; written++) await warden.AuditLogger.logConversationReset({ performedBy })
    await write(OWNER, '!config audit list')
    expect((await write(OWNER, 'more'))?.text).toContain('older entries')
    expect(await write(STRANGER, 'more')).toMatchObject({ text: 'echo more' })
  })

  test('sends each answer once, and nothing is kept that has arrived', async () => {
    const before = standIn.outbox().length
    await write(OWNER, '!config role list')
    await write(OWNER, 'bye')
    expect(standIn.outbox()).toHaveLength(before + 2)
    await expect.poll(() => warden.sql('SELECT id FROM outbox_messages')).toEqual([])
  })

  test('comes back with the page, as the host’s client does', async () => {
    await standIn.faults.reload()
    await standIn.listening()
    expect((await write(OWNER, '!config role list'))?.text).toContain('User Roles Summary')
  })

  test('admits who may write, whom it looks up behind a LID too', async () => {
    const lid = '770000000902'
    await standIn.person({ phone: digits(STRANGER), lid })
    const admissions: Promise<Admission>[] = []
    const listener = (message: Message) => void admissions.push(attached.admit(message))
    client.on('message', listener)
    const from = `${lid}@lid`
    const admit = async (text: string) => {
      const [count, before] = [admissions.length, standIn.outbox().length]
      standIn.receive({ from, text })
      await expect.poll(() => admissions.length).toBe(count + 1)
      // The host's echo, or it would be taken for the answer to what is written next.
      await standIn.waitForOutbox(before + 1)
      return admissions[count]
    }
    expect(await admit('hello')).toMatchObject({ admitted: true, sender: { phoneNumber: STRANGER, role: 'NONE' } })
    await warden.say(OWNER, `!config user block ${STRANGER}`)
    expect(await admit('hello again')).toMatchObject({ admitted: false, reason: 'blocked', text: expect.any(String) })
    expect(await admit('hello?')).toMatchObject({ admitted: false, reason: 'blocked', text: undefined })
    client.off('message', listener)
    // What is no message of the library's is nothing to answer.
    for (const madeUp of [{ body: 'made up' }, {}, undefined, null, 'text', 5] as never[]) {
      expect(await attached.admit(madeUp)).toMatchObject({ admitted: false })
      expect(attached.isCommand(madeUp)).toBe(false)
    }
  })

  test('claims as commands what it answers, and nothing else, and admits a picture like a text', async () => {
    const told: { readonly isCommand: boolean; readonly admission: Admission }[] = []
    const listener = async (message: Message) =>
      told.push({ isCommand: attached.isCommand(message), admission: await attached.admit(message) })
    client.on('message', listener)
    const from = digits(USER)
    const sendAs = async (extra: Record<string, unknown>, group?: string) => {
      const before = told.length
      standIn.receive({ from, text: '!config help', extra, ...(group !== undefined && { group }) })
      await expect.poll(() => told.length).toBe(before + 1)
      return told[before]
    }
    for (const type of ['image', 'video', 'document', 'ptt', 'sticker', 'location', 'poll_creation'])
      expect([type, await sendAs({ type })]).toEqual([
        type,
        { isCommand: false, admission: { admitted: true, sender: expect.objectContaining({ phoneNumber: USER }) } },
      ])
    await warden.say(OWNER, `!config user block ${USER}`)
    expect(await sendAs({ type: 'image' })).toMatchObject({ admission: { admitted: false, reason: 'blocked' } })
    await warden.say(OWNER, `!config user unblock ${USER}`)
    for (const type of ['e2e_notification', 'revoked', 'call_log'])
      expect(await sendAs({ type })).toMatchObject({ isCommand: false, admission: { admitted: false } })
    client.off('message', listener)
  })

  test('can be attached a second time, to another client, once the first is detached', async () => {
    await attached.detach()
    expect(listenersOf(client)).toEqual(listeners)
    const before = standIn.outbox().length
    standIn.receive({ from: digits(OWNER), text: '!config role list' })
    expect(await write(OWNER, 'still there?')).toMatchObject({ text: 'echo still there?' })
    expect(standIn.outbox()).toHaveLength(before + 1)
    attached = attach(warden, client)
    // At once: the host passes over what is a command from here on.
    expect(client.listenerCount('message')).toBe((listeners.message ?? 0) + 1)
    expect((await write(OWNER, '!config role list'))?.text).toContain('User Roles Summary')
    await attached.detach()
    await attached.detach()
    expect(listenersOf(client)).toEqual(listeners)
  })
})
