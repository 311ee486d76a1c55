// Logs for ever as `name`, several at once, and changes roles as `owner`, the other owner's among them. Prints what
// became of each: `e NUMBER RESULT`, and `c MESSAGE STATUS KIND`. Waits for a server that is away when it starts.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { openChatwarden } from 'chatwarden'

const [name, owner, other] = process.argv.slice(2)

async function opened() {
  for (;;)
    try {
      return await openChatwarden({ jobs: false })
    } catch (error) {
      if (error.code !== 'CANNOT_START' && error.code !== 'AUDIT_UNAVAILABLE' && error.code !== 'OUTCOME_UNKNOWN')
        throw error
      await sleep(200)
    }
}

const chatwarden = await opened()
const say = async (kind, text) => {
  const id = randomUUID()
  const message = { id, source: 'api', chat: { id: owner, kind: 'private' }, sender: { id: owner }, text }
  const { status, replies } = await chatwarden.handle(message)
  const answer = replies[0]?.text ?? ''
  const isDone = /Successful/.test(answer)
  const isUnknown = /not known whether/.test(answer)
  process.stdout.write(`c ${id} ${isDone ? 'changed' : isUnknown ? 'unknown' : status} ${kind}\n`)
}

let next = 0
async function log() {
  for (;;) {
    const number = next++
    const event = { service: name, state: 'OPEN', failureCount: number }
    const result = await chatwarden.AuditLogger.logCircuitBreakerChange(event)
    process.stdout.write(`e ${number} ${result}\n`)
    await sleep(Math.random() * 60)
  }
}

async function change() {
  for (;;) {
    const target = `+1555777000${Math.floor(Math.random() * 10)}`
    const isUp = Math.random() < 0.5
    await say('person', `!config role ${isUp ? 'promote' : 'demote'} ${target} ${isUp ? 'OPERATOR' : 'USER'}`)
    await sleep(Math.random() * 100)
    // Whoever is an owner alone makes the other one again: else the race would be over.
    const isDemoting = Math.random() < 0.5
    await say('owner', `!config role ${isDemoting ? 'demote' : 'promote'} ${other} ${isDemoting ? 'ADMIN' : 'OWNER'}`)
    await sleep(Math.random() * 100)
  }
}

await Promise.all([log(), log(), log(), log(), log(), change()])
