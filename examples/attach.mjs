// Chatwarden in a bot on whatsapp-web.js: three lines of it. Needs `npm install chatwarden whatsapp-web.js`.
import { openChatwarden } from 'chatwarden'
import whatsapp from 'whatsapp-web.js'

const client = new whatsapp.Client({ authStrategy: new whatsapp.LocalAuth() })

const chatwarden = await openChatwarden({ env: { OWNER_PHONE_NUMBERS: '+15550001111' } })
const attached = chatwarden.attach(client)

client.on('message', async (message) => {
  if (attached.isCommand(message)) return
  await message.reply('Hello! I am your own bot.')
})

client.on('qr', (code) => console.log(code))
await client.initialize()

process.once('SIGTERM', async () => {
  await attached.detach()
  await client.destroy()
  await chatwarden.close()
})
