import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import type { SqlDriverAdapter, SqlDriverAdapterFactory, Transaction } from '@prisma/driver-adapter-utils'
import type { Options } from 'better-sqlite3'
import type { FileGuard } from './file-guard.ts'
import { retryWhileBusy } from './retry-while-busy.ts'

/** How long the connection itself waits for a lock. It blocks the thread, so it is next to nothing. */
const BUSY_TIMEOUT_MS = 5

type CommitGuard = Pick<FileGuard, 'check' | 'committed'>
const NO_GUARD: CommitGuard = { check: () => {}, committed: () => {} }

/**
 * Prisma's SQLite adapter with transactions that several processes can run on one file.
 *
 * The stock adapter begins deferred, which fails at once when another process committed in between, waits for
 * locks by blocking the thread, keeps its mutex when BEGIN fails, and leaves a failed COMMIT open. This one
 * takes the write lock first (BEGIN IMMEDIATE), retries without blocking, and ends every transaction itself.
 */
export class ImmediateSqlite implements SqlDriverAdapterFactory {
  readonly provider = 'sqlite'
  readonly adapterName = 'chatwarden-immediate-sqlite'
  readonly #stock: PrismaBetterSqlite3
  readonly #guard: CommitGuard
  readonly #readonly: boolean

  /** `guard`: asked before a transaction is committed, and told after. */
  constructor(path: string, options: Options = {}, guard: CommitGuard = NO_GUARD) {
    this.#guard = guard
    this.#readonly = options.readonly ?? false
    this.#stock = new PrismaBetterSqlite3(
      { ...options, url: path, timeout: BUSY_TIMEOUT_MS },
      { timestampFormat: 'unixepoch-ms' },
    )
  }

  async connect(): Promise<SqlDriverAdapter> {
    const connection = await this.#stock.connect()
    if (this.#readonly) return new ReadingConnection(connection)
    // A reopened WAL file is at NORMAL, which loses the last commits with the power. What is deleted is overwritten:
    // an erased person must not be found in free pages.
    await retryWhileBusy(() =>
      connection.executeScript(
        'PRAGMA synchronous = FULL; PRAGMA recursive_triggers = ON; PRAGMA wal_autocheckpoint = 8000; PRAGMA secure_delete = ON;',
      ),
    )
    return new ImmediateConnection(connection, this.#guard)
  }
}

/** Nobody keeps a reader waiting but who opens or closes the file at that moment: then it tries again too. */
class ReadingConnection implements SqlDriverAdapter {
  readonly provider = 'sqlite'
  readonly adapterName = 'chatwarden-immediate-sqlite'
  readonly #connection: SqlDriverAdapter

  constructor(connection: SqlDriverAdapter) {
    this.#connection = connection
  }

  queryRaw: SqlDriverAdapter['queryRaw'] = (query) => retryWhileBusy(() => this.#connection.queryRaw(query))
  executeRaw: SqlDriverAdapter['executeRaw'] = (query) => this.#connection.executeRaw(query)
  executeScript = (script: string) => this.#connection.executeScript(script)
  startTransaction: SqlDriverAdapter['startTransaction'] = (level) => this.#connection.startTransaction(level)
  dispose = () => this.#connection.dispose()
}

class ImmediateConnection implements SqlDriverAdapter {
  readonly provider = 'sqlite'
  readonly adapterName = 'chatwarden-immediate-sqlite'
  readonly #connection: SqlDriverAdapter
  readonly #guard: CommitGuard
  /** Settled when the last transaction asked for has ended: transactions of one connection take turns. */
  #turn: Promise<void> = Promise.resolve()

  constructor(connection: SqlDriverAdapter, guard: CommitGuard) {
    this.#connection = connection
    this.#guard = guard
  }

  queryRaw: SqlDriverAdapter['queryRaw'] = (query) => retryWhileBusy(() => this.#connection.queryRaw(query))
  executeRaw: SqlDriverAdapter['executeRaw'] = (query) => this.#connection.executeRaw(query)
  executeScript = (script: string) => this.#connection.executeScript(script)
  dispose = () => this.#connection.dispose()

  async startTransaction(): Promise<Transaction> {
    const before = this.#turn
    let end!: () => void
    this.#turn = new Promise((resolve) => {
      end = resolve
    })
    await before
    try {
      await retryWhileBusy(() => this.executeScript('BEGIN IMMEDIATE'))
    } catch (error) {
      end()
      throw error
    }
    return {
      provider: this.provider,
      adapterName: this.adapterName,
      // COMMIT and ROLLBACK are sent here, not by Prisma, so that a COMMIT that fails is rolled back.
      options: { usePhantomQuery: true },
      queryRaw: this.queryRaw,
      executeRaw: this.executeRaw,
      createSavepoint: (name) => this.executeScript(`SAVEPOINT ${name}`),
      rollbackToSavepoint: (name) => this.executeScript(`ROLLBACK TO ${name}`),
      releaseSavepoint: (name) => this.executeScript(`RELEASE SAVEPOINT ${name}`),
      commit: async () => {
        try {
          this.#guard.check()
          await this.executeScript('COMMIT')
          this.#guard.committed()
        } catch (error) {
          await this.#rollback()
          throw error
        } finally {
          end()
        }
      },
      rollback: async () => {
        await this.#rollback()
        end()
      },
    }
  }

  /** SQLite has already rolled back after some errors (a full disk, for one); then there is nothing to undo. */
  async #rollback(): Promise<void> {
    await this.executeScript('ROLLBACK').catch(() => {})
  }
}
