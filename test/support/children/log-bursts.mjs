// Logs as many events at once as each line on stdin says, numbered on and on, and prints what became of them; closes and
// ends with its input.
import { createInterface } from 'node:readline'
import { openChatwarden } from 'chatwarden'

const chatwarden = await openChatwarden({ jobs: false })
console.log('ready')
let next = 0
for await (const line of createInterface({ input: process.stdin })) {
  const burst = Array.from({ length: Number(line) }, () =>
    chatwarden.AuditLogger.logCircuitBreakerChange({ service: 'bursts', state: 'OPEN', failureCount: next++ }),
  )
  console.log(JSON.stringify(await Promise.all(burst)))
}
await chatwarden.close()
