import { afterAll, beforeAll, expect, test } from 'vitest'
import whatsapp, { type ClientOptions } from 'whatsapp-web.js'
import { type StandIn, startStandIn } from './stand-in.ts'

// The bot under test. All it needs for this is to take its Client options from outside.
function startBot(options: ClientOptions): void {
  const client = new whatsapp.Client(options)
  client.on('message', async (message) => {
    // A reply resolves later than it arrives, perhaps not before the browser ends.
    if (message.body === '!ping') await message.reply('pong').catch(console.error)
  })
  void client.initialize()
}

let whatsApp: StandIn

beforeAll(async () => {
  whatsApp = await startStandIn()
  startBot(whatsApp.clientOptions())
  await whatsApp.pair()
})
afterAll(() => whatsApp.close())

test('answers a ping in the group where it was asked', async () => {
  const group = await whatsApp.group('Team', ['15550001111'])
  const question = whatsApp.receive({ from: '15550001111', group, text: '!ping' })
  const [answer] = await whatsApp.waitForOutbox(1)
  expect(answer).toMatchObject({ to: group, text: 'pong', quoted: question })
})
