import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import whatsapp, { type Message } from 'whatsapp-web.js'
import { type BareClient, bareClient, observe, outcome, ready, readyClient, unanswered } from './bare-client.ts'
import { packagedBrowser } from './browser.ts'
import { startStandIn } from './stand-in.ts'

const ALICE = '15550001111'
const BOB = '15550002222'
const LID = '123450001111'

/** The message with this id, once the library has announced it. */
async function arrival({ messages }: BareClient, id: string): Promise<Message> {
  const find = () => messages.find((message) => message.id._serialized === id)
  await expect.poll(find, { timeout: 30_000 }).toBeDefined()
  return find() as Message
}

describe('pairing', () => {
  test('shows a QR code, and a new one when it expires, and is ready when it is scanned', async () => {
    const { client, standIn, events, seen } = await bareClient()
    await client.initialize()
    await seen('qr')
    await standIn.refreshQr()
    await seen('qr', 2)
    await standIn.pair()
    await seen('ready')
    expect(events).toEqual(['qr', 'qr', 'authenticated', 'ready'])
    expect(client.info.wid._serialized).toBe(standIn.id)
    expect(await client.getState()).toBe('CONNECTED')
    expect(await client.getWWebVersion()).toBe('stand-in')
  })

  test('gives a pairing code instead', async () => {
    const pairWithPhoneNumber = { phoneNumber: '15550009999', showNotification: true, intervalMs: 180_000 }
    const { client, standIn, events, seen } = await bareClient({}, { pairWithPhoneNumber })
    await client.initialize()
    await seen('code:STANDIN1')
    await standIn.pair()
    await seen('ready')
    expect(events).toEqual(['code:STANDIN1', 'authenticated', 'ready'])
  })

  test('is remembered in the profile directory, until client.logout()', async () => {
    const { client, events, seen } = await readyClient()
    await client.destroy()
    await client.initialize()
    await seen('ready', 2)
    await client.logout()
    await client.initialize()
    await seen('qr', 2)
    expect(events).toEqual(['qr', 'authenticated', 'ready', 'authenticated', 'ready', 'qr'])
  })
})

describe('a conversation', () => {
  let bare: BareClient
  let client: BareClient['client']
  let standIn: BareClient['standIn']

  // One browser for all of these: they do not disturb one another.
  beforeAll(async () => {
    bare = observe(await startStandIn())
    client = bare.client
    standIn = bare.standIn
    await ready(bare)
  })
  afterAll(() => bare.close())

  const sentText = async (text: string) => (await standIn.waitForOutbox((sent) => sent.text === text))[0]

  test('brings a text and takes a reply that quotes it', async () => {
    const start = bare.events.length
    const id = standIn.receive({ from: ALICE, text: 'hello', timestamp: 1_700_000_000 })
    const message = await arrival(bare, id)
    expect(message).toMatchObject({ from: `${ALICE}@c.us`, to: standIn.id, body: 'hello', timestamp: 1_700_000_000 })
    expect(message).toMatchObject({ fromMe: false, hasMedia: false, hasQuotedMsg: false, author: undefined })
    const reply = await message.reply('hi')
    const expected = { id: reply.id._serialized, to: `${ALICE}@c.us`, text: 'hi', quoted: id, mentions: [] }
    expect(await sentText('hi')).toEqual(expected)
    await bare.seen('ack:hi:1')
    expect(bare.events.slice(start)).toEqual(['message_create', 'message', 'message_create', 'ack:hi:1'])
  })

  test('carries quotes and mentions in', async () => {
    const first = standIn.receive({ from: ALICE, text: 'first' })
    const second = standIn.receive({ from: ALICE, text: `@${BOB} look`, quoted: first, mentions: [BOB] })
    const message = await arrival(bare, second)
    expect(message.mentionedIds).toEqual([`${BOB}@c.us`])
    expect((await message.getMentions()).map(({ number }) => number)).toEqual([BOB])
    const quoted = await message.getQuotedMessage()
    expect(quoted).toMatchObject({ body: 'first', from: `${ALICE}@c.us`, fromMe: false, id: { _serialized: first } })
  })

  test('lets people answer what the bot has sent', async () => {
    const own = await client.sendMessage(`${ALICE}@c.us`, 'sure?')
    await sentText('sure?')
    const answer = await arrival(bare, standIn.receive({ from: ALICE, text: 'yes', quoted: own.id._serialized }))
    expect((await answer.getQuotedMessage()).id._serialized).toBe(own.id._serialized)
  })

  test('happens in groups, where the author is the person', async () => {
    const group = await standIn.group('Team', [ALICE, `${LID}@lid`])
    const id = standIn.receive({ from: `${LID}:21@lid`, group, text: 'in here' })
    const message = await arrival(bare, id)
    expect(message).toMatchObject({ from: group, author: `${LID}:21@lid`, body: 'in here' })
    expect(await message.getChat()).toMatchObject({ isGroup: true, name: 'Team', participants: { length: 3 } })
    await message.reply('noted', undefined, { mentions: [`${LID}@lid`] })
    expect(await sentText('noted')).toMatchObject({ to: group, quoted: id, mentions: [`${LID}@lid`] })
  })

  test('takes documents byte for byte, with name and caption', async () => {
    const bytes = randomBytes(4 * 1024 * 1024)
    const media = new whatsapp.MessageMedia('text/csv', bytes.toString('base64'), 'Übersicht.csv')
    const options = { sendMediaAsDocument: true, caption: 'the file' }
    const message = await client.sendMessage(`${ALICE}@c.us`, media, options)
    expect(message.hasMedia).toBe(true)
    const document = (await sentText('the file'))?.document
    expect(document).toMatchObject({ type: 'document', name: 'Übersicht.csv', mimeType: 'text/csv' })
    const hash = (data: Buffer | undefined) =>
      createHash('sha256')
        .update(data ?? '')
        .digest('hex')
    expect(hash(document?.bytes)).toBe(hash(bytes))
  })

  test('acknowledges what was sent when the test says so', async () => {
    standIn.holdAcks()
    const { id } = await client.sendMessage(`${ALICE}@c.us`, 'two')
    await sentText('two')
    expect(bare.events).not.toContain('ack:two:1')
    standIn.ack(id._serialized, 2)
    await bare.seen('ack:two:2')
    standIn.holdAcks(false)
  })

  test('includes what the owner types on the telephone', async () => {
    const announced = new Promise<Message>((resolve) => client.once('message_create', resolve))
    const id = standIn.typeOnPhone({ chat: standIn.id, text: 'note to myself' })
    expect(await announced).toMatchObject({ fromMe: true, to: standIn.id, id: { _serialized: id } })
    expect(bare.messages.some(({ body }) => body === 'note to myself')).toBe(false)
  })

  test('marks as seen and takes links, as the library does unless told otherwise', async () => {
    const message = await arrival(bare, standIn.receive({ from: BOB, text: 'hi' }))
    expect((await message.getChat()).unreadCount).toBe(1)
    await client.sendMessage(message.from, 'see https://example.org')
    expect(await sentText('see https://example.org')).toMatchObject({ hasPreview: true })
    expect((await message.getChat()).unreadCount).toBe(0)
  })

  test('brings what a test makes of a message', async () => {
    const extra = { type: 'image', caption: 'look' }
    expect(await arrival(bare, standIn.receive({ from: BOB, text: 'a.png', extra }))).toMatchObject({ type: 'image' })
    const status = await arrival(bare, standIn.receive({ from: BOB, group: 'status@broadcast', text: 'at the sea' }))
    expect(status).toMatchObject({ isStatus: true, author: `${BOB}@c.us` })
  })

  test('refuses a number that WhatsApp does not know', async () => {
    expect(await outcome(client.sendMessage('15550007777@c.us', 'hello?'))).toBe('rejected: No LID for user')
    expect(await client.getNumberId('15550007777')).toBeNull()
  })

  test('a hundred messages are answered in order', async () => {
    const echo = (message: Message) => void message.reply(`echo ${message.body}`).catch(() => {})
    client.on('message', echo)
    for (let index = 0; index < 100; index++) standIn.receive({ from: ALICE, text: String(index) })
    await sentText('echo 99')
    client.off('message', echo)
    const echoes = standIn.outbox().filter(({ text }) => text.startsWith('echo'))
    expect(echoes.map(({ text }) => text)).toEqual([...Array(100).keys()].map((index) => `echo ${index}`))
  })

  test('people have a phone and a LID, of which WhatsApp may hide the phone', async () => {
    await standIn.person({ phone: '15550003333', lid: '333', name: 'Carol' })
    const message = await arrival(bare, standIn.receive({ from: '333:21@lid', text: 'hi' }))
    expect(message.from).toBe('333:21@lid')
    const both = { lid: '333@lid', pn: '15550003333@c.us' }
    expect(await client.getContactLidAndPhone(['333@lid', '15550003333@c.us'])).toEqual([both, both])
    expect(await message.getContact()).toMatchObject({ number: '333', pushname: 'Carol', id: { user: '15550003333' } })
    expect(await client.getNumberId('15550003333')).toMatchObject({ _serialized: '15550003333@c.us' })
    await expect.poll(() => standIn.lookups(), { timeout: 30_000 }).toContain('333@lid')

    await standIn.hidePhone('333')
    expect(await client.getContactLidAndPhone(['333@lid'])).toEqual([{ lid: '333@lid' }])
    await message.reply('answered all the same')
    expect((await sentText('answered all the same'))?.to).toBe('333@lid')
  })

  test('people may come to have a second LID, or another phone', async () => {
    await standIn.person({ phone: '15550004444', lid: '444' })
    await standIn.person({ phone: '15550004444', lid: '445' })
    expect(await client.getContactLidAndPhone(['15550004444@c.us'])).toMatchObject([{ lid: '445@lid' }])
    expect(await client.getContactLidAndPhone(['444@lid'])).toMatchObject([{ pn: '15550004444@c.us' }])
    await standIn.person({ phone: '15550005555', lid: '444' })
    expect(await client.getContactLidAndPhone(['444@lid'])).toMatchObject([{ pn: '15550005555@c.us' }])
    await standIn.person({ phone: '15550006666', lid: '444:21' })
    const phones = await client.getContactLidAndPhone(['444@lid', '444:20@lid', '444:21@lid'])
    expect(phones.map(({ pn }) => pn)).toEqual(['15550005555@c.us', '15550005555@c.us', '15550006666@c.us'])
  })

  test('goes on when the bot was away; what came before does not come again', async () => {
    const before = standIn.receive({ from: ALICE, text: 'before' })
    await arrival(bare, before)
    await standIn.delivered()
    await client.destroy()
    const start = bare.messages.length
    const message = standIn.receive({ from: ALICE, text: 'while away' })
    await client.initialize()
    const { from } = await arrival(bare, message)
    await client.sendMessage(from, 'still knows it', { quotedMessageId: before })
    expect((await sentText('still knows it'))?.quoted).toBe(before)
    expect(bare.messages.slice(start)).toHaveLength(1)
  })
})

test('works in the Chromium of an npm package as well', async () => {
  const bare = await readyClient({ browserPath: await packagedBrowser() })
  const { client, standIn, seen } = bare
  const message = await arrival(bare, standIn.receive({ from: ALICE, text: 'hi' }))
  await message.reply('hello')
  await standIn.waitForOutbox(1)
  await standIn.faults.hang()
  expect(await unanswered(client.getState())).toBe(true)
  await standIn.faults.resume()
  await standIn.faults.crashRenderer()
  expect(await unanswered(client.getState())).toBe(true)
  await standIn.faults.killBrowser()
  await client.initialize()
  await seen('ready', 2)
})

test('leaves nothing running and nothing behind', async () => {
  const standIn = await startStandIn()
  const { client } = observe(standIn)
  await client.initialize()
  const browser = client.pupBrowser?.process()
  await standIn.close()
  await expect.poll(() => browser?.signalCode, { timeout: 30_000 }).toBe('SIGKILL')
  expect(existsSync(standIn.cacheDir)).toBe(false)
})
