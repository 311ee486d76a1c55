// Logs for ever, many at once, and prints the number of each event once it is acknowledged as stored.
import { openChatwarden } from 'chatwarden'

const chatwarden = await openChatwarden({ jobs: false })
let next = 0
const logOne = async () => {
  for (;;) {
    const number = next++
    const result = await chatwarden.AuditLogger.logCircuitBreakerChange({
      service: 'kill',
      state: 'OPEN',
      failureCount: number,
    })
    if (result === 'stored') process.stdout.write(`${number}\n`)
  }
}
await Promise.all(Array.from({ length: 20 }, logOne))
