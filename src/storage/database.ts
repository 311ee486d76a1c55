import { isPostgres } from './beside-database.ts'
import type { Dialect } from './dialect.ts'
import type { Prisma, PrismaClient } from './generated/sqlite/client.ts'

/** Reads that see everything committed, on a connection that cannot write. */
export type Reader = Pick<
  PrismaClient,
  | 'user'
  | 'seededNumber'
  | 'processedMessage'
  | 'pageCursor'
  | 'denialWindow'
  | 'outboxMessage'
  | 'knownAccount'
  | 'pinnedAccount'
  | 'identityClaim'
  | 'block'
  | 'refusal'
  | 'setting'
  | 'confirmation'
  | 'costTotal'
  | 'auditHold'
  | 'auditWitness'
  | 'auditArchive'
  | 'auditRestored'
  | 'exportedDay'
  | 'sharedObject'
  | '$queryRaw'
> &
  Speaking
/** A write transaction: it holds the write lock from its first statement on. */
export type WriteTransaction = Prisma.TransactionClient & Speaking

/** A write transaction for statements in SQL alone. */
export type SqlTransaction = Pick<WriteTransaction, '$queryRaw' | '$executeRaw' | 'dialect'> & {
  /** What the lock guards, where it was read with it. */
  readonly head?: LockedHead | undefined
  /** Adds many rows, where that is cheaper than a statement with parameters. */
  copy?(table: string, columns: readonly string[], rows: Iterable<readonly Cell[]>): Promise<void>
}

export interface LockedHead {
  readonly size: number
  readonly lastCreatedAt: Date
  readonly checkpoint: string
}

export type Cell = string | number | Date | Uint8Array | null

/** What SQL a connection understands. */
interface Speaking {
  readonly dialect: Dialect
}

export interface Database {
  readonly reader: Reader
  /** Where processes on several machines share it: for what is neither part of the trail nor to wait for it. */
  readonly shared: Shared | undefined
  /**
   * Runs `work` in one write transaction; its rows are on the disk when the promise resolves.
   * @throws {ChatwardenError} `AUDIT_UNAVAILABLE` if the database could not do it; any other error of `work` as it is.
   * Nothing of it remains either way. `OUTCOME_UNKNOWN` if the server was lost while it committed: all of it remains, or
   * nothing.
   */
  transaction<T>(work: (tx: WriteTransaction) => Promise<T>): Promise<T>
  /** The same for statements in SQL alone, where that is cheaper. */
  append?<T>(work: (tx: SqlTransaction) => Promise<T>): Promise<T>
  /**
   * Takes what was removed out of the files too, where the file is small by rewriting it. Where it may wait, it waits
   * for others who read, for some seconds.
   * @returns whether that was done; if not, it is to be called again.
   */
  purge(mayWait: boolean): Promise<boolean>
  close(): Promise<void>
}

/** A database on a server. */
export interface Shared {
  /** Statements that are each their own transaction, without the lock of the trail. */
  readonly aside: Pick<PrismaClient, '$queryRaw' | '$executeRaw'> & Speaking
  /** How much of the connections that may be open is in use, in percent of each pool, and how many wait for one. */
  poolUse(): readonly PoolUse[]
}

export interface PoolUse {
  readonly name: 'reading' | 'writing'
  readonly percent: number
  readonly waiting: number
}

export interface DatabaseOptions {
  /** How many connections may read at once, on a server. */
  readonly poolSize?: number | undefined
}

/**
 * Opens the database that `url` (`file:PATH` or `postgresql://…`) names, bringing its schema up to date first.
 * @throws {ChatwardenError} `CONFIG_INVALID` if it cannot be opened, or `MIGRATION_FAILED`.
 */
export async function openDatabase(url: string, options: DatabaseOptions = {}): Promise<Database> {
  // Loaded when needed: one of them is, and each brings an engine with it.
  if (isPostgres(url)) return (await import('./postgresql/postgres.ts')).openPostgres(url, options)
  return (await import('./sqlite.ts')).openSqlite(url)
}

/** Whether taking out what was removed also rewrites the whole database, as for a small file it does. */
export async function isRewritten(db: Pick<WriteTransaction, '$queryRaw' | 'dialect'>): Promise<boolean> {
  return db.dialect.name === 'sqlite' && isSmall(db)
}

/** Above this, rewriting the file would keep everybody waiting. */
const SMALL_BYTES = 64 * 1024 * 1024

/** Whether a SQLite file is so small that it can be rewritten. */
export async function isSmall(db: Pick<WriteTransaction, '$queryRaw'>): Promise<boolean> {
  const [file] = await db.$queryRaw<{ bytes: number | bigint }[]>`
    SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size`
  return Number(file?.bytes ?? 0) <= SMALL_BYTES
}
