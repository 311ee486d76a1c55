import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ChatwardenError } from '../kernel/errors.ts'
import { databasePath } from './beside-database.ts'
import { databaseMessage } from './database-error.ts'
import { type Prisma, PrismaClient } from './generated/sqlite/client.ts'
import { ImmediateSqlite } from './immediate-sqlite.ts'
import { migrate } from './migrations.ts'
import { LOCK_TIMEOUT_MS } from './retry-while-busy.ts'

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
>
/** A write transaction: it holds the write lock from its first statement on. */
export type WriteTransaction = Prisma.TransactionClient

export interface Database {
  readonly reader: Reader
  /**
   * Runs `work` in one write transaction; its rows are on the disk when the promise resolves.
   * @throws {ChatwardenError} `AUDIT_UNAVAILABLE` if the database could not do it; any other error of `work` as it is.
   * Nothing of it remains either way.
   */
  transaction<T>(work: (tx: WriteTransaction) => Promise<T>): Promise<T>
  /**
   * Takes what was removed out of the files too, where the file is small by rewriting it. Where it may wait, it waits
   * for others who read, for some seconds.
   * @returns whether that was done; if not, it is to be called again.
   */
  purge(mayWait: boolean): Promise<boolean>
  close(): Promise<void>
}

/** Opens the SQLite file that `url` (`file:PATH`) names, bringing its schema up to date first. */
export async function openDatabase(url: string): Promise<Database> {
  const path = databasePath(url)
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    // SQLite gives its own files the mode of this one: what is in them is for nobody else on the machine.
    closeSync(openSync(path, 'a', 0o600))
    await migrate(path)
  } catch (cause) {
    if (cause instanceof ChatwardenError) throw cause
    throw new ChatwardenError('CONFIG_INVALID', `DATABASE_URL=file:${path}: ${(cause as Error).message}`, { cause })
  }
  // One client is one connection, and what runs beside a transaction on it runs inside it: so reads have their own.
  const writer = new PrismaClient({ adapter: new ImmediateSqlite(path), errorFormat: 'minimal' })
  const reader = new PrismaClient({ adapter: new ImmediateSqlite(path, { readonly: true }), errorFormat: 'minimal' })
  await assertDurable(writer)
  let isClosed = false
  return {
    reader,
    transaction: async (work) => {
      // Prisma would open the file again by itself.
      if (isClosed) throw new ChatwardenError('AUDIT_UNAVAILABLE', 'Chatwarden is closed.')
      try {
        return await writer.$transaction(work, { maxWait: LOCK_TIMEOUT_MS * 2, timeout: LOCK_TIMEOUT_MS * 2 })
      } catch (error) {
        throw asDomainError(error)
      }
    },
    purge: async (mayWait) => isClosed || purge(writer, mayWait),
    close: async () => {
      isClosed = true
      // The writer last: only a connection that may write takes the WAL back into the file.
      await reader.$disconnect()
      await writer.$disconnect()
    },
  }
}

const PURGE_PATIENCE = 3000
/** Above this, rewriting the file would keep everybody waiting. */
const SMALL_BYTES = 64 * 1024 * 1024

/** Whether `purge` rewrites the file. */
export async function isSmall(db: Pick<WriteTransaction, '$queryRaw'>): Promise<boolean> {
  const [file] = await db.$queryRaw<{ bytes: number | bigint }[]>`
    SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size`
  return Number(file?.bytes ?? 0) <= SMALL_BYTES
}

async function purge(writer: PrismaClient, mayWait: boolean): Promise<boolean> {
  const deadline = performance.now() + (mayWait ? PURGE_PATIENCE : 0)
  let isRewritten = false
  do {
    // Whoever reads or writes at that moment keeps it from happening, as one answer or the other.
    try {
      // Overwriting what is deleted is not enough: pages that were split or merged keep copies where they are unused.
      if (!isRewritten && (await isSmall(writer))) await writer.$executeRawUnsafe('VACUUM')
      isRewritten = true
      const [state] = await writer.$queryRawUnsafe<{ busy: number }[]>('PRAGMA wal_checkpoint(TRUNCATE)')
      if (Number(state?.busy) === 0) return true
    } catch {
      // Tried again below.
    }
    await sleep(50)
  } while (performance.now() < deadline)
  return false
}

async function assertDurable(writer: PrismaClient): Promise<void> {
  const [mode] = await writer.$queryRaw<{ synchronous: number }[]>`SELECT synchronous FROM pragma_synchronous`
  if (Number(mode?.synchronous) !== 2)
    throw new ChatwardenError(
      'CONFIG_INVALID',
      'The database does not keep what it acknowledges (synchronous is not FULL).',
    )
}

/** Errors of Prisma and the driver become one of ours; programming errors stay what they are. */
function asDomainError(error: unknown): unknown {
  const name = error instanceof Error ? error.constructor.name : ''
  if (!name.startsWith('PrismaClient') && name !== 'DriverAdapterError') return error
  return new ChatwardenError('AUDIT_UNAVAILABLE', databaseMessage(error), { cause: error })
}
