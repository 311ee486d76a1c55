import { expect, onTestFinished, test } from 'vitest'
import whatsapp from 'whatsapp-web.js'
import { startBot } from '../test/support/whatsapp-bot.ts'
import { burst, WRITERS } from '../test/support/whatsapp-burst.ts'
import { type StandIn, startStandIn } from '../test/support/whatsapp-web/stand-in.ts'
// @ts-expect-error It is plain JavaScript.
import { percentile } from './measure.mjs'

const ROUNDS = 5

/** The library alone, answering every message with its own text: what no bot on it can be faster than. */
async function echo(): Promise<StandIn> {
  const standIn = await startStandIn()
  onTestFinished(() => standIn.close())
  const client = new whatsapp.Client(standIn.clientOptions())
  onTestFinished(() => client.destroy())
  client.on('message', (message) => void message.reply(message.body, undefined, { sendSeen: false }))
  void client.initialize()
  await standIn.pair()
  await standIn.listening()
  return standIn
}

/** In turn, so that what else the machine does weighs on both alike. The first round, which warms up, is not counted. */
async function measure(bare: StandIn, bot: StandIn) {
  const latencies = { bare: [] as number[], bot: [] as number[] }
  for (let round = 0; round <= ROUNDS; round++) {
    const one = {
      bare: await burst(bare, () => 'echo'),
      bot: await burst(bot, (index) => `!config role info ${WRITERS[index]}`),
    }
    if (round === 0) continue
    latencies.bare.push(...one.bare.latencies)
    latencies.bot.push(...one.bot.latencies)
  }
  return latencies
}

test('a burst of 200 commands from 20 chats, beside the library’s own echo', async () => {
  const { standIn } = await startBot({ env: { ADMIN_PHONE_NUMBERS: WRITERS.join(',') } })
  const latencies = await measure(await echo(), standIn)
  for (const share of [0.5, 0.95]) {
    const [value, limit] = [percentile(latencies.bot, share), percentile(latencies.bare, share)]
    const figures = `${value.toFixed(0)} ms  ${limit.toFixed(0)} ms bare echo  ${(value / limit).toFixed(2)}`
    const verdict = value / limit <= 3 ? 'ok' : 'MISS'
    process.stdout.write(`WhatsApp, 200 commands at once, p${share * 100}  ${figures}  ≤ 3  ${verdict}\n`)
  }
  expect(latencies.bot).toHaveLength(200 * ROUNDS)
})
