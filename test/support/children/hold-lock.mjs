// Takes the write lock of a SQLite file, says so, and gives it back after a while.
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'

const [path, milliseconds] = process.argv.slice(2)
const database = new Database(path)
database.exec('BEGIN IMMEDIATE')
console.log('held')
await sleep(Number(milliseconds))
database.exec('COMMIT')
database.close()
