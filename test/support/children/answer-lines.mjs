// For each line on stdin, the JSON of a message, it handles that message and prints how it ended.
import { createInterface } from 'node:readline'
import { openChatwarden } from 'chatwarden'

const chatwarden = await openChatwarden({ jobs: false })
console.log('ready')
for await (const line of createInterface({ input: process.stdin })) {
  const { id, sender, text } = JSON.parse(line)
  const message = { id, source: 'api', chat: { id: sender, kind: 'private' }, sender: { id: sender }, text }
  const began = Date.now()
  const { status, replies } = await chatwarden.handle(message)
  console.log(JSON.stringify({ status, text: replies[0]?.text ?? '', began, ended: Date.now() }))
}
await chatwarden.close()
