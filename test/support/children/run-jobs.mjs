// Runs the jobs of a process whose clock is so many milliseconds ahead. The first of several to write an entry of
// `action` kills itself before it does, if it can make `marker`.
import { mkdirSync } from 'node:fs'
import { openChatwarden } from 'chatwarden'
import pg from 'pg'

const [ahead, action, marker] = process.argv.slice(2)
const query = pg.Client.prototype.query
pg.Client.prototype.query = function (...values) {
  const { text = '', values: given = [] } = values[0] ?? {}
  if (action && /INSERT INTO \S*audit_logs/i.test(text) && given.flat().includes(action))
    try {
      mkdirSync(marker)
      console.log(`killed ${Date.now()}`)
      process.kill(process.pid, 'SIGKILL')
    } catch {
      // Another one was first.
    }
  return query.apply(this, values)
}
await openChatwarden({ clock: { now: () => Date.now() + Number(ahead) } })
console.log('ready')
setInterval(() => {}, 1000)
