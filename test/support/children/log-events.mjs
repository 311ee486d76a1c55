// Logs `count` events as `name`, in bursts; prints how many were stored. Waits for a line on stdin before it logs,
// so that several processes begin at once.
import { once } from 'node:events'
import { openChatwarden } from 'chatwarden'

const [name, count] = process.argv.slice(2)
const chatwarden = await openChatwarden({ jobs: false })
console.log('ready')
await once(process.stdin, 'data')
process.stdin.pause()
let stored = 0
for (let sent = 0; sent < Number(count); ) {
  const burst = Array.from({ length: Math.min(1 + (sent % 7), Number(count) - sent) }, (_, index) =>
    chatwarden.AuditLogger.logCircuitBreakerChange({ service: name, state: 'OPEN', failureCount: sent + index }),
  )
  stored += (await Promise.all(burst)).filter((result) => result === 'stored').length
  sent += burst.length
}
await chatwarden.close()
console.log(stored)
