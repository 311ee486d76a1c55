import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import type { Snapshot } from './contract.ts'
import { isDamaged } from './database-error.ts'

/** More are not worth reading. */
const MOST = 10
/** Above so many pages of 4 KiB it takes longer than a thread takes to begin. */
const LARGE = 5000

/**
 * Whether the database itself is sound: above all, whether every index leads to the rows of its table, to all of them and
 * to no others. Who reads by an index sees something else otherwise than who reads the table.
 * @returns what is wrong, each in a few words; a file of a million entries takes some seconds, and nobody waits for it.
 */
export async function integrityProblems(snapshot: Snapshot): Promise<readonly string[]> {
  if (snapshot.dialect.name !== 'sqlite')
    return (await import('./postgresql/integrity.ts')).postgresIntegrityProblems(snapshot)
  const [row] = await snapshot.read<[path: string, pages: number]>(
    "SELECT file, page_count FROM pragma_database_list, pragma_page_count WHERE name = 'main'",
  )
  const [path = '', pages = 0] = row ?? []
  return pages > LARGE ? inThread(path) : checkFile(path)
}

const CHECK = `integrity_check(${MOST})`

function checkFile(path: string): string[] {
  try {
    const database = new Database(path, { readonly: true, fileMustExist: true, timeout: 5000 })
    try {
      return problemsIn(database.pragma(CHECK) as Verdict[])
    } finally {
      database.close()
    }
  } catch (error) {
    if (isDamaged(error)) return [(error as Error).message]
    throw error
  }
}

type Verdict = { readonly integrity_check: string }

const problemsIn = (verdicts: readonly Verdict[]): string[] =>
  verdicts.map(({ integrity_check }) => integrity_check).filter((text) => text !== 'ok')

// A text and no file: what runs it may be the compiled package or its source.
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads')
const Database = require(workerData.driver)
try {
  const database = new Database(workerData.path, { readonly: true, fileMustExist: true, timeout: 5000 })
  parentPort.postMessage({ verdicts: database.pragma(workerData.check) })
  database.close()
} catch (error) {
  parentPort.postMessage({ code: error.code, message: error.message })
}`

interface Answer {
  readonly verdicts?: readonly Verdict[]
  readonly code?: string
  readonly message?: string
}

async function inThread(path: string): Promise<string[]> {
  const driver = createRequire(import.meta.url).resolve('better-sqlite3')
  const worker = new Worker(THREAD, { eval: true, workerData: { driver, path, check: CHECK } })
  try {
    const { verdicts, code, message } = await new Promise<Answer>((resolve, reject) => {
      worker.once('message', resolve).once('error', reject)
      worker.once('exit', () => reject(new Error('The check of the database ended without an answer.')))
    })
    if (verdicts !== undefined) return problemsIn(verdicts)
    const error = Object.assign(new Error(message), { code })
    if (isDamaged(error)) return [error.message]
    throw error
  } finally {
    await worker.terminate()
  }
}
