// Takes the lock that writers take, of a SQLite file or in PostgreSQL, says so, and gives it back after a while.
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import pg from 'pg'

const [url, milliseconds] = process.argv.slice(2)
if (url.startsWith('file:')) {
  const database = new Database(url.slice('file:'.length))
  database.exec('BEGIN IMMEDIATE')
  console.log('held')
  await sleep(Number(milliseconds))
  database.exec('COMMIT')
  database.close()
} else {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('BEGIN')
  // Whoever reads may go on.
  await client.query('LOCK TABLE audit_head IN EXCLUSIVE MODE')
  console.log('held')
  await sleep(Number(milliseconds))
  await client.query('COMMIT')
  await client.end()
}
