// Sends a command as `actor` once a line comes in on stdin, so that several processes do it at once; prints what
// became of it, and when the command began and ended.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { openChatwarden } from 'chatwarden'

const [actor, text] = process.argv.slice(2)
const chatwarden = await openChatwarden({ jobs: false })
console.log('ready')
await once(process.stdin, 'data')
process.stdin.pause()
const began = Date.now()
const { status } = await chatwarden.handle({
  id: randomUUID(),
  source: 'api',
  chat: { id: actor, kind: 'private' },
  sender: { id: actor },
  text,
})
const ended = Date.now()
await chatwarden.close()
console.log(JSON.stringify({ status, began, ended }))
