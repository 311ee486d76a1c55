import { describe, expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../../src/kernel/clock.ts'
import { english } from '../../../src/text/english.ts'
import { door } from '../../support/door.ts'
import { ALICE, BOB, type ChatOptions, shareAccount } from '../../support/whatsapp-chat.ts'
import type { Incoming } from '../../support/whatsapp-web/stand-in.ts'

const account = shareAccount()
let people = 0

/** A LID that no test before had, of somebody with this number. */
async function newLid(phone?: string): Promise<string> {
  const lid = String(800_000 + ++people)
  await account.standIn.person({ lid, ...(phone !== undefined && { phone }) })
  return lid
}

const group = (): Promise<string> => account.standIn.group('Team', [ALICE, BOB])
const chatOf = (digits: string) => `${digits}@c.us`
const seconds = (ms: number) => Math.floor(ms / 1000)

describe('a message', () => {
  test('in private comes from the person, with the name they chose', async () => {
    await account.standIn.person({ phone: ALICE, name: 'Alice ✨' })
    const { hear } = await account.open()
    const { id, ...message } = await hear({ from: ALICE, text: '!config role list', id: 'NAMED' })
    expect(id).toBe(`false_${ALICE}@c.us_NAMED`)
    const sender = { id: chatOf(ALICE), phone: `+${ALICE}`, name: 'Alice ✨' }
    const chat = { id: chatOf(ALICE), kind: 'private' }
    expect(message).toEqual({ source: 'whatsapp', chat, sender, text: '!config role list' })
  })

  test('in a group comes from its author, with the device they wrote on', async () => {
    const [team, { hear }] = [await group(), await account.open()]
    const message = await hear({ from: `${ALICE}:4@c.us`, group: team, text: '!config help' })
    const sender = { id: `${ALICE}:4@c.us`, phone: `+${ALICE}` }
    expect(message).toMatchObject({ chat: { id: team, kind: 'group' }, sender })
  })

  test('by a LID has the phone and the account that WhatsApp gives, and the chat that it came from', async () => {
    const [lid, { hear }] = [await newLid(BOB), await account.open()]
    const { sender, chat } = await hear({ from: `${lid}:21@lid`, text: '!config help' })
    expect(sender).toEqual({ id: `${lid}:21@lid`, phone: `+${BOB}`, account: `${lid}@lid` })
    expect(chat).toEqual({ id: `${lid}@lid`, kind: 'private' })
  })

  test('by a hidden phone has none', async () => {
    const [team, { hear }] = [await group(), await account.open()]
    const { sender } = await hear({ from: '15550004321@lid', group: team, text: '!config help' })
    expect(sender).toEqual({ id: '15550004321@lid' })
  })

  test('that is no command causes no lookup, of nobody in it', async () => {
    const [lid, other, { hear }] = [await newLid(BOB), await newLid(ALICE), await account.open()]
    const { id: quoted } = await hear({ from: `${other}@lid`, text: 'earlier' })
    const before = (await account.lookups()).length
    const message = await hear({ from: `${lid}@lid`, text: 'hi all', mentions: [`${other}@lid`], quoted })
    expect(message.sender).toEqual({ id: `${lid}@lid`, unverified: true })
    expect(message).not.toHaveProperty('mentions')
    expect(await account.lookups()).toHaveLength(before)
  })
})

/** Everybody may send commands that name others. */
const openForAll = () => {
  const { accounts } = account.warden.whatsApp
  return account.open({ parts: { accounts: { ...accounts, mayName: async () => true } } })
}

describe('people in a command', () => {
  test('who are mentioned are resolved like senders', async () => {
    const [bob, hidden, { hear }] = [await newLid(BOB), await newLid(), await openForAll()]
    const mentions = [`${bob}@lid`, `${hidden}:3@lid`, chatOf('15550003333')]
    const message = await hear({ from: ALICE, text: '!config role info @1 @2 @3', mentions })
    expect(message.mentions).toEqual([
      { text: `@${bob}`, sender: { id: `${bob}@lid`, phone: `+${BOB}` } },
      { text: `@${hidden}`, sender: { id: `${hidden}:3@lid` } },
      { text: '@15550003333', sender: { id: chatOf('15550003333'), phone: '+15550003333' } },
    ])
  })

  test('who are quoted as well, in a group by the author', async () => {
    const [team, bob, chat] = [await group(), await newLid(BOB), await openForAll()]
    const { id } = await chat.hear({ from: `${bob}:2@lid`, group: team, text: 'me?' })
    const message = await chat.hear({ from: ALICE, group: team, text: '!config role info', quoted: id })
    expect(message.quoted).toEqual({ id, sender: { id: `${bob}:2@lid`, phone: `+${BOB}` } })
  })

  test('who are quoted stay unknown if the page can not tell, and the command goes on', async () => {
    const { hear } = await account.open()
    const extra = { quotedMsg: { type: 'chat', body: 'of whom?' } }
    const message = await hear({ from: ALICE, text: '!config role info', extra })
    expect(message).not.toHaveProperty('quoted')
    expect(message.sender.phone).toBe(`+${ALICE}`)
  })

  test('are not looked up on the word of somebody who may name nobody, and never more than five', async () => {
    const [hidden, { hear, finish }] = [await newLid(), await account.open()]
    const mentions = Array.from({ length: 50 }, (_, index) => `${500_000 + index}@lid`)
    const asked = async () => (await account.lookups()).filter((id) => mentions.includes(id))
    await hear({ from: `${hidden}@lid`, text: '!config help', mentions })
    await hear({ from: ALICE, text: '!config help', mentions })
    expect(await asked()).toEqual([])
    await finish()
    const admin = await openForAll()
    await admin.hear({ from: ALICE, text: '!config help', mentions })
    expect(new Set(await asked())).toEqual(new Set(mentions.slice(0, 5)))
  })
})

describe('what is left alone', () => {
  test.each<[string, Omit<Incoming, 'text'> & { readonly text?: string }]>([
    ['a status', { from: ALICE, group: 'status@broadcast' }],
    ['a status by its mark', { from: ALICE, extra: { isStatusV3: true } }],
    ['a broadcast list', { from: ALICE, extra: { broadcast: true } }],
    ['a newsletter', { from: '120363@newsletter' }],
    ['a picture with a caption', { from: ALICE, extra: { type: 'image', caption: '!config help' } }],
    ['what was deleted', { from: ALICE, extra: { type: 'revoked' } }],
    ['an empty text', { from: ALICE, text: '' }],
    ['a group message of nobody', { from: ALICE, group: '120363000000000077@g.us', extra: { author: null } }],
  ])('%s', async (_, incoming) => {
    const { finish, heard } = await account.open()
    account.standIn.receive({ text: '!config help', ...incoming })
    await finish()
    expect(heard).toEqual([])
  })

  test('what the bot itself sends, and what its owner types', async () => {
    const { adapter, finish, heard } = await account.open()
    await adapter.send({ kind: 'chat', chatId: chatOf(ALICE) }, { text: '!config help' })
    account.standIn.typeOnPhone({ chat: ALICE, text: '!config help' })
    account.standIn.typeOnPhone({ chat: account.standIn.id, text: '!config help' })
    await finish()
    expect(heard).toEqual([])
  })
})

describe('a message that comes twice', () => {
  test('counts once', async () => {
    const { hear, finish, heard } = await account.open()
    const { id } = await hear({ from: ALICE, text: '!config help' })
    account.standIn.faults.duplicate(id)
    await finish()
    expect(heard).toHaveLength(1)
  })

  test('is handed over if the database can not say, for the command has it in its own commit', async () => {
    const { warden } = account
    warden.sql('ALTER TABLE processed_messages RENAME TO elsewhere')
    const { hear } = await account.open()
    const heard = await hear({ from: ALICE, text: '!config help' }).finally(() =>
      warden.sql('ALTER TABLE elsewhere RENAME TO processed_messages'),
    )
    expect(heard.text).toBe('!config help')
  })
})

describe('an old command', () => {
  test('of up to five minutes is carried out', async () => {
    const { hear, clock, sent } = await account.open()
    await hear({ from: ALICE, text: '!config help', timestamp: seconds(clock.now() - 4.9 * MINUTE) })
    expect(await sent()).toEqual([])
  })

  test('of more is not, and one apology to each chat says so', async () => {
    const [team, { clock, heard, sends, sent, finish }] = [await group(), await account.open()]
    const timestamp = seconds(clock.now() - 6 * MINUTE)
    const first = account.standIn.receive({ from: ALICE, text: '!config 1', timestamp })
    account.standIn.receive({ from: ALICE, text: '!config 2', timestamp })
    const third = account.standIn.receive({ from: ALICE, group: team, text: '!config 3', timestamp })
    account.standIn.receive({ from: BOB, text: 'old chatter', timestamp })
    await sends(2)
    await finish()
    const apology = { text: english.chat.wasAway }
    const toAlice = expect.objectContaining({ ...apology, to: chatOf(ALICE), quoted: first })
    const toTeam = expect.objectContaining({ ...apology, to: team, quoted: third })
    expect(await sent()).toEqual(expect.arrayContaining([toAlice, toTeam]))
    expect(await sent()).toHaveLength(2)
    expect(heard).toEqual([])
  })

  test('says what time it is all the same', async () => {
    const told: unknown[] = []
    const { clock, sends, hear } = await account.open({ parts: { heard: { hear: (at) => void told.push(at) } } })
    const timestamps = [seconds(clock.now() - 2 * HOUR), seconds(clock.now())]
    account.standIn.receive({ from: ALICE, text: '!config 1', timestamp: timestamps[0] })
    await sends(1)
    await hear({ from: ALICE, text: 'chatter', timestamp: timestamps[1] })
    expect(told).toEqual(timestamps.map((each) => Number(each) * 1000))
  })

  test('is apologised for again when the bot was away another time', async () => {
    const { clock, sends } = await account.open()
    account.standIn.receive({ from: ALICE, text: '!config 1', timestamp: seconds(clock.now() - HOUR) })
    await sends(1)
    clock.advance(HOUR)
    account.standIn.receive({ from: ALICE, text: '!config 2', timestamp: seconds(clock.now() - HOUR) })
    await sends(2)
  })

  test('that was carried out when it was young is no reason to apologise', async () => {
    const first = await account.open()
    const message = await first.hear({ from: ALICE, text: '!config help' })
    await account.warden.handle(message)
    await first.finish()
    const { clock, finish, sent } = await account.open()
    clock.advance(HOUR)
    account.standIn.faults.duplicate(message.id)
    await finish()
    expect(await sent()).toEqual([])
  })
})

const nothing = () => {}
const NOBODY_COUNTS = { name: '', key: '', discount: nothing, until: nothing, end: nothing }

describe('a flood', () => {
  /** A chat in which what is handed over waits until the test opens the door. */
  async function slowChat() {
    const { passed, open } = door()
    const chat = await account.open({
      onMessage: async (message, { note }) => {
        await passed
        note(message)
      },
    })
    return { chat, open }
  }

  test('of commands by one sender waits by fifty, of which the next is the one to answer, and by no more', async () => {
    const { chat, open } = await slowChat()
    // Hears everything right after the other one.
    const [flooder, witness] = [await newLid(), await account.open({ parts: { arrive: () => NOBODY_COUNTS } })]
    for (let index = 0; index < 80; index++)
      account.standIn.receive({ from: `${flooder}@lid`, text: `!config audit list ${index}` })
    account.standIn.receive({ from: ALICE, text: '!config help' })
    await witness.hear({ from: ALICE, text: 'after all of that' })
    open()
    await chat.finish()
    const numbers = chat.heard.flatMap(({ text }) => /list (\d+)/.exec(text)?.[1] ?? [])
    expect(numbers).toEqual(Array.from({ length: 51 }, (_, index) => String(index)))
    expect(chat.heard.filter(({ text }) => text === '!config help')).toHaveLength(1)
  })

  test('of messages that are no commands waits by a thousand in a chat, and the log says so', async () => {
    const { chat, open } = await slowChat()
    // Hears everything right after the other one.
    const witness = await account.open()
    for (let index = 0; index < 1100; index++) account.standIn.receive({ from: BOB, text: `hello ${index}` })
    await witness.hear({ from: ALICE, text: 'after all of that' })
    open()
    await chat.finish()
    expect(chat.heard.filter(({ text }) => text.startsWith('hello'))).toHaveLength(1000)
    expect(chat.logged.filter((line) => line.includes('too many wait'))).toHaveLength(1)
  })
})

describe('the owner writing to himself', () => {
  const own: ChatOptions = { options: { answersOwnChat: true } }

  test('is heard, where that is wanted, as the owner of the account', async () => {
    const { hears, heard } = await account.open(own)
    account.standIn.typeOnPhone({ chat: account.standIn.id, text: '!config help' })
    await hears(1)
    const chat = { id: account.standIn.id, kind: 'private' }
    expect(heard).toMatchObject([{ text: '!config help', chat, sender: { id: account.standIn.id } }])
  })

  test('is heard where the own chat goes by LID', async () => {
    const { hears, heard } = await account.open(own)
    const extra = { from: '99900009999:3@lid' }
    account.standIn.typeOnPhone({ chat: '99900009999@lid', text: '!config help', extra })
    await hears(1)
    expect(heard).toMatchObject([{ chat: { id: '99900009999@lid' }, sender: { id: account.standIn.id } }])
  })

  test('is not heard in a chat with somebody else, nor is what the bot writes', async () => {
    const { adapter, finish, heard } = await account.open(own)
    account.standIn.typeOnPhone({ chat: ALICE, text: '!config help' })
    await adapter.send({ kind: 'chat', chatId: account.standIn.id }, { text: '!config help' })
    await finish()
    expect(heard).toEqual([])
  })
})
