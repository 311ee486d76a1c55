import { spawn } from 'node:child_process'
import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type BareClient, observe, outcome, sharedClient, unanswered } from './bare-client.ts'

const ALICE = '15550001111'
const CHAT = `${ALICE}@c.us`

const shared = sharedClient({ authTimeoutMs: 1500 })
let bare: BareClient
let client: BareClient['client']
let standIn: BareClient['standIn']

beforeEach(async () => {
  bare = shared()
  client = bare.client
  standIn = bare.standIn
  await standIn.person({ phone: ALICE })
})

/** Lets an unhandled rejection, which would end a program, happen. Returns what was rejected. */
function expectUnhandledRejection(): Promise<unknown> {
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  onTestFinished(() => {
    process.removeAllListeners('unhandledRejection')
    for (const listener of others) process.on('unhandledRejection', listener)
  })
  return new Promise((resolve) => process.on('unhandledRejection', resolve))
}

const messageArrives = async () => {
  const count = bare.messages.length
  standIn.receive({ from: ALICE, text: 'are you there?' })
  await bare.seen('message', count + 1)
}

/** A new browser, and the same client. */
const startsAgain = async () => {
  await client.destroy()
  await client.initialize()
  await bare.seen('ready', bare.events.filter((event) => event === 'ready').length + 1)
  await standIn.listening()
}

const READY = ['authenticated', 'ready']
const MESSAGE = ['message_create', 'message']

const sent = (text: string) => standIn.waitForOutbox((each) => each.text === text)
const texts = () => standIn.outbox().map(({ text }) => text)

describe('the browser', () => {
  test('killed: no event; calls reject; a new initialize recovers', async () => {
    await standIn.faults.hang()
    const during = outcome(client.getState())
    await standIn.faults.killBrowser()
    expect(await during).toMatch(/^rejected: .*(Target closed|detached)/)
    expect(await outcome(client.getState())).toMatch(/^rejected: .*(detached Frame|Target closed|Session closed)/)
    expect(bare.events).toEqual([])
    await client.initialize()
    await bare.seen('ready')
    await messageArrives()
  })

  test('with a crashed page: only the page says so; calls hang; destroy and initialize recover', async () => {
    const errors: string[] = []
    client.pupPage?.on('error', (error) => errors.push(error.message))
    await standIn.faults.crashRenderer()
    expect(await unanswered(client.getState(), client.sendMessage(CHAT, 'anyone?'))).toBe(true)
    await expect.poll(() => errors).toEqual(['Page crashed!'])
    expect(bare.events).toEqual([])
    await startsAgain()
    await messageArrives()
  })

  test('with a hung page: calls wait, and messages too, until it goes on', async () => {
    await standIn.faults.hang()
    standIn.receive({ from: ALICE, text: 'patience' })
    const sending = client.sendMessage(CHAT, 'later')
    expect(await unanswered(sending, client.getState())).toBe(true)
    expect(bare.messages).toEqual([])
    await standIn.faults.resume()
    expect(await outcome(sending)).toBe('resolved')
    await bare.seen('message')
  })

  test('with a hung page can be destroyed', async () => {
    await standIn.faults.hang()
    await startsAgain()
  })
})

describe('sending', () => {
  test('fails: the call is rejected and nothing goes out', async () => {
    await standIn.faults.sendError()
    expect(await outcome(client.sendMessage(CHAT, 'one'))).toMatch(/^rejected: the stand-in refuses this message/)
    await client.sendMessage(CHAT, 'two')
    await sent('two')
    expect(texts()).not.toContain('one')
  })

  test('stalls, and the message may have gone out or not', async () => {
    await standIn.faults.stallSend(true)
    const first = client.sendMessage(CHAT, 'gone out')
    await sent('gone out')
    await standIn.faults.stallSend(false)
    expect(await unanswered(first, client.sendMessage(CHAT, 'not gone out'))).toBe(true)
    expect(texts()).not.toContain('not gone out')
  })

  test('goes out or not, and the library does not say what became of it', async () => {
    await standIn.faults.blankSend(true)
    expect(await client.sendMessage(CHAT, 'gone, and not told')).toBeUndefined()
    await standIn.faults.blankSend(false)
    expect(await client.sendMessage(CHAT, 'not gone, and not told')).toBeUndefined()
    await standIn.faults.struck()
    await sent('gone, and not told')
    expect(texts()).not.toContain('not gone, and not told')
  })

  test('is lost with its page', async () => {
    await standIn.faults.loseSend()
    const { id } = await client.sendMessage(CHAT, 'lost')
    expect(await client.getMessageById(id._serialized)).toMatchObject({ body: 'lost' })
    await standIn.faults.reload()
    await standIn.listening()
    expect(await client.getMessageById(id._serialized)).toBeNull()
    expect(texts()).not.toContain('lost')
  })

  test('fails because the chat cannot be marked as seen, unless sendSeen is off', async () => {
    await standIn.faults.seenError()
    expect(await outcome(client.sendMessage(CHAT, 'unseen'))).toMatch(/^rejected: .*mark this chat/)
    await standIn.faults.seenError()
    expect(await outcome(client.sendMessage(CHAT, 'not to be seen', { sendSeen: false }))).toBe('resolved')
    await standIn.faults.seenError(0)
  })

  test('is refused by WhatsApp afterwards', async () => {
    standIn.holdAcks()
    const { id } = await client.sendMessage(CHAT, 'refused')
    await sent('refused')
    standIn.ack(id._serialized, -1)
    await bare.seen('ack:refused:-1')
    standIn.holdAcks(false)
  })
})

describe('events', () => {
  test('ready is missed, authenticated too, while the state is CONNECTED', async () => {
    standIn.faults.missedReady()
    await standIn.faults.reload()
    await client.pupPage?.evaluate(`require('WAWebSocketModel').Socket.heard('change:hasSynced')`)
    expect(await client.getState()).toBe('CONNECTED')
    expect(bare.events).toEqual([])
    await startsAgain()
  })

  test('ready is false: sends work, but no message event ever fires, not even for what was sent', async () => {
    standIn.faults.falseReady()
    await standIn.faults.reload()
    await bare.seen('ready')
    await standIn.listening()
    standIn.receive({ from: ALICE, text: 'anyone?' })
    await client.sendMessage(CHAT, 'I think so')
    await sent('I think so')
    await bare.heard()
    expect(bare.events.filter((event) => event.startsWith('message'))).toEqual([])
    await startsAgain()
    await messageArrives()
  })

  test('messages stop coming while all else works', async () => {
    await messageArrives()
    await standIn.faults.deafen()
    standIn.receive({ from: ALICE, text: 'and now?' })
    await client.sendMessage(CHAT, 'all is well')
    await bare.heard()
    expect(bare.messages).toHaveLength(1)
    expect(await client.getState()).toBe('CONNECTED')
    await startsAgain()
  })

  test('ready and authenticated repeat, and each message still comes once', async () => {
    await standIn.faults.repeatReady()
    await bare.seen('ready')
    await messageArrives()
    await bare.heard()
    expect(bare.events).toEqual([...READY, ...MESSAGE])
  })

  test('a message event repeats, even after a restart', async () => {
    const id = standIn.receive({ from: ALICE, text: 'once?' })
    standIn.faults.duplicate(id)
    await bare.seen('message', 2)
    await standIn.delivered()
    await startsAgain()
    standIn.faults.duplicate(id)
    await bare.seen('message', 3)
    expect(bare.messages.map((message) => message.id._serialized)).toEqual([id, id, id])
  })
})

describe('the connection', () => {
  test('reload: authenticated and ready once more, and messages come once', async () => {
    await standIn.faults.reload()
    await bare.seen('ready')
    await messageArrives()
    await bare.heard()
    expect(bare.events).toEqual([...READY, ...MESSAGE])
  })

  test('failed re-injection: an unhandled rejection, and no event', async () => {
    const rejection = expectUnhandledRejection()
    await standIn.faults.failReinjection()
    expect(await rejection).toBe('auth timeout')
    expect(bare.events).toEqual([])
    expect(await outcome(client.getState())).toMatch(/^rejected/)
    await startsAgain()
  })

  test('failed first load: initialize rejects, and its browser keeps running', async () => {
    await client.destroy()
    standIn.faults.failLoad()
    expect(await outcome(client.initialize())).toBe('rejected: auth timeout')
    expect(client.pupBrowser?.connected).toBe(true)
    await startsAgain()
  })

  test('TIMEOUT, OPENING, PAIRING: change_state, nothing else', async () => {
    const states = ['TIMEOUT', 'OPENING', 'PAIRING', 'CONNECTED']
    for (const state of states) await standIn.faults.changeState(state)
    await bare.heard()
    expect(bare.events).toEqual(states.map((state) => `change_state:${state}`))
    expect(client.pupBrowser?.connected).toBe(true)
  })

  test('conflict: change_state, disconnected, the browser closed, nothing reconnects', async () => {
    await standIn.faults.conflict()
    await bare.seen('disconnected:CONFLICT')
    await expect.poll(() => client.pupBrowser?.connected, { timeout: 30_000 }).toBe(false)
    await client.initialize()
    await bare.seen('ready')
    await messageArrives()
    await bare.heard()
    expect(bare.events).toEqual(['change_state:CONFLICT', 'disconnected:CONFLICT', ...READY, ...MESSAGE])
  })

  test('the same session in a second browser: a conflict in the first', async () => {
    await client.destroy()
    const copy = `${bare.dataPath}-copy`
    cpSync(bare.dataPath, copy, { recursive: true })
    await client.initialize()
    await bare.seen('ready')
    const second = observe(standIn, {}, copy)
    await second.client.initialize()
    await second.seen('ready')
    await bare.seen('disconnected:CONFLICT')
    standIn.receive({ from: ALICE, text: 'who gets this?' })
    await second.seen('message')
    expect(bare.messages).toEqual([])
    await second.client.destroy()
    await startsAgain()
  })
})

const BOT = `
  import whatsapp from 'whatsapp-web.js'
  const { dataPath, ...options } = JSON.parse(process.env.OPTIONS)
  const client = new whatsapp.Client({ ...options, authStrategy: new whatsapp.LocalAuth({ dataPath }) })
  client.on('message', (message) => message.reply('pong'))
  await client.initialize()
`

test('a bot in a process of its own, killed: its browser lives on, and bars the next start if it locks profiles', async () => {
  await client.destroy()
  const OPTIONS = JSON.stringify({ ...standIn.clientOptions(), dataPath: bare.dataPath })
  const bot = spawn(process.execPath, ['--input-type=module', '-e', BOT], { env: { ...process.env, OPTIONS } })
  onTestFinished(() => void bot.kill('SIGKILL'))
  standIn.receive({ from: ALICE, text: 'ping' })
  await sent('pong')
  bot.kill('SIGKILL')
  // A full Chromium locks its profile; a headless shell, such as @sparticuz/chromium, does not.
  const locks = readdirSync(join(bare.dataPath, 'session')).includes('SingletonLock')
  const expected = locks ? /^rejected: The browser is already running/ : /^resolved$/
  expect(await outcome(client.initialize())).toMatch(expected)
  await standIn.faults.killBrowser()
  await client.initialize()
  await bare.seen('ready')
  await messageArrives()
})

// The last one, because the session is not in its folder any more.
test('logout: disconnected, the session deleted under the open browser, a QR code on the same client', async () => {
  const file = join(bare.dataPath, 'session', 'left-behind')
  writeFileSync(file, '')
  await standIn.faults.logout()
  await bare.seen('qr')
  expect(existsSync(file)).toBe(false)
  expect(bare.events).toEqual(['disconnected:LOGOUT', 'qr'])
  expect(client.pupBrowser?.connected).toBe(true)
  await standIn.pair()
  await bare.seen('ready')
  await messageArrives()
})
