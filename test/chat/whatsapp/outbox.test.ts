import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { english } from '../../../src/text/english.ts'
import { temporaryFolder } from '../../support/chatwarden.ts'
import { ALICE, BOB, type Chat, shareAccount } from '../../support/whatsapp-chat.ts'
import type { Sent } from '../../support/whatsapp-web/stand-in.ts'

const account = shareAccount()
const alice = { kind: 'chat', chatId: `${ALICE}@c.us` } as const
const csv = { kind: 'document', name: 'log.csv', mimeType: 'text/csv' } as const
let group: string

beforeAll(async () => {
  group = await account.standIn.group('Team', [ALICE, BOB])
  await account.standIn.person({ lid: '123' })
})

describe('where a message goes', () => {
  test.each([
    ['to the chat that was received', { kind: 'chat', chatId: '123@lid' }, '123@lid'],
    ['to the sender, by the id they wrote with', { kind: 'sender', senderId: '123@lid', phone: `+${BOB}` }, '123@lid'],
    ['to somebody by number', { kind: 'person', account: `+${BOB}` }, `${BOB}@c.us`],
  ] as const)('is %s', async (_, destination, to) => {
    const { adapter, sends } = await account.open()
    await adapter.send(destination, { text: 'hi' })
    expect(await sends(1)).toMatchObject([{ to, text: 'hi' }])
  })

  test('is never one device', async () => {
    const { adapter, sends } = await account.open()
    await adapter.send({ kind: 'sender', senderId: '123:21@lid', phone: undefined }, { text: 'hi' })
    expect(await sends(1)).toMatchObject([{ to: '123@lid', text: 'hi' }])
  })

  test('is nowhere for an account of another platform', async () => {
    const { adapter, sent } = await account.open()
    const telegram = { kind: 'person', account: 'telegram:42' } as const
    await expect(adapter.send(telegram, { text: 'hi' })).rejects.toThrow('telegram:42 has no chat on WhatsApp')
    expect(await sent()).toEqual([])
  })

  test('is to the group that it came from', async () => {
    const { adapter, hear, sends } = await account.open()
    const { chat } = await hear({ from: ALICE, group, text: 'hi all' })
    await adapter.send({ kind: 'chat', chatId: chat.id }, { text: 'hi' })
    expect(await sends(1)).toMatchObject([{ to: group, text: 'hi' }])
  })
})

describe('a text', () => {
  test('quotes what it answers', async () => {
    const { adapter, hear, sends } = await account.open()
    const { id } = await hear({ from: ALICE, text: 'well?' })
    await adapter.send(alice, { text: 'yes', quotedId: id })
    expect(await sends(1)).toMatchObject([{ text: 'yes', quoted: id }])
  })

  test('goes without the quote where the page does not know the message', async () => {
    const { adapter, sends } = await account.open()
    await adapter.send(alice, { text: 'yes', quotedId: `false_${ALICE}@c.us_GONE` })
    const [sent] = await sends(1)
    expect(sent?.text).toBe('yes')
    expect(sent).not.toHaveProperty('quoted')
  })

  test('goes without the quote where the library refuses it', async () => {
    const { adapter, hear, sends } = await account.open()
    const { id } = await hear({ from: ALICE, text: 'well?' })
    await account.standIn.faults.sendError()
    await adapter.send(alice, { text: 'yes', quotedId: id })
    const [sent, ...more] = await sends(1)
    expect(sent).not.toHaveProperty('quoted')
    expect(more).toEqual([])
  })

  test('carries no preview of its links', async () => {
    const { adapter, sends } = await account.open()
    await adapter.send(alice, { text: 'see https://example.org' })
    const [sent] = await sends(1)
    expect(sent?.text).toBe('see https://example.org')
    expect(sent).not.toHaveProperty('hasPreview')
  })

  test('goes out though the chat can not be marked as seen', async () => {
    const { adapter, sends } = await account.open()
    await account.standIn.faults.seenError()
    await adapter.send(alice, { text: 'seen or not' })
    await sends(1)
  })

  test('is refused where it is empty', async () => {
    const { adapter, sent } = await account.open()
    await expect(adapter.send(alice, { text: ' \n' })).rejects.toThrow('without text or file')
    expect(await sent()).toEqual([])
  })

  test('that the library refuses rejects with its words, and is not tried again', async () => {
    const { adapter, sent } = await account.open()
    await account.standIn.faults.sendError()
    await expect(adapter.send(alice, { text: 'hi' })).rejects.toThrow('refuses this message')
    const nobody = { kind: 'person', account: '+15559999999' } as const
    await expect(adapter.send(nobody, { text: 'hi' })).rejects.toThrow('No LID for user')
    expect(await sent()).toEqual([])
  })

  test('waits for the connection', async () => {
    const { adapter, start, sent, sends } = await account.open({ starts: false })
    const sending = adapter.send(alice, { text: 'early' })
    expect(await sent()).toEqual([])
    await start()
    await sending
    expect(await sends(1)).toMatchObject([{ text: 'early' }])
  })
})

describe('a file', () => {
  test('goes with its name, type, bytes and caption', async () => {
    const { adapter, sends } = await account.open()
    const path = join(temporaryFolder(), 'a')
    await writeFile(path, 'a,b\n1,2\n')
    await adapter.send(alice, { text: 'the *log*', attachment: { ...csv, path } })
    const [sent] = await sends(1)
    expect(sent).toMatchObject({ text: 'the *log*', document: { type: 'document', name: 'log.csv' } })
    expect(sent?.document?.mimeType).toBe('text/csv')
    expect(sent?.document?.bytes.toString()).toBe('a,b\n1,2\n')
  })

  test('goes as a picture where it is one', async () => {
    const { adapter, sends } = await account.open()
    const path = join(temporaryFolder(), 'a')
    await writeFile(path, 'PNG')
    await adapter.send(alice, { text: '', attachment: { kind: 'image', name: 'a.png', mimeType: 'image/png', path } })
    expect(await sends(1)).toMatchObject([{ text: '', document: { type: 'image', name: 'a.png' } }])
  })

  test('is refused where it is missing or above 50 MB', async () => {
    const { adapter, sent } = await account.open()
    const path = join(temporaryFolder(), 'large')
    const send = () => adapter.send(alice, { text: 'the log', attachment: { ...csv, path } })
    await expect(send()).rejects.toThrow('ENOENT')
    await writeFile(path, '')
    await truncate(path, 50 * 1024 * 1024 + 1)
    await expect(send()).rejects.toThrow('log.csv has 52428801 bytes')
    expect(await sent()).toEqual([])
  })
})

/** Sends a message that WhatsApp says nothing about. */
async function sendUnacknowledged({ adapter, sends }: Chat): Promise<Sent> {
  account.standIn.holdAcks()
  await adapter.send(alice, { text: 'hi', outboxId: '1' })
  const [sent] = await sends(1)
  account.standIn.holdAcks(false)
  return sent as Sent
}

describe('acknowledgements', () => {
  test('tell that a message has arrived, if it has an id to tell of', async () => {
    const { adapter, arrives, arrived } = await account.open()
    await adapter.send(alice, { text: 'no id' })
    await adapter.send(alice, { text: 'one', outboxId: '1' })
    await adapter.send(alice, { text: 'two', outboxId: '2' })
    await arrives(2)
    expect(arrived).toEqual(['1', '2'])
  })

  test('that are missing are waited for when the bot stops', async () => {
    const chat = await account.open({ parts: { patience: { acks: 60_000 } } })
    const { adapter, arrived } = chat
    const sent = await sendUnacknowledged(chat)
    expect(arrived).toEqual([])
    const stopped = adapter.stop()
    account.standIn.ack(sent.id)
    await stopped
    expect(arrived).toEqual(['1'])
  })

  test('that are missing are waited for only so long', async () => {
    const chat = await account.open({ parts: { patience: { acks: 20 } } })
    const { adapter, logged, arrived } = chat
    await sendUnacknowledged(chat)
    await adapter.stop()
    expect(arrived).toEqual([])
    expect(logged.join('')).toMatch(/not acknowledged/)
  })

  test('may say that a message failed: then it goes out once more, saying so, and after that is given up', async () => {
    const chat = await account.open({ parts: { patience: { acks: 60_000 } } })
    const { adapter, logs, arrived, sends, arrives } = chat
    const sent = await sendUnacknowledged(chat)
    account.standIn.ack(sent.id, -1)
    await logs(/WhatsApp did not accept a message/)
    const [, again] = await sends(2)
    expect(again?.text).toMatch(/^🔁/)
    expect(arrived).toEqual([])
    account.standIn.ack(again?.id ?? '', -1)
    await arrives(1)
    await adapter.stop()
  })
})

test('a message that may have been sent before says so', async () => {
  const { adapter, sends } = await account.open()
  await adapter.send(alice, { text: 'hi', again: true })
  expect(await sends(1)).toMatchObject([{ text: english.chat.sentAgain('hi') }])
})

describe('order', () => {
  test('is kept in each chat, and every message goes out once', async () => {
    const chats = [`${ALICE}@c.us`, `${BOB}@c.us`, group]
    const path = join(temporaryFolder(), 'a')
    await writeFile(path, 'a,b\n')
    // A file takes longer than a text, which must not overtake it.
    const message = fc.record({ to: fc.integer({ min: 0, max: 2 }), isFile: fc.boolean() })
    const run = async (messages: { to: number; isFile: boolean }[]) => {
      const { adapter, sends, sent } = await account.open()
      const send = ({ to, isFile }: { to: number; isFile: boolean }, index: number) =>
        adapter.send(
          { kind: 'chat', chatId: chats[to] ?? '' },
          { text: `${index}`, ...(isFile && { attachment: { ...csv, path } }) },
        )
      await Promise.all(messages.map(send))
      await sends(messages.length)
      for (const [place, chat] of chats.entries()) {
        const here = (await sent()).filter(({ to }) => to === chat).map(({ text }) => text)
        expect(here).toEqual([...messages.keys()].filter((index) => messages[index]?.to === place).map(String))
      }
      await adapter.stop()
    }
    await fc.assert(fc.asyncProperty(fc.array(message, { maxLength: 12 }), run), { numRuns: 10 })
  })
})
