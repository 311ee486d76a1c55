import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ChatAdapter } from '../../src/chat/adapter.ts'
import type { Attachment, IncomingMessage } from '../../src/kernel/message.ts'
import { type Phone, phoneOfAccount } from '../../src/kernel/phone.ts'

/** Where somebody writes: in private unless a group is named. Names of groups are the test's, not the platform's. */
interface Writing {
  readonly from: Phone
  readonly group?: string
}

/** A message as it reached the people on the platform. */
export interface Delivered {
  readonly to: { readonly private: Phone } | { readonly group: string }
  readonly text: string
  readonly file?: { readonly name: string; readonly bytes: Buffer }
}

/** A platform with people on it, around one adapter. */
export interface ChatHarness {
  readonly adapter: ChatAdapter
  /** Somebody writes. Resolves when the platform has it, not when it is handled. */
  receive(text: string, writing: Writing): Promise<void>
  /** What reached the people, in order. */
  sent(): Promise<readonly Delivered[]>
  dispose(): Promise<void>
}

const ANN = '+15550001111'
const BOB = '+15550002222'

/** The promises of `ChatAdapter`, which every transport keeps. */
export function chatContract({ name, create }: { name: string; create(): Promise<ChatHarness> }): void {
  describe(`${name} as a chat adapter`, () => {
    let chat: ChatHarness
    let folder: string
    let heard: IncomingMessage[]

    beforeEach(async () => {
      chat = await create()
      folder = await mkdtemp(join(tmpdir(), 'chat-contract-'))
      heard = []
    })

    afterEach(async () => {
      await chat.adapter.stop()
      await chat.dispose()
      await rm(folder, { recursive: true, force: true })
    })

    const listen = (): Promise<void> => chat.adapter.start(async (message) => void heard.push(message))

    const hear = async (text: string, writing: Writing): Promise<IncomingMessage> => {
      await chat.receive(text, writing)
      const find = () => heard.find((message) => message.text === text)
      await expect.poll(find).toBeDefined()
      return find() as IncomingMessage
    }

    const attach = async (name: string, bytes: Buffer): Promise<Attachment> => {
      const path = join(folder, name)
      await writeFile(path, bytes)
      return { kind: 'document', name, mimeType: 'application/octet-stream', path }
    }

    describe('what it hands over', () => {
      test.each(['hello', '!config role promote “+15550003333” ADMIN', 'naïve 👩‍👩‍👧 تجربة _x_ *y*', '0'])(
        'is the text as it was written: %s',
        async (text) => {
          await listen()
          expect(await hear(text, { from: ANN })).toMatchObject({ text, source: chat.adapter.source })
        },
      )

      test('has an id of its own, also when the same text comes twice', async () => {
        await listen()
        await chat.receive('again', { from: ANN })
        await chat.receive('again', { from: ANN })
        await expect.poll(() => heard.length).toBe(2)
        expect(new Set(heard.map(({ id }) => id)).size).toBe(2)
      })

      test('tells a private chat from a group', async () => {
        await listen()
        const alone = await hear('alone', { from: ANN })
        const together = await hear('together', { from: ANN, group: 'team' })
        expect(alone.chat.kind).toBe('private')
        expect(together.chat.kind).toBe('group')
        expect(alone.chat.id).not.toBe(together.chat.id)
      })

      test('keeps chats apart and recognises one', async () => {
        await listen()
        const first = await hear('first', { from: ANN, group: 'team' })
        const second = await hear('second', { from: BOB, group: 'team' })
        const other = await hear('other', { from: ANN, group: 'crew' })
        expect(second.chat.id).toBe(first.chat.id)
        expect(other.chat.id).not.toBe(first.chat.id)
      })

      test('names the person who wrote, and in a group never the group', async () => {
        await listen()
        const alone = await hear('alone', { from: ANN })
        const together = await hear('together', { from: ANN, group: 'team' })
        const bob = await hear('bob', { from: BOB, group: 'team' })
        expect(phoneOf(alone)).toBe(ANN)
        expect(phoneOf(together)).toBe(ANN)
        expect(phoneOf(bob)).toBe(BOB)
        expect(together.sender.id).not.toBe(together.chat.id)
      })
    })

    describe('the order of messages', () => {
      test('is kept within a chat, and the next waits until the one before has been handled', async () => {
        let atOnce = 0
        let most = 0
        await chat.adapter.start(async (message) => {
          most = Math.max(most, ++atOnce)
          await new Promise((resolve) => setTimeout(resolve, message.text === '1' ? 60 : 5))
          heard.push(message)
          atOnce--
        })
        const texts = ['1', '2', '3', '4', '5']
        for (const text of texts) await chat.receive(text, { from: ANN })
        await expect.poll(() => heard.map(({ text }) => text)).toEqual(texts)
        expect(most).toBe(1)
      })

      test('goes on after a message whose handling failed', async () => {
        await chat.adapter.start(async (message) => {
          if (message.text === 'bad') throw new Error('on purpose')
          heard.push(message)
        })
        await chat.receive('bad', { from: ANN })
        await chat.receive('good', { from: ANN })
        await expect.poll(() => heard.map(({ text }) => text)).toEqual(['good'])
      })
    })

    describe('what it sends', () => {
      test('reaches the private chat that a message came from', async () => {
        await listen()
        const { chat: here } = await hear('hi', { from: ANN })
        await chat.adapter.send({ kind: 'chat', chatId: here.id }, { text: 'line one\nline *two*' })
        expect(await chat.sent()).toEqual([{ to: { private: ANN }, text: 'line one\nline *two*' }])
      })

      test('reaches the group that a message came from', async () => {
        await listen()
        const { chat: here } = await hear('hi', { from: ANN, group: 'team' })
        await chat.adapter.send({ kind: 'chat', chatId: here.id }, { text: 'all of you' })
        expect(await chat.sent()).toEqual([{ to: { group: 'team' }, text: 'all of you' }])
      })

      test('reaches only the sender when it is for the sender of a message in a group', async () => {
        await listen()
        const { sender } = await hear('hi', { from: ANN, group: 'team' })
        await chat.adapter.send({ kind: 'sender', senderId: sender.id, phone: sender.phone }, { text: 'just you' })
        expect(await chat.sent()).toEqual([{ to: { private: ANN }, text: 'just you' }])
      })

      test('reaches somebody else by phone number', async () => {
        await listen()
        await hear('hi', { from: ANN, group: 'team' })
        await chat.adapter.send({ kind: 'person', account: BOB }, { text: 'psst' })
        expect(await chat.sent()).toEqual([{ to: { private: BOB }, text: 'psst' }])
      })

      test('may be an answer to a message', async () => {
        await listen()
        const { id, chat: here } = await hear('hi', { from: ANN })
        await chat.adapter.send({ kind: 'chat', chatId: here.id }, { text: 'yes?', quotedId: id })
        expect((await chat.sent()).map(({ text }) => text)).toEqual(['yes?'])
      })

      test('may be a file: its name, every byte, and a caption', async () => {
        await listen()
        const { chat: here } = await hear('hi', { from: ANN })
        const bytes = randomBytes(100_000)
        const attachment = await attach('audit logs.json', bytes)
        await chat.adapter.send({ kind: 'chat', chatId: here.id }, { text: 'the *log*', attachment })
        const [delivered, ...more] = await chat.sent()
        expect(more).toEqual([])
        expect(delivered).toMatchObject({ to: { private: ANN }, text: 'the *log*', file: { name: 'audit logs.json' } })
        expect(delivered?.file?.bytes.equals(bytes)).toBe(true)
      })

      test('leaves the file where it lies', async () => {
        await listen()
        const { chat: here } = await hear('hi', { from: ANN })
        const attachment = await attach('log.csv', Buffer.from('a,b'))
        await chat.adapter.send({ kind: 'chat', chatId: here.id }, { text: '', attachment })
        expect(await readFile(attachment.path, 'utf8')).toBe('a,b')
      })

      test('rejects when it could not go out, and sends nothing of it', async () => {
        await listen()
        const { chat: here } = await hear('hi', { from: ANN })
        const attachment = { ...(await attach('log.csv', Buffer.from('a,b'))), path: join(folder, 'missing') }
        const sending = chat.adapter.send({ kind: 'chat', chatId: here.id }, { text: 'the log', attachment })
        await expect(sending).rejects.toThrow()
        expect(await chat.sent()).toEqual([])
      })
    })

    describe('stopping', () => {
      test('waits for the message being handled, whose answer still goes out', async () => {
        let release = () => {}
        const gate = new Promise<void>((resolve) => {
          release = resolve
        })
        const steps: string[] = []
        await chat.adapter.start(async (message) => {
          steps.push(`begin ${message.text}`)
          await gate
          await chat.adapter.send({ kind: 'chat', chatId: message.chat.id }, { text: 'done' })
          steps.push('end')
        })
        await chat.receive('slow', { from: ANN })
        await expect.poll(() => steps).toEqual(['begin slow'])
        const stopped = chat.adapter.stop().then(() => steps.push('stopped'))
        setTimeout(release, 50)
        await stopped
        expect(steps).toEqual(['begin slow', 'end', 'stopped'])
        expect((await chat.sent()).map(({ text }) => text)).toEqual(['done'])
      })

      test('twice is fine, also at the same time', async () => {
        await listen()
        await hear('hi', { from: ANN })
        await Promise.all([chat.adapter.stop(), chat.adapter.stop()])
        await chat.adapter.stop()
      })

      test('before starting is fine', async () => {
        await chat.adapter.stop()
      })
    })
  })
}

const phoneOf = ({ sender }: IncomingMessage): string => sender.phone ?? phoneOfAccount(sender.id) ?? sender.id
