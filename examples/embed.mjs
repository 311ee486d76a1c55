// The smallest bot with Chatwarden in it: three lines of it, and a pretended chat around them.
import { randomUUID } from 'node:crypto'
import { openChatwarden } from 'chatwarden'

const OWNER = '+15550001111'
const chatwarden = await openChatwarden({ env: { OWNER_PHONE_NUMBERS: OWNER } })

/** What your platform calls for every incoming message. */
async function onMessage(sender, text) {
  const message = {
    id: randomUUID(),
    // Here ids are whole accounts. On a platform of its own: 'telegram', with its ids as they are.
    source: 'api',
    chat: { id: sender, kind: 'private' },
    sender: { id: sender },
    text,
  }
  if (!chatwarden.isCommand(message)) return console.log(`(your bot answers ${JSON.stringify(text)})`)
  await chatwarden.respond(message, send)
}

/** How your platform sends: into a chat, to the sender in private, or to somebody by an account. */
async function send(to, { text, attachment }) {
  console.log(`→ ${to.chatId ?? to.account ?? to.senderId}: ${text}`)
  if (attachment !== undefined) console.log(`   with the file ${attachment.name}`)
}

await onMessage(OWNER, '!config role promote +15550002222 OPERATOR')
await onMessage(OWNER, '!config audit list')
await onMessage('+15550009999', '!config audit export')
await onMessage(OWNER, 'good morning')
await chatwarden.close()
