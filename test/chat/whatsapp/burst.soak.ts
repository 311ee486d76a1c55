import { expect, test } from 'vitest'
import { startBot } from '../../support/whatsapp-bot.ts'
import { burst, WRITERS } from '../../support/whatsapp-burst.ts'

test('200 commands at once from 20 chats are all answered, in the order of their chat', async () => {
  const bot = await startBot({ env: { ADMIN_PHONE_NUMBERS: WRITERS.join(',') } })
  const { written, sent } = await burst(bot.standIn, (index) => `!config role info ${WRITERS[index]}`)
  expect(sent).toHaveLength(200)
  for (const [phone, ids] of written) {
    const answers = sent.filter(({ to }) => to === `${phone.slice(1)}@c.us`)
    expect(answers.map(({ quoted }) => quoted)).toEqual(ids)
    expect(answers.map(({ text }) => /Phone: (\S+)/.exec(text)?.[1])).toEqual(WRITERS.slice(0, 10))
  }
  await bot.settled()
})
