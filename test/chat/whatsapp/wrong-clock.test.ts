import { describe, expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../../src/kernel/clock.ts'
import { english } from '../../../src/text/english.ts'
import { ALICE, BOB, type Chat, shareAccount } from '../../support/whatsapp-chat.ts'

const account = shareAccount()
const seconds = (ms: number) => Math.floor(ms / 1000)

/** Commands that are written so late (ms) by the clock, each once the one before has come; those carried out are in `heard`. */
async function write(chat: Chat, late: number, count = 1, apart = 30_000): Promise<void> {
  for (let index = 0; index < count; index++) {
    chat.clock.advance(apart)
    const timestamp = seconds(chat.clock.now() - late)
    const id = account.standIn.receive({ from: ALICE, text: '!config help', timestamp })
    const hasCome = () =>
      chat.heard.some((message) => message.id === id) || chat.logged.some((line) => line.includes(`"${id}"`))
    await expect.poll(hasCome, { interval: 10, timeout: 10_000 }).toBe(true)
  }
}

describe('by a clock that is wrong', () => {
  test.each([6 * MINUTE, 6 * HOUR, 120 * 24 * HOUR])(
    '%d ms ahead, what keeps coming is new, and the clock is named',
    async (ahead) => {
      const chat = await account.open()
      await write(chat, ahead, 3)
      await chat.sends(1)
      expect(await chat.sent()).toMatchObject([{ text: english.chat.wasAway }])
      await chat.logs(/Else the clock is ahead/)
      await write(chat, ahead, 1)
      await chat.hears(2)
      await chat.logs(new RegExp(`clock of this machine is ${ahead / MINUTE} minutes ahead of what messages say`))
      await write(chat, ahead + 6 * MINUTE, 1)
      await chat.finish()
      expect(chat.heard).toHaveLength(2)
    },
  )

  test('behind, what was left to deliver is as old as it is', async () => {
    const chat = await account.open()
    await write(chat, -6 * MINUTE, 4)
    await chat.hears(4)
    await chat.logs(/6 minutes behind what messages say/)
    await write(chat, MINUTE)
    await chat.finish()
    expect(chat.heard).toHaveLength(4)
  })
})

describe('by a clock that is right', () => {
  test('what was left to deliver is old, however much it is', async () => {
    const chat = await account.open()
    await write(chat, 10 * MINUTE, 20, 500)
    await chat.finish()
    expect(chat.heard).toEqual([])
    expect(chat.logged.join()).not.toContain('what messages say')
  })

  test('one message that comes at once says that the others were late', async () => {
    const chat = await account.open()
    await chat.hear({ from: BOB, text: 'hello', timestamp: seconds(chat.clock.now()) })
    await write(chat, 10 * MINUTE, 10)
    await chat.finish()
    expect(chat.heard.map(({ text }) => text)).toEqual(['hello'])
  })

  test('that was set meanwhile, what messages said before counts no more', async () => {
    const chat = await account.open()
    await write(chat, 6 * MINUTE, 4)
    await chat.hears(2)
    chat.clock.advance(-6 * MINUTE)
    await write(chat, 0)
    await chat.hears(3)
    await write(chat, 10 * MINUTE)
    await chat.finish()
    expect(chat.heard).toHaveLength(3)
  })
})
