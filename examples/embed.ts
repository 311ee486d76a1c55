// The same as embed.mjs, in strict TypeScript.
import { randomUUID } from 'node:crypto'
import { AuditLogger, type IncomingMessage, openChatwarden, type Send } from 'chatwarden'

const OWNER = '+15550001111'
const chatwarden = await openChatwarden({ env: { OWNER_PHONE_NUMBERS: OWNER } })

const send: Send = async (to, { text, attachment }) => {
  const whom = to.kind === 'chat' ? to.chatId : to.kind === 'person' ? to.account : to.senderId
  console.log(`→ ${whom}: ${text}${attachment === undefined ? '' : ` (${attachment.name})`}`)
}

async function onMessage(sender: string, text: string): Promise<void> {
  const chat = { id: sender, kind: 'private' } as const
  const message: IncomingMessage = { id: randomUUID(), source: 'api', chat, sender: { id: sender }, text }
  if (chatwarden.isCommand(message)) await chatwarden.respond(message, send)
}

await onMessage(OWNER, '!config role list')
const result: 'stored' | 'spooled' | 'lost' = await AuditLogger.logConversationReset({
  performedBy: { phoneNumber: OWNER },
})
console.log(result)
await chatwarden.close()
