import { PrismaPg } from '@prisma/adapter-pg'
import {
  DriverAdapterError,
  type SqlDriverAdapter,
  type SqlDriverAdapterFactory,
  type SqlQuery,
  type SqlQueryable,
  type Transaction,
} from '@prisma/driver-adapter-utils'
import type { Pool } from 'pg'
import { isConnectionLost } from '../database-error.ts'
import { isSettled, unsettled } from './session.ts'
import { storableText } from './storable-text.ts'
import { twice } from './twice.ts'

/** The lock under which the trail is written: one row, which a holder that dies gives back with its connection. */
const LOCK = {
  sql: `SELECT ${isSettled('writing')} FROM public.audit_head WHERE id = 1 FOR UPDATE`,
  args: [],
  argTypes: [],
}

const ROLLBACK = { sql: 'ROLLBACK', args: [], argTypes: [] }

/**
 * Prisma's PostgreSQL adapter, on a pool of ours. A transaction has the lock of the trail's head from its beginning on,
 * so that what it reads is what nobody else can change until it ends. What only reads, and the beginning of a
 * transaction, is tried once more where the connection is lost, as a restart of the server ends them all.
 */
export class HeadLockingPg implements SqlDriverAdapterFactory {
  readonly provider = 'postgres'
  readonly adapterName = 'chatwarden-head-locking-pg'
  readonly #stock: PrismaPg
  readonly #isReading: boolean

  constructor(pool: Pool, { isReading = false } = {}) {
    this.#stock = new PrismaPg(pool)
    this.#isReading = isReading
  }

  async connect(): Promise<SqlDriverAdapter> {
    return new Connection(await this.#stock.connect(), this.#isReading)
  }
}

class Connection implements SqlDriverAdapter {
  readonly provider = 'postgres'
  readonly adapterName = 'chatwarden-head-locking-pg'
  readonly #stock: SqlDriverAdapter
  readonly #isReading: boolean

  constructor(stock: SqlDriverAdapter, isReading: boolean) {
    this.#stock = stock
    this.#isReading = isReading
  }

  queryRaw: SqlQueryable['queryRaw'] = (query) => this.#try(() => this.#stock.queryRaw(storable(query)))
  executeRaw: SqlQueryable['executeRaw'] = (query) => known(() => this.#stock.executeRaw(storable(query)))
  executeScript = (script: string) => known(() => this.#stock.executeScript(script))
  getConnectionInfo = () => this.#stock.getConnectionInfo?.() ?? { supportsRelationJoins: true }
  dispose = () => this.#stock.dispose()

  startTransaction(): Promise<Transaction> {
    return twice(() => this.#begin())
  }

  async #begin(): Promise<Transaction> {
    const transaction = await known(() => this.#stock.startTransaction('READ COMMITTED'))
    const guarded = guard(transaction)
    try {
      const { rows } = await guarded.queryRaw(LOCK)
      // The answer is of the session in which the transaction is.
      if (rows[0]?.[0] === false) throw asLost(unsettled())
    } catch (error) {
      await transaction.executeRaw(ROLLBACK).catch(() => {})
      await transaction.rollback().catch(() => {})
      throw error
    }
    return guarded
  }

  #try<T>(question: () => Promise<T>): Promise<T> {
    return known(() => (this.#isReading ? twice(question) : question()))
  }
}

/** The server takes no U+0000 in a text. The trail has none; what else is kept of what people write has what stands for it. */
const storable = (query: SqlQuery): SqlQuery => ({ ...query, args: query.args.map(storableText) })

/** COMMIT and ROLLBACK are sent by Prisma, through `executeRaw`. */
function guard(transaction: Transaction): Transaction {
  return {
    provider: transaction.provider,
    adapterName: transaction.adapterName,
    options: transaction.options,
    queryRaw: (query) => known(() => transaction.queryRaw(storable(query))),
    executeRaw: (query) =>
      known(() => transaction.executeRaw(storable(query))).catch(async (error: unknown) => {
        // Prisma would give the connection back as it is, and the next COMMIT on it would be of this transaction too.
        if (query.sql === 'COMMIT') await transaction.executeRaw(ROLLBACK).catch(() => {})
        throw error
      }),
    ...(transaction.createSavepoint && { createSavepoint: (name: string) => transaction.createSavepoint?.(name) }),
    ...(transaction.rollbackToSavepoint && {
      rollbackToSavepoint: (name: string) => transaction.rollbackToSavepoint?.(name),
    }),
    ...(transaction.releaseSavepoint && { releaseSavepoint: (name: string) => transaction.releaseSavepoint?.(name) }),
    commit: () => transaction.commit(),
    rollback: () => transaction.rollback(),
  } as Transaction
}

/** What the driver says without a code, the adapter passes on as it is, and Prisma would take it for a crash. */
async function known<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof DriverAdapterError || !isConnectionLost(error)) throw error
    throw asLost(error as Error)
  }
}

const asLost = ({ message }: Error) => new DriverAdapterError({ kind: 'ConnectionClosed', cause: message } as never)
