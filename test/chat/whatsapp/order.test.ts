import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import whatsapp from 'whatsapp-web.js'
import { Postponed } from '../../../src/chat/adapter.ts'
import { attachedTo } from '../../../src/chat/whatsapp/attach.ts'
import { door } from '../../support/door.ts'
import { ALICE, BOB, type Chat, shareAccount } from '../../support/whatsapp-chat.ts'

const account = shareAccount()
const GROUP = 'group'

const textsOf = ({ heard }: Chat) => heard.map(({ text }) => text)

interface Planned {
  readonly chat: string
  readonly turns: number
  readonly twice: boolean
  readonly isBad: boolean
}

describe('order', () => {
  test('is kept in each chat, one at a time, each once, whatever else happens', async () => {
    const team = await account.standIn.group('Team', [ALICE])
    const planned = fc.record({
      chat: fc.constantFrom(ALICE, BOB, GROUP),
      turns: fc.integer({ min: 0, max: 4 }),
      twice: fc.boolean(),
      isBad: fc.boolean(),
    })
    const run = async (messages: Planned[]) => {
      const atOnce = new Map<string, number>()
      const handled: string[] = []
      let most = 0
      const chat = await account.open({
        onMessage: async ({ text, chat }) => {
          const { turns = 0, isBad = false } = messages[Number(text)] ?? {}
          atOnce.set(chat.id, (atOnce.get(chat.id) ?? 0) + 1)
          most = Math.max(most, ...atOnce.values())
          for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
          handled.push(text)
          atOnce.set(chat.id, (atOnce.get(chat.id) ?? 0) - 1)
          if (isBad) throw new Error('on purpose')
        },
      })
      for (const [index, { chat, twice }] of messages.entries()) {
        const where = chat === GROUP ? { from: ALICE, group: team } : { from: chat }
        const id = account.standIn.receive({ ...where, text: String(index) })
        if (twice) account.standIn.faults.duplicate(id)
      }
      await chat.finish()
      expect(most).toBeLessThanOrEqual(1)
      for (const place of [ALICE, BOB, GROUP]) {
        const isHere = (text: string) => messages[Number(text)]?.chat === place
        expect(handled.filter(isHere)).toEqual([...messages.keys()].map(String).filter(isHere))
      }
    }
    await fc.assert(fc.asyncProperty(fc.array(planned, { maxLength: 12 }), run), { numRuns: 15 })
  })

  test('lets no chat wait for another', async () => {
    const { passed, open } = door()
    const chat = await account.open({
      onMessage: async (message, { note }) => {
        if (message.text === 'slow') await passed
        note(message)
      },
    })
    account.standIn.receive({ from: ALICE, text: 'slow' })
    await chat.hear({ from: BOB, text: 'quick' })
    expect(textsOf(chat)).toEqual(['quick'])
    open()
    await chat.finish()
    expect(textsOf(chat)).toEqual(['quick', 'slow'])
  })

  test('goes on after a handler that fails, which is logged', async () => {
    const chat = await account.open({
      onMessage: async (message, { note }) => {
        if (message.text === 'bad') throw new Error('on purpose')
        note(message)
      },
    })
    account.standIn.receive({ from: ALICE, text: 'bad' })
    await chat.hear({ from: ALICE, text: 'good' })
    expect(textsOf(chat)).toEqual(['good'])
    await chat.logs(/on purpose.*could not be handled/)
  })
})

describe('stopping', () => {
  test('finishes what was taken, and takes nothing more', async () => {
    const { passed, open } = door()
    const chat = await account.open({
      onMessage: async (message, { note }) => {
        await passed
        note(message)
      },
    })
    // Hears everything right after the other one.
    const witness = await account.open()
    for (const text of ['1', '2']) account.standIn.receive({ from: ALICE, text })
    await witness.hear({ from: ALICE, text: '3' })
    const stopped = chat.adapter.stop()
    await witness.hear({ from: ALICE, text: 'late' })
    open()
    await stopped
    expect(textsOf(chat)).toEqual(['1', '2', '3'])
  })

  test('drops what was not begun when there is no more time, and says so', async () => {
    const chat = await account.open({
      options: { sendLimit: { perChat: 1, inAll: 0 } },
      parts: { random: () => 0, patience: { handling: 1 } },
      onMessage: async (message, { adapter, note }) => {
        const here = { kind: 'chat', chatId: message.chat.id } as const
        await adapter.send(here, { text: 'one in a minute' })
        await expect(adapter.send(here, { text: 'and one too many' })).rejects.toThrow(Postponed)
        note(message)
      },
    })
    for (const text of ['1', '2']) account.standIn.receive({ from: ALICE, text })
    await chat.sends(1)
    await chat.finish()
    expect(textsOf(chat)).toEqual(['1'])
    expect(chat.logged.join('')).toMatch(/came too late to be handled/)
    expect(await chat.sent()).toHaveLength(1)
  })

  test("leaves the client with the listeners that were the host's", async () => {
    const listeners = () => account.client.eventNames().map((name) => account.client.listeners(name))
    const before = listeners()
    const { adapter } = await account.open()
    expect(listeners()).not.toEqual(before)
    await adapter.stop()
    expect(listeners()).toEqual(before)
  })

  test('waits no longer for a pairing, or a connection', async () => {
    const adapter = attachedTo(new whatsapp.Client({}), account.warden.whatsApp)
    const started = adapter.start(async () => {})
    const sending = adapter.send({ kind: 'person', account: `+${BOB}` }, { text: 'hi' })
    await Promise.all([adapter.stop(), started, expect(sending).rejects.toThrow(Postponed)])
    await adapter.ended
  })
})
