// Handles a command as `owner` and gets `signal` just before its COMMIT, while it has the lock of the trail's head.
// Where it lives on, it prints how the command ended.
import { randomUUID } from 'node:crypto'
import { openChatwarden } from 'chatwarden'
import { beforeStatements } from './before-statements.mjs'

const [signal, owner, text] = process.argv.slice(2)
const chatwarden = await openChatwarden({ jobs: false })
console.log('ready')
let isDone = false
beforeStatements((sql) => {
  if (isDone || !/^\s*COMMIT/i.test(sql)) return
  isDone = true
  process.kill(process.pid, signal)
})
const message = { id: randomUUID(), source: 'api', chat: { id: owner, kind: 'private' }, sender: { id: owner }, text }
const { status, replies } = await chatwarden.handle(message)
console.log(JSON.stringify({ status, text: replies[0]?.text ?? '' }))
const event = { service: 'after', state: 'OPEN', failureCount: 1 }
console.log(await chatwarden.AuditLogger.logCircuitBreakerChange(event))
await chatwarden.close()
