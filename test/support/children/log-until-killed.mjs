// Logs for ever as `name`, several at once, and prints the number of each event and what became of it once it is
// acknowledged.
import { setTimeout as sleep } from 'node:timers/promises'
import { openChatwarden } from 'chatwarden'

const [name] = process.argv.slice(2)
const chatwarden = await openChatwarden({ jobs: false })
let next = 0
const logOne = async () => {
  for (;;) {
    const number = next++
    const result = await chatwarden.AuditLogger.logCircuitBreakerChange({
      service: name,
      state: 'OPEN',
      failureCount: number,
    })
    process.stdout.write(`${number} ${result}\n`)
    await sleep(Math.random() * 40)
  }
}
await Promise.all(Array.from({ length: 5 }, logOne))
