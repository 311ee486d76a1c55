import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Content, Destination, Send } from '../../src/chat/adapter.ts'
import { deliver } from '../../src/chat/deliver.ts'
import { createLogger } from '../../src/kernel/log.ts'
import type { Attachment, IncomingMessage, Reply } from '../../src/kernel/message.ts'
import { english } from '../../src/text/english.ts'

const GROUP = { id: 'team', kind: 'group' } as const
const PRIVATE = { id: '15550001111@c.us', kind: 'private' } as const
const ANN = { id: '15550001111@c.us', phone: '+15550001111' }
const TO_ANN = { kind: 'sender', senderId: ANN.id, phone: ANN.phone }
const TO_GROUP = { kind: 'chat', chatId: 'team' }
const SECRET = '📋 *Audit Logs*'

const asked = (chat: IncomingMessage['chat']): IncomingMessage => ({
  id: 'question',
  source: 'whatsapp',
  chat,
  sender: ANN,
  text: '!config audit list',
})

type Sent = readonly [Destination, Content]

/** Delivers on a platform on which `refuses` fails, and returns everything that went out. */
async function delivered(
  message: IncomingMessage,
  replies: readonly Reply[],
  refuses: (to: Destination) => boolean = () => false,
): Promise<readonly Sent[]> {
  const sent: Sent[] = []
  const send: Send = async (to, content) => {
    if (refuses(to)) throw new Error('The platform refuses')
    if (content.attachment !== undefined) expect(existsSync(content.attachment.path)).toBe(true)
    sent.push([to, content])
  }
  await deliver(message, replies, { send, texts: english, log: createLogger('silent') })
  return sent
}

const folders: string[] = []

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function attached(): Promise<{ attachment: Attachment; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'deliver-test-'))
  folders.push(folder)
  const path = join(folder, 'audit.json')
  await writeFile(path, '{}')
  return { folder, attachment: { kind: 'document', name: 'audit.json', mimeType: 'application/json', path } }
}

describe('an answer for the sender alone', () => {
  const answer: Reply = { audience: 'sender', text: SECRET }

  test('asked for in a group goes to the sender, and the group is told exactly that', async () => {
    expect(await delivered(asked(GROUP), [answer])).toEqual([
      [TO_ANN, { text: SECRET }],
      [TO_GROUP, { text: english.chat.sentInPrivate, quotedId: 'question' }],
    ])
  })

  test('that cannot reach the sender leaves the group with "write to me first" and nothing else', async () => {
    expect(await delivered(asked(GROUP), [answer], ({ kind }) => kind === 'sender')).toEqual([
      [TO_GROUP, { text: english.chat.writeToMeFirst, quotedId: 'question' }],
    ])
  })

  test('asked for in private is an answer in that chat', async () => {
    expect(await delivered(asked(PRIVATE), [answer])).toEqual([
      [
        { kind: 'chat', chatId: PRIVATE.id },
        { text: SECRET, quotedId: 'question' },
      ],
    ])
  })

  test('keeps its file out of the group too', async () => {
    const { attachment } = await attached()
    const sent = await delivered(asked(GROUP), [{ ...answer, attachment }])
    expect(sent).toEqual([
      [TO_ANN, { text: SECRET, attachment }],
      [TO_GROUP, { text: english.chat.sentInPrivate, quotedId: 'question' }],
    ])
  })

  test.each([false, true])(
    'never shows the group a word of it, among other replies (private refused: %s)',
    async (refused) => {
      const replies: Reply[] = [answer, { audience: 'chat', text: 'for all' }, answer]
      const sent = await delivered(asked(GROUP), replies, ({ kind }) => refused && kind === 'sender')
      const inGroup = sent.filter(([{ kind }]) => kind === 'chat').map(([, { text }]) => text)
      expect(inGroup).toContain('for all')
      expect(inGroup.join()).not.toContain(SECRET)
    },
  )
})

describe('any other reply', () => {
  test.each([GROUP, PRIVATE])('for the chat goes to the $kind chat, as an answer', async (chat) => {
    expect(await delivered(asked(chat), [{ audience: 'chat', text: 'hi' }])).toEqual([
      [
        { kind: 'chat', chatId: chat.id },
        { text: 'hi', quotedId: 'question' },
      ],
    ])
  })

  test.each([GROUP, PRIVATE])('for somebody else goes to them, and the $kind chat sees nothing', async (chat) => {
    const note: Reply = { audience: { account: '+15550002222' }, text: 'a note' }
    expect(await delivered(asked(chat), [note])).toEqual([
      [{ kind: 'person', account: '+15550002222' }, { text: 'a note' }],
    ])
  })

  test('comes in the order given', async () => {
    const replies = ['1', '2', '3'].map((text): Reply => ({ audience: 'chat', text }))
    expect((await delivered(asked(PRIVATE), replies)).map(([, { text }]) => text)).toEqual(['1', '2', '3'])
  })
})

describe('a send that fails', () => {
  test('stops neither the other replies nor the caller', async () => {
    const replies: Reply[] = [
      { audience: { account: '+15550002222' }, text: 'lost' },
      { audience: 'chat', text: 'kept' },
    ]
    const sent = await delivered(asked(GROUP), replies, ({ kind }) => kind === 'person')
    expect(sent.map(([, { text }]) => text)).toEqual(['kept'])
  })

  test('everywhere is survived', async () => {
    const replies: Reply[] = [
      { audience: 'sender', text: SECRET },
      { audience: 'chat', text: 'hi' },
    ]
    expect(await delivered(asked(GROUP), replies, () => true)).toEqual([])
  })
})

describe('the file of a reply', () => {
  test.each([false, true])('is removed with its folder, sent or not (refused: %s)', async (refused) => {
    const { attachment, folder } = await attached()
    await delivered(asked(GROUP), [{ audience: 'sender', text: SECRET, attachment }], () => refused)
    expect(existsSync(folder)).toBe(false)
  })

  test('that is gone already does no harm', async () => {
    const { attachment, folder } = await attached()
    await rm(folder, { recursive: true })
    await delivered(asked(GROUP), [{ audience: 'sender', text: SECRET, attachment }], () => true)
  })
})
