// Logs as fast as it can as `name` for so many milliseconds, once a line comes in on stdin; prints how many were stored
// and how long each waited for that.
import { once } from 'node:events'
import { openChatwarden } from 'chatwarden'

const [name, milliseconds] = process.argv.slice(2)
const chatwarden = await openChatwarden({ jobs: false })
console.log('ready')
await once(process.stdin, 'data')
process.stdin.pause()
const end = performance.now() + Number(milliseconds)
const waits = []
const results = {}
let next = 0
const log = async () => {
  while (performance.now() < end) {
    const since = performance.now()
    const event = { service: name, state: 'OPEN', failureCount: next++ }
    const result = await chatwarden.AuditLogger.logCircuitBreakerChange(event)
    waits.push(performance.now() - since)
    results[result] = (results[result] ?? 0) + 1
  }
}
await Promise.all(Array.from({ length: 5 }, log))
await chatwarden.close()
console.log(JSON.stringify({ results, waits }))
