import type { ChatwardenError } from '../kernel/errors.ts'
import type { Dialect } from './dialect.ts'
import type { Prisma, PrismaClient } from './generated/sqlite/client.ts'
import type { Deviations } from './schema/deviations.ts'

/** Reads that see everything committed, on a connection that cannot write. */
export type Reader = Pick<
  PrismaClient,
  | 'user'
  | 'account'
  | 'seededAccount'
  | 'processedMessage'
  | 'pageCursor'
  | 'denialWindow'
  | 'outboxMessage'
  | 'knownAccount'
  | 'identityClaim'
  | 'block'
  | 'refusal'
  | 'setting'
  | 'confirmation'
  | 'newOwner'
  | 'clockDoubt'
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
  /** What reads also while it is distrusted. */
  readonly untrusted: Pick<Reader, '$queryRaw' | 'dialect'>
  /** Until it is called without, nothing is read or changed, but refused with that: it is not what was acknowledged. */
  distrust(fault: ChatwardenError | undefined): void
  /** Where processes on several machines share it: for what is neither part of the trail nor to wait for it. */
  readonly shared: Shared | undefined
  /** What of its schema was otherwise than the migrations make it, when it was opened. */
  readonly deviations: Deviations
  /**
   * Runs `work` in one write transaction; its rows are on the disk when the promise resolves.
   * @throws {ChatwardenError} `AUDIT_UNAVAILABLE` if the database could not do it, `DATABASE_REPLACED` if it is not the one
   * that was opened; any other error of `work` as it is.
   * Nothing of it remains either way. `OUTCOME_UNKNOWN` if the server was lost while it committed: all of it remains, or
   * nothing.
   */
  transaction<T>(work: (tx: WriteTransaction) => Promise<T>): Promise<T>
  /** The same for statements in SQL alone, where that is cheaper. */
  append?<T>(work: (tx: SqlTransaction) => Promise<T>): Promise<T>
  /**
   * Looks whether it is still the one that was opened; on a server only its trail shows that.
   * @throws {ChatwardenError} `DATABASE_REPLACED`
   */
  check?(): Promise<void>
  /** Opens it for reading much of it. @throws as `openSnapshot`, and as `check`. */
  openSnapshot(): Promise<Snapshot>
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

/** The database as it was at one moment, for reading much of it: rows as arrays, times in ms, bytes as buffers. */
export interface Snapshot {
  readonly dialect: Dialect
  read<Row extends readonly unknown[]>(question: Question, ...values: readonly Value[]): Promise<Row[]>
  /** The same with rows as objects, by the names of their columns. */
  rows<Row>(question: Question, values?: readonly Value[]): Promise<Row[]>
  close(): void | Promise<void>
}

/** SQL, in text with a `?` for each value. */
export type Question = string | Prisma.Sql
export type Value = string | number | bigint | Date | null
