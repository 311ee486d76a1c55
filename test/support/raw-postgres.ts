import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { inject } from 'vitest'
import type { RawDatabase, RawStatement } from './database.ts'
import { fromSqlite } from './from-sqlite.ts'

interface Answer {
  readonly question: number
  readonly value?: unknown
  readonly error?: { readonly message: string; readonly code?: string; readonly stack?: string }
}

interface Rows {
  readonly names: readonly string[]
  readonly rows: readonly unknown[][]
  readonly changes: number
}

const PATIENCE = 60_000

/**
 * The tests' own access to PostgreSQL: at once, as to a file, which a thread beside this one does, while this one waits.
 * One for the process.
 */
export class RawPostgres {
  static #shared: RawPostgres | undefined
  readonly #port: MessagePort
  readonly #signal = new Int32Array(new SharedArrayBuffer(4))
  readonly #url: string
  #asked = 0

  private constructor(url: string, template: string) {
    const { port1, port2 } = new MessageChannel()
    const worker = new Worker(new URL('raw-postgres.mjs', import.meta.url), {
      workerData: { port: port2, signal: this.#signal, url, template },
      transferList: [port2],
    })
    worker.unref()
    port1.unref()
    this.#port = port1
    this.#url = url
  }

  static shared(): RawPostgres {
    RawPostgres.#shared ??= new RawPostgres(inject('postgresUrl'), inject('postgresTemplate'))
    return RawPostgres.#shared
  }

  urlOf(database: string): string {
    const url = new URL(this.#url)
    url.pathname = database
    return url.href
  }

  create(name: string, from?: string): void {
    this.#do('create', { name, from })
  }

  /** Nobody waits for it. */
  drop(name: string): void {
    this.#port.postMessage({ action: 'drop', name })
  }

  open(database: string, timeout = 5000): RawDatabase {
    const connection = this.#do('open', { to: this.urlOf(database), timeout }) as number
    const run = (sql: string) => this.#do('run', { connection, sql }) as Rows
    const exec = (sql: string) => void run(fromSqlite(sql))
    return {
      prepare: (sql) => new Statement(sql, run) as never,
      exec,
      transaction: (work) => () => {
        exec('BEGIN')
        work()
        exec('COMMIT')
      },
      close: () => void this.#do('close', { connection }),
    }
  }

  #do(action: string, request: object): unknown {
    const question = ++this.#asked
    this.#port.postMessage({ action, question, ...request })
    const { error, value } = this.#answer(question)
    if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.code })
    return value
  }

  // Whoever waits may be woken for the question before (the thread stores, and only then notifies), and an answer may come
  // after nobody waited any more: neither is taken for this question's.
  #answer(question: number): Answer {
    for (const end = performance.now() + PATIENCE; performance.now() < end; ) {
      const answered = Atomics.load(this.#signal, 0)
      const answer = receiveMessageOnPort(this.#port)?.message as Answer | undefined
      if (answer?.question === question) return answer
      if (answer === undefined) Atomics.wait(this.#signal, 0, answered, end - performance.now())
    }
    throw new Error('PostgreSQL does not answer.')
  }
}

class Statement implements RawStatement {
  readonly reader: boolean
  readonly #sql: string
  readonly #run: (sql: string) => Rows
  #shape: 'object' | 'pluck' | 'raw' = 'object'

  constructor(sql: string, run: (sql: string) => Rows) {
    this.#sql = sql
    this.#run = run
    this.reader = /^\s*(?:SELECT|VALUES|WITH)\b|\bRETURNING\b/i.test(sql)
  }

  all(...values: unknown[]): unknown[] {
    const { names, rows } = this.#run(fromSqlite(this.#sql, values))
    return rows.map((cells) => this.#shaped(names, cells.map(asBuffer)))
  }

  get = (...values: unknown[]): unknown => this.all(...values)[0]
  run = (...values: unknown[]) => ({ changes: this.#run(fromSqlite(this.#sql, values)).changes })

  pluck(): this {
    this.#shape = 'pluck'
    return this
  }

  raw(): this {
    this.#shape = 'raw'
    return this
  }

  #shaped(names: readonly string[], cells: unknown[]): unknown {
    if (this.#shape === 'raw') return cells
    return this.#shape === 'pluck' ? cells[0] : Object.fromEntries(names.map((name, index) => [name, cells[index]]))
  }
}

/** Threads hand over bytes as what they are at the bottom. */
const asBuffer = (cell: unknown): unknown =>
  cell instanceof Uint8Array ? Buffer.from(cell.buffer, cell.byteOffset, cell.byteLength) : cell
