import { describe, expect, test, vi } from 'vitest'
import { Postponed } from '../../../src/chat/adapter.ts'
import { DEADLINE, Unanswered } from '../../../src/chat/whatsapp/link.ts'
import { english } from '../../../src/text/english.ts'
import { ALICE, BOB, type Chat, shareAccount, told } from '../../support/whatsapp-chat.ts'

const account = shareAccount()
const alice = { kind: 'chat', chatId: `${ALICE}@c.us` } as const
const again = (text: string) => english.chat.sentAgain(text)

const textsOf = async ({ sent }: Chat) => (await sent()).map(({ text }) => text)

/** A new page: calls of the old one are broken off, and the library finds its way into the new one. */
async function reload(): Promise<void> {
  await account.standIn.faults.reload()
  await account.standIn.listening()
}

/** Resolves when the library has shown an own message of that text: to the bot it is on its way for a moment. */
const shown = (text: string) => told(account.client, 'message_create', ({ body }) => body === text)

/** Resolves when the library has shown what the owner typed. */
async function typed(chat: string, text: string): Promise<void> {
  const typedId = account.standIn.typeOnPhone({ chat, text })
  await told(account.client, 'message_create', ({ id }) => id._serialized === typedId)
}

describe('a message that the library says nothing of', () => {
  test('is sent if it was shown', async () => {
    const chat = await account.open()
    await account.standIn.faults.blankSend(true)
    await chat.adapter.send(alice, { text: 'hi', outboxId: '1' })
    await chat.arrives(1)
    expect(await textsOf(chat)).toEqual(['hi'])
  })

  test('rejects if it was not, and is not sent blindly again', async () => {
    const chat = await account.open()
    await account.standIn.faults.blankSend(false)
    await expect(chat.adapter.send(alice, { text: 'hi' })).rejects.toThrow(Unanswered)
    expect(await textsOf(chat)).toEqual([])
  })

  test('is sent again, saying so, if the database keeps it', async () => {
    const chat = await account.open()
    await account.standIn.faults.blankSend(false)
    await chat.adapter.send(alice, { text: 'hi', outboxId: '1' })
    await chat.arrives(1)
    expect(await textsOf(chat)).toEqual([again('hi')])
  })

  test('is sent again once only with the same page, and once more with the next', async () => {
    const chat = await account.open()
    await account.standIn.faults.blankSend(false, 2)
    await expect(chat.adapter.send(alice, { text: 'hi', outboxId: '1' })).rejects.toThrow(Postponed)
    expect(await textsOf(chat)).toEqual([])
    expect(chat.arrived).toEqual([])
    await reload()
    await chat.arrives(1)
    expect(await textsOf(chat)).toEqual([again('hi')])
  })
})

describe('a message on which the library does not come back', () => {
  test('is given up after its deadline, if it was not shown', async () => {
    const chat = await account.open()
    await account.standIn.faults.stallSend(false)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const sending = chat.adapter.send(alice, { text: 'hi' })
      const failing = expect(sending).rejects.toThrow(`no answer within ${DEADLINE.text} ms`)
      await account.standIn.faults.struck()
      // The deadline, and then the patience for the message to appear after all.
      await vi.advanceTimersByTimeAsync(DEADLINE.text)
      await vi.advanceTimersByTimeAsync(1000)
      await failing
    } finally {
      vi.useRealTimers()
    }
    expect(await textsOf(chat)).toEqual([])
  })

  test('is sent if it was shown, also when the page is gone', async () => {
    const chat = await account.open()
    await account.standIn.faults.stallSend(true)
    const isShown = shown('hi')
    const sending = chat.adapter.send(alice, { text: 'hi', outboxId: '1' })
    await account.standIn.faults.struck()
    await isShown
    await reload()
    await sending
    expect(await textsOf(chat)).toEqual(['hi'])
  })

  test('is sent if it appears under the other id of its chat', async () => {
    await account.standIn.person({ phone: ALICE, lid: '900001' })
    const chat = await account.open()
    await account.standIn.faults.stallSend(false)
    const sending = chat.adapter.send(alice, { text: 'hi', outboxId: '1' })
    await account.standIn.faults.struck()
    await typed('900001@lid', 'hi')
    await reload()
    await sending
    expect(await textsOf(chat)).toEqual([])
  })

  test('is not taken for another message, in another chat, or with the same text as before', async () => {
    const chat = await account.open()
    const group = await account.standIn.group('Team', [ALICE])
    await chat.adapter.send(alice, { text: 'hi' })
    const [before] = await chat.sends(1)
    await account.standIn.faults.stallSend(false)
    const failing = expect(chat.adapter.send(alice, { text: 'hi' })).rejects.toThrow(Unanswered)
    await account.standIn.faults.struck()
    await typed(ALICE, 'ho')
    await typed(group, 'hi')
    await typed(BOB, 'hi')
    account.standIn.ack(before?.id ?? '', 3)
    await account.standIn.delivered()
    await reload()
    await failing
    expect(await textsOf(chat)).toEqual(['hi'])
  })

  test('holds up no other chat', async () => {
    const chat = await account.open()
    await account.standIn.faults.stallSend(true)
    const isShown = shown('slow')
    const sending = chat.adapter.send(alice, { text: 'slow' })
    await account.standIn.faults.struck()
    await isShown
    await chat.adapter.send({ kind: 'person', account: `+${BOB}` }, { text: 'quick' })
    await reload()
    await sending
    expect(await textsOf(chat)).toEqual(['slow', 'quick'])
  })

  test('and that WhatsApp refused meanwhile is not waited for', async () => {
    const chat = await account.open({ parts: { patience: { acks: 60_000 } } })
    account.standIn.holdAcks()
    await account.standIn.faults.stallSend(true)
    const sending = chat.adapter.send(alice, { text: 'hi', outboxId: '1' })
    const [sent] = await chat.sends(1)
    account.standIn.holdAcks(false)
    account.standIn.ack(sent?.id ?? '', -1)
    await chat.logs(/WhatsApp did not accept a message/)
    await reload()
    await sending
    await chat.adapter.stop()
    expect(chat.arrived).toEqual([])
  })
})

describe('after a new page', () => {
  test('a message that was lost with the old one is sent again, saying so', async () => {
    const chat = await account.open()
    await account.standIn.faults.loseSend()
    await chat.adapter.send(alice, { text: 'hi', outboxId: '1' })
    expect(await textsOf(chat)).toEqual([])
    await reload()
    await chat.arrives(1)
    expect(await textsOf(chat)).toEqual([again('hi')])
  })

  test('an acknowledgement that was missed is found', async () => {
    const chat = await account.open()
    account.standIn.holdAcks()
    await chat.adapter.send(alice, { text: 'hi', outboxId: '1' })
    const [sent] = await chat.sends(1)
    account.standIn.holdAcks(false)
    account.standIn.ack(sent?.id ?? '', 1, { announced: false })
    await reload()
    await chat.arrives(1)
    expect(await textsOf(chat)).toEqual(['hi'])
  })
})
