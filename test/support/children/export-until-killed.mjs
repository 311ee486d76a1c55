// Makes the daily export that is due, and is killed before the nth thing that it does to a file of it.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import pg from 'pg'

const [killAt, now, database] = process.argv.slice(2)
const directory = join(process.env.AUDIT_EXPORT_DIR, '/')
let count = 0
const step = (path) => {
  if (`${path}/`.startsWith(directory) && ++count === Number(killAt)) process.kill(process.pid, 'SIGKILL')
}
for (const [holder, names] of [
  [fs, ['renameSync', 'createWriteStream']],
  [fs.promises, ['mkdir', 'open', 'rm']],
])
  for (const name of names) {
    const original = holder[name]
    holder[name] = (path, ...values) => {
      step(path)
      return original(path, ...values)
    }
  }
syncBuiltinESMExports()

const { openChatwarden } = await import('chatwarden')
const chatwarden = await openChatwarden({ clock: { now: () => Number(now) } })
const DONE = 'SELECT 1 FROM exported_days'
if (process.env.DATABASE_URL.startsWith('file:')) {
  const reader = new Sqlite(database, { readonly: true })
  while (reader.prepare(DONE).get() === undefined) await sleep(10)
} else {
  const reader = new pg.Client({ connectionString: process.env.DATABASE_URL })
  await reader.connect()
  while ((await reader.query(DONE)).rowCount === 0) await sleep(10)
  await reader.end()
}
await chatwarden.close()
process.stdout.write('done\n')
