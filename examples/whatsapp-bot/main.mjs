// Run it: OWNER_PHONE_NUMBERS=+15550001111 node main.mjs
import { openChatwarden } from 'chatwarden'
import qrcode from 'qrcode'
import whatsapp from 'whatsapp-web.js'
import { startBot } from './bot.mjs'
import { moderate } from './moderate.mjs'
import { settings } from './settings.mjs'

const chatwarden = await openChatwarden({ settings, moderate, env: { CHAT: 'whatsapp' } })
const client = new whatsapp.Client({ authStrategy: new whatsapp.LocalAuth() })
const bot = startBot(client, chatwarden)

client.on('qr', async (code) => console.log(await qrcode.toString(code, { type: 'terminal', small: true })))
client.on('ready', () => console.log('Ready. Write /ask, /usage, /forget or !config help to it.'))
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, async () => {
    await bot.stop()
    await client.destroy()
    await chatwarden.close()
  })
await client.initialize()
