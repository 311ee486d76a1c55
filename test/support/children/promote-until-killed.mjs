// Handles one command from a chat that keeps its replies, and is killed before the nth statement of a write transaction.
import Sqlite from 'better-sqlite3'
import { openChatwarden } from 'chatwarden'

const [killAt, owner, target] = process.argv.slice(2)
const chatwarden = await openChatwarden({ jobs: false })
let write
await chatwarden.serve({
  source: 'whatsapp',
  ended: new Promise(() => {}),
  start: async (onMessage) => {
    write = onMessage
  },
  send: async () => {},
  onSettled: () => {},
  stop: async () => {},
})

let count = 0
const step = (database) => {
  if (!database.readonly && database.inTransaction && ++count === Number(killAt)) process.kill(process.pid, 'SIGKILL')
}
const statement = Object.getPrototypeOf(new Sqlite(':memory:').prepare('SELECT 1'))
for (const name of ['run', 'all', 'get', 'iterate']) {
  const original = statement[name]
  statement[name] = function (...values) {
    step(this.database)
    return original.apply(this, values)
  }
}
const { exec } = Sqlite.prototype
Sqlite.prototype.exec = function (sql) {
  step(this)
  return exec.call(this, sql)
}

const account = '1@lid'
await write({
  id: `promote ${killAt}`,
  source: 'whatsapp',
  chat: { id: account, kind: 'private' },
  sender: { id: account, phone: owner, account },
  text: `!config role promote ${target} OPERATOR`,
})
process.stdout.write('done\n')
process.exit(0)
