// Logs an event for each line on stdin, numbered by it, and prints what became of it; closes and ends with its input.
import { createInterface } from 'node:readline'
import { openChatwarden } from 'chatwarden'

const chatwarden = await openChatwarden({ jobs: false })
console.log('ready')
for await (const line of createInterface({ input: process.stdin })) {
  const result = await chatwarden.AuditLogger.logCircuitBreakerChange({
    service: 'child',
    state: 'OPEN',
    failureCount: Number(line),
  })
  console.log(result)
}
await chatwarden.close()
