import { Client, Pool } from 'pg'
import { ChatwardenError } from '../../kernel/errors.ts'
import { databaseLabel } from '../beside-database.ts'
import type { Database, DatabaseOptions, PoolUse, Reader } from '../database.ts'
import { asDomainError } from '../database-error.ts'
import { PrismaClient } from '../generated/postgresql/client.ts'
import { LOCK_TIMEOUT_MS } from '../retry-while-busy.ts'
import { speaking } from '../speaking.ts'
import { connectionTo } from './connection.ts'
import { postgresDialect } from './dialect.ts'
import { HeadLockingPg } from './head-locking-pg.ts'
import { migratePostgres } from './migrations.ts'
import { PreparingPool } from './preparing-pool.ts'
import { runSqlTransaction } from './sql-transaction.ts'

const DEFAULT_POOL_SIZE = 5
/** Connections for what is written beside the trail. */
const ASIDE = 2
const IDLE_MS = 60_000

/** Opens the database on a server, bringing its schema up to date first. */
export async function openPostgres(url: string, { poolSize = DEFAULT_POOL_SIZE }: DatabaseOptions): Promise<Database> {
  await prepare(url)
  // One connection writes, as every write waits for the same lock; reads and the rest do not wait for it.
  const writing = poolOf(url, 'writing', 1)
  const beside = poolOf(url, 'writing', ASIDE)
  const reading = poolOf(url, 'reading', poolSize)
  const clientOn = (pool: Pool, isReading: boolean) =>
    new PrismaClient({ adapter: new HeadLockingPg(pool, { isReading }), errorFormat: 'minimal' })
  const [writer, aside, reader] = [clientOn(writing, false), clientOn(beside, false), clientOn(reading, true)]
  let isClosed = false
  return {
    // The models of both clients are the same, which a test holds.
    reader: Object.assign(reader, { dialect: postgresDialect }) as unknown as Reader,
    shared: {
      aside: Object.assign(aside, { dialect: postgresDialect }) as never,
      poolUse: () => [useOf('reading', reading), useOf('writing', writing)],
    },
    transaction: async (work) => {
      if (isClosed) throw new ChatwardenError('AUDIT_UNAVAILABLE', 'Chatwarden is closed.')
      try {
        return await writer.$transaction((tx) => work(speaking(tx as never, postgresDialect)), {
          maxWait: LOCK_TIMEOUT_MS * 2,
          timeout: LOCK_TIMEOUT_MS * 2,
        })
      } catch (error) {
        throw asDomainError(error)
      }
    },
    append: async (work) => {
      if (isClosed) throw new ChatwardenError('AUDIT_UNAVAILABLE', 'Chatwarden is closed.')
      return runSqlTransaction(writing, work)
    },
    // A server overwrites what was removed when it vacuums, by itself.
    purge: async () => true,
    close: async () => {
      isClosed = true
      await Promise.all([writer, aside, reader].map((client) => client.$disconnect()))
      await Promise.all([writing, beside, reading].map((pool) => pool.end()))
    },
  }
}

async function prepare(url: string): Promise<void> {
  const client = new Client(connectionTo(url, 'owner'))
  client.on('error', () => {})
  try {
    await client.connect()
    await migratePostgres(client)
  } catch (cause) {
    if (cause instanceof ChatwardenError) throw cause
    const { message } = cause as Error
    throw new ChatwardenError('CONFIG_INVALID', `DATABASE_URL=${databaseLabel(url)}: ${message}`, { cause })
  } finally {
    await client.end().catch(() => {})
  }
}

function poolOf(url: string, use: 'reading' | 'writing', max: number): Pool {
  const Kind = use === 'reading' ? PreparingPool : Pool
  const pool = new Kind({ ...connectionTo(url, use), max, idleTimeoutMillis: IDLE_MS, allowExitOnIdle: true })
  // A connection that breaks while nobody uses it is replaced by the next one.
  pool.on('error', () => {})
  return pool
}

const useOf = (name: PoolUse['name'], pool: Pool): PoolUse => ({
  name,
  percent: Math.round(((pool.totalCount - pool.idleCount) / pool.options.max) * 100),
  waiting: pool.waitingCount,
})
