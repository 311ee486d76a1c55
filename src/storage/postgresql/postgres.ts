import { type Client, Pool } from 'pg'
import { ChatwardenError } from '../../kernel/errors.ts'
import type { Database, DatabaseOptions, PoolUse, Reader } from '../contract.ts'
import { asDomainError, asUnavailable, databaseMessage, isConnectionLost } from '../database-error.ts'
import { PrismaClient } from '../generated/postgresql/client.ts'
import { refuseMoved } from '../moves.ts'
import { LOCK_TIMEOUT_MS } from '../retry-while-busy.ts'
import type { Deviations } from '../schema/deviations.ts'
import { refuseAltered } from '../schema/schema.ts'
import { speaking } from '../speaking.ts'
import { Trust } from '../trust.ts'
import { withClient } from './client.ts'
import { connectionTo, endInSilence } from './connection.ts'
import { postgresDialect } from './dialect.ts'
import { refuseUnfit } from './fitness.ts'
import { HeadLockingPg } from './head-locking-pg.ts'
import { migratePostgres } from './migrations.ts'
import { readMove } from './moves.ts'
import { PatientPool } from './patient-pool.ts'
import { PreparingPool } from './preparing-pool.ts'
import { rawReader } from './raw-reader.ts'
import { postgresDeviations } from './schema/postgres-schema.ts'
import { SessionClient } from './session-client.ts'
import { openPostgresSnapshot, snapshotWithin } from './snapshot.ts'
import { runSqlTransaction } from './sql-transaction.ts'
import { StatementNames } from './statement-names.ts'
import { Turns } from './turns.ts'

const DEFAULT_POOL_SIZE = 5
/** Connections for what is written beside the trail. */
const ASIDE = 2
const IDLE_MS = 60_000

/** Opens the database on a server, bringing its schema up to date first. */
export async function openPostgres(url: string, { poolSize = DEFAULT_POOL_SIZE }: DatabaseOptions): Promise<Database> {
  const deviations = await withClient(url, {}, async (client) => {
    await refuseUnfit(client, url)
    await migratePostgres(client)
    refuseMoved(await readMove(client))
    return checkSchema(client)
  })
  // One connection writes, as every write waits for the same lock; reads and the rest do not wait for it.
  const writing = poolOf(url, 'writing', 1)
  const turns = new Turns()
  const names = new StatementNames()
  const beside = poolOf(url, 'aside', ASIDE)
  const reading = poolOf(url, 'reading', poolSize)
  // From here on there is one to write and one to read: whoever takes the server's others keeps nothing from going on.
  await Promise.allSettled([writing, reading].map(async (pool) => (await pool.connect()).release()))
  const clientOn = (pool: Pool, isReading: boolean) =>
    new PrismaClient({ adapter: new HeadLockingPg(pool, { isReading }), errorFormat: 'minimal' })
  const [writer, aside, reader] = [clientOn(writing, false), clientOn(beside, false), clientOn(reading, true)]
  let isClosed = false
  const trust = new Trust()
  const readRaw = rawReader(reading)
  return {
    // The models of both clients are the same, which a test holds.
    reader: Object.assign(readerOn(reader, trust), {
      dialect: postgresDialect,
      $queryRaw: async (...question: Parameters<typeof readRaw>) => {
        trust.check()
        return readRaw(...question)
      },
    }) as unknown as Reader,
    untrusted: { dialect: postgresDialect, $queryRaw: readRaw as Reader['$queryRaw'] },
    distrust: (fault) => trust.set(fault),
    deviations,
    shared: {
      aside: Object.assign(aside, { dialect: postgresDialect }) as never,
      poolUse: () => [useOf('reading', reading), { ...useOf('writing', writing), waiting: turns.waiting }],
    },
    transaction: (work) =>
      turns.take(async () => {
        if (isClosed) throw new ChatwardenError('AUDIT_UNAVAILABLE', 'Chatwarden is closed.')
        trust.check()
        let isCommitting = false
        const run = async (tx: unknown) => {
          const result = await work(speaking(tx as never, postgresDialect))
          isCommitting = true
          return result
        }
        try {
          return await writer.$transaction(run, { maxWait: LOCK_TIMEOUT_MS * 2, timeout: LOCK_TIMEOUT_MS * 2 })
        } catch (cause) {
          if (isCommitting && isConnectionLost(cause))
            throw new ChatwardenError('OUTCOME_UNKNOWN', databaseMessage(cause), { cause })
          throw asDomainError(cause)
        }
      }),
    append: (work) =>
      turns.take(async () => {
        if (isClosed) throw new ChatwardenError('AUDIT_UNAVAILABLE', 'Chatwarden is closed.')
        trust.check()
        return runSqlTransaction(writing, names, work)
      }),
    openSnapshot: async () => {
      trust.check()
      return openPostgresSnapshot(url)
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

/** @throws {ChatwardenError} `SCHEMA_ALTERED` also for what could be put back, but not by this user. */
async function checkSchema(client: Client): Promise<Deviations> {
  const deviations = await snapshotWithin(client, postgresDeviations)
  refuseAltered(deviations)
  if (deviations.missing.length > 0 && !(await ownsEntries(client)))
    throw new ChatwardenError(
      'SCHEMA_ALTERED',
      `${deviations.missing.map(({ what }) => `\n- ${what}`).join('')}\nPut it back as the owner: DATABASE_OWNER_URL=postgresql://… chatwarden migrate`,
    )
  return deviations
}

async function ownsEntries(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ yes: boolean }>(
    "SELECT pg_has_role(relowner, 'USAGE') AS yes FROM pg_class WHERE oid = 'public.audit_logs'::regclass",
  )
  return rows[0]?.yes === true
}

const readerOn = (client: PrismaClient, trust: Trust) =>
  client.$extends({
    query: {
      $allOperations: async ({ args, query }) => {
        trust.check()
        try {
          return await query(args)
        } catch (error) {
          throw asUnavailable(error)
        }
      },
    },
  })

// What is written aside nobody waits for: where it cannot be, it is counted in memory.
const POOLS = { reading: PreparingPool, writing: PatientPool, aside: Pool }

function poolOf(url: string, use: keyof typeof POOLS, max: number): Pool {
  const pool = new POOLS[use]({
    ...connectionTo(url, use),
    // The types know only one that takes nothing.
    Client: SessionClient as never,
    max,
    min: 1,
    idleTimeoutMillis: IDLE_MS,
    allowExitOnIdle: true,
  })
  // A connection that breaks while nobody uses it is replaced by the next one.
  pool.on('error', () => {})
  pool.on('connect', (client) => endInSilence(client))
  return pool
}

const useOf = (name: PoolUse['name'], pool: Pool): PoolUse => ({
  name,
  percent: Math.round(((pool.totalCount - pool.idleCount) / pool.options.max) * 100),
  waiting: pool.waitingCount,
})
