import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'

// A text and no file: what runs it may be the compiled package or its source.
const CODE = `
const { parentPort, workerData } = require('node:worker_threads')
const Database = require(workerData.driver)
try {
  const database = new Database(workerData.path, { readonly: true, fileMustExist: true, timeout: 5000 })
  parentPort.postMessage({ rows: database.prepare(workerData.sql).raw().all() })
  database.close()
} catch (error) {
  parentPort.postMessage({ code: error.code, message: error.message })
}`

interface Answer {
  readonly rows?: [string][]
  readonly code?: string
  readonly message?: string
}

/**
 * Asks a SQLite file something that takes seconds, in a thread of its own: the one that answers messages goes on.
 * @throws the driver's own error.
 */
export async function askInThread(path: string, sql: string): Promise<[string][]> {
  const driver = createRequire(import.meta.url).resolve('better-sqlite3')
  // Without what the host gave its own process, such as another kind of module.
  const worker = new Worker(CODE, { eval: true, execArgv: [], workerData: { driver, path, sql } })
  try {
    const { rows, code, message } = await new Promise<Answer>((resolve, reject) => {
      worker.once('message', resolve).once('error', reject)
      worker.once('exit', () => reject(new Error('The thread that asks the database ended without an answer.')))
    })
    if (rows !== undefined) return rows
    throw Object.assign(new Error(message), { name: 'SqliteError', code })
  } finally {
    await worker.terminate()
  }
}
