// The bot of examples/whatsapp-bot on a stand-in for WhatsApp Web. Its answering service fails while it is told to.
import { createInterface } from 'node:readline'
import { openChatwarden } from 'chatwarden'
import whatsapp from 'whatsapp-web.js'
import { answer } from '../../../examples/whatsapp-bot/answerer.mjs'
import { startBot } from '../../../examples/whatsapp-bot/bot.mjs'
import { moderate } from '../../../examples/whatsapp-bot/moderate.mjs'
import { settings } from '../../../examples/whatsapp-bot/settings.mjs'

// Not among its arguments, by which the stand-in would take it for a browser.
const { clientOptions, env } = JSON.parse(process.env.OPTIONS)
const chatwarden = await openChatwarden({ env, settings, moderate, jobs: false })
const client = new whatsapp.Client(clientOptions)
let isDown = false
const bot = startBot(client, chatwarden, {
  resetAfter: 1000,
  answer: async (...asked) => {
    if (isDown) throw new Error('The service is down.')
    return answer(...asked)
  },
})
const lines = createInterface({ input: process.stdin })
lines.on('line', async (line) => {
  isDown = line === 'fail'
  console.log(line)
  if (line !== 'stop') return
  lines.close()
  process.stdin.destroy()
  await bot.stop()
  await client.destroy()
  await chatwarden.close()
})
await client.initialize()
