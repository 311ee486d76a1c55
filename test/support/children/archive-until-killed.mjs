// Makes the clean-up that is due, and is killed before the nth thing that it does to a file of an archive or to the
// database.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { beforeStatements } from './before-statements.mjs'

const [killAt, now, database] = process.argv.slice(2)
let count = 0
let isCounting = false
const step = () => {
  if (isCounting && ++count === Number(killAt)) process.kill(process.pid, 'SIGKILL')
}
for (const [holder, names] of [
  [fs, ['renameSync', 'createWriteStream']],
  [fs.promises, ['mkdir', 'open', 'rm']],
])
  for (const name of names) {
    const original = holder[name]
    holder[name] = (path, ...values) => {
      if (`${path}`.startsWith(`${database}.archive`)) step()
      return original(path, ...values)
    }
  }
beforeStatements((sql) => {
  if (/^\s*(?:COMMIT|INSERT INTO \S*audit_logs|DELETE FROM \S*audit_logs)/i.test(sql)) step()
})
syncBuiltinESMExports()

const { openChatwarden } = await import('chatwarden')
const chatwarden = await openChatwarden({ jobs: false, clock: { now: () => Number(now) } })
// It was away for long, and a message says that it is so late.
const sender = { id: '7' }
const message = { id: 'hello', source: 'telegram', chat: { id: '7', kind: 'private' }, sender, text: 'hello' }
await chatwarden.handle({ ...message, sentAt: new Date(Number(now)) })
isCounting = true
await chatwarden.cleanupExpiredAuditLogs()
await chatwarden.close()
process.stdout.write('done\n')
