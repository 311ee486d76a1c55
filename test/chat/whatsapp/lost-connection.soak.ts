import { beforeAll, describe, expect, test } from 'vitest'
import { Unanswered } from '../../../src/chat/whatsapp/link.ts'
import { english } from '../../../src/text/english.ts'
import { shareCleanUps } from '../../support/at-end.ts'
import { startBot, type WhatsAppBot } from '../../support/whatsapp-bot.ts'
import { ALICE } from '../../support/whatsapp-chat.ts'

const cleanUps = shareCleanUps()
const alice = { kind: 'chat', chatId: `${ALICE}@c.us` } as const
let bot: WhatsAppBot

beforeAll(async () => {
  const parts = { patience: { sighting: 100, acks: 100 } }
  bot = await startBot({ parts, atEnd: cleanUps.add })
  await bot.standIn.person({ phone: ALICE })
})

const sentTexts = (from: number) =>
  bot.standIn
    .outbox()
    .slice(from)
    .map(({ text }) => text)

describe('while there is no connection', () => {
  test('messages wait, and go out once in their order when there is one', async () => {
    const before = bot.standIn.outbox().length
    await bot.standIn.faults.killBrowser()
    await expect.poll(() => bot.logged.join(''), { interval: 5 }).toMatch(/the connection was lost/)
    await Promise.all(['1', '2', '3'].map((text) => bot.adapter.send(alice, { text })))
    await bot.standIn.waitForOutbox(before + 3)
    expect(sentTexts(before)).toEqual(['1', '2', '3'])
  })

  test('a page that hangs for a moment only makes them late', async () => {
    const before = bot.standIn.outbox().length
    await bot.standIn.listening()
    await bot.standIn.faults.hang()
    const sending = bot.adapter.send(alice, { text: 'late' })
    await bot.standIn.faults.resume()
    await sending
    await bot.standIn.waitForOutbox(before + 1)
    expect(sentTexts(before)).toEqual(['late'])
  })
})

describe('a message that was being sent when the browser died', () => {
  /** Sends, and kills the browser in the middle of it. */
  async function sendInto(goesOut: boolean, outboxId?: string): Promise<void> {
    await bot.standIn.listening()
    await bot.standIn.faults.stallSend(goesOut)
    const shown = new Promise<void>((resolve) => {
      bot.connection.onOwnMessage(({ body }) => {
        if (body === 'hi') resolve()
      })
    })
    const sending = bot.adapter.send(alice, { text: 'hi', ...(outboxId !== undefined && { outboxId }) })
    // Who waits for it comes later; until then nobody minds that it fails.
    sending.catch(() => {})
    await bot.standIn.faults.struck()
    // What the page shows is on its way to the bot for a moment, in which the browser must not die yet.
    if (goesOut) await shown
    await bot.standIn.faults.killBrowser()
    await sending
  }

  test('and was shown is not sent again', async () => {
    const before = bot.standIn.outbox().length
    await sendInto(true, 'shown')
    await bot.adapter.send(alice, { text: 'next' })
    await bot.standIn.waitForOutbox(before + 2)
    expect(sentTexts(before)).toEqual(['hi', 'next'])
  })

  test('and was not shown rejects', async () => {
    const before = bot.standIn.outbox().length
    await expect(sendInto(false)).rejects.toThrow(Unanswered)
    expect(sentTexts(before)).toEqual([])
  })

  test('and was not shown is sent again, saying so, if the database keeps it', async () => {
    const before = bot.standIn.outbox().length
    await sendInto(false, 'kept')
    await bot.standIn.waitForOutbox(before + 1)
    expect(sentTexts(before)).toEqual([english.chat.sentAgain('hi')])
  })
})
