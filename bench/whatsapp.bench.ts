import { expect, onTestFinished, test } from 'vitest'
import whatsapp from 'whatsapp-web.js'
import { startBot } from '../test/support/whatsapp-bot.ts'
import { burst, WRITERS } from '../test/support/whatsapp-burst.ts'
import { startStandIn } from '../test/support/whatsapp-web/stand-in.ts'

const at = (latencies: readonly number[], share: number): number =>
  latencies[Math.ceil(latencies.length * share) - 1] ?? Number.NaN

/** The library alone, answering every message with its own text: what no bot on it can be faster than. */
async function echo(): Promise<readonly number[]> {
  const standIn = await startStandIn()
  onTestFinished(() => standIn.close())
  const client = new whatsapp.Client(standIn.clientOptions())
  onTestFinished(() => client.destroy())
  client.on('message', (message) => void message.reply(message.body, undefined, { sendSeen: false }))
  void client.initialize()
  await standIn.pair()
  await standIn.listening()
  return (await burst(standIn, () => 'echo')).latencies
}

async function commands(): Promise<readonly number[]> {
  const { standIn } = await startBot({ env: { ADMIN_PHONE_NUMBERS: WRITERS.join(',') } })
  return (await burst(standIn, () => '!config audit mine')).latencies
}

test('a burst of 200 commands from 20 chats, beside the library’s own echo', async () => {
  const [bare, bot] = [await echo(), await commands()]
  const lines = [0.5, 0.95].map((share) => {
    const [value, limit] = [at(bot, share), at(bare, share)]
    const ratio = value / limit
    const shown = [
      value.toFixed(0),
      'ms',
      limit.toFixed(0),
      'ms bare echo',
      ratio.toFixed(2),
      ratio <= 3 ? 'ok' : 'MISS',
    ]
    return `WhatsApp, 200 commands at once, p${share * 100}  ${shown.join('  ')}  (aim ≤ 3)`
  })
  process.stdout.write(`${lines.join('\n')}\n`)
  expect(bot).toHaveLength(200)
})
