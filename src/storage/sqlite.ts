import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterFailure } from '../kernel/after-failure.ts'
import { ChatwardenError } from '../kernel/errors.ts'
import { plainLine } from '../kernel/plain-text.ts'
import { databasePath } from './beside-database.ts'
import type { Database, Reader } from './contract.ts'
import { asDomainError, databaseMessage, isDamaged } from './database-error.ts'
import { FileGuard } from './file-guard.ts'
import { PrismaClient } from './generated/sqlite/client.ts'
import { ImmediateSqlite } from './immediate-sqlite.ts'
import { integrityProblems } from './integrity.ts'
import { migrate } from './migrations.ts'
import { MOVED, type Move, refuseMoved } from './moves.ts'
import { openingError } from './obstacle.ts'
import { LOCK_TIMEOUT_MS, retryWhileBusy } from './retry-while-busy.ts'
import type { Deviations } from './schema/deviations.ts'
import { refuseAltered, schemaDeviations } from './schema/schema.ts'
import { isSmall } from './small-file.ts'
import { openSnapshot, withSnapshot } from './snapshot.ts'
import { speaking } from './speaking.ts'
import { sqliteDialect } from './sqlite-dialect.ts'
import { Trust } from './trust.ts'

/** Opens the SQLite file that `url` (`file:PATH`) names, bringing its schema up to date first. */
export async function openSqlite(url: string): Promise<Database> {
  const path = databasePath(url)
  let deviations: Deviations
  let guard: FileGuard
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    makeFile(path)
    await migrate(path)
    deviations = await withSnapshot(url, schemaDeviations)
    guard = await retryWhileBusy(() => new FileGuard(path))
  } catch (cause) {
    throw openingError(cause, `DATABASE_URL=file:${path}`)
  }
  // One client is one connection, and what runs beside a transaction on it runs inside it: so reads have their own.
  const writer = new PrismaClient({ adapter: new ImmediateSqlite(path, {}, guard), errorFormat: 'minimal' })
  const reader = new PrismaClient({
    adapter: new ImmediateSqlite(path, { readonly: true }, guard),
    errorFormat: 'minimal',
  })
  try {
    await assertDurable(writer)
    refuseAltered(deviations)
    refuseMoved(await readMove(writer))
    await reader.$connect()
    // Whatever the connections were opened on lies there still.
    guard.check()
  } catch (error) {
    return afterFailure(error, () => {
      guard.close()
      return Promise.all([reader.$disconnect(), writer.$disconnect()])
    })
  }
  let isClosed = false
  const trust = new Trust()
  let examining: Promise<void> | undefined
  const check = async () => {
    if (isClosed || !guard.isWrittenOver()) return
    examining ??= examine(url, guard, [reader, writer]).finally(() => {
      examining = undefined
    })
    await examining
  }
  return {
    reader: readerOn(reader, () => {
      trust.check()
      guard.checkLately()
    }),
    untrusted: Object.assign(Object.create(reader), { dialect: sqliteDialect }),
    distrust: (fault) => trust.set(fault),
    shared: undefined,
    deviations,
    transaction: async (work) => {
      // Prisma would open the file again by itself.
      if (isClosed) throw new ChatwardenError('AUDIT_UNAVAILABLE', 'Chatwarden is closed.')
      try {
        trust.check()
        await check()
        return await writer.$transaction((tx) => work(speaking(tx, sqliteDialect)), {
          maxWait: LOCK_TIMEOUT_MS * 2,
          timeout: LOCK_TIMEOUT_MS * 2,
        })
      } catch (error) {
        // Prisma has made an error of its own of what the guard said before the commit.
        if (!isClosed) guard.check()
        throw asDomainError(error)
      }
    },
    check,
    openSnapshot: async () => {
      trust.check()
      const snapshot = await openSnapshot(url)
      try {
        await check()
        return snapshot
      } catch (error) {
        return afterFailure(error, () => snapshot.close())
      }
    },
    purge: async (mayWait) => isClosed || purge(writer, mayWait),
    close: async () => {
      isClosed = true
      // The writer last: only a connection that may write takes the WAL back into the file, and removes it by its name. Where
      // something else has that name by now, that is not done.
      const order = guard.isInPlace ? [reader, writer] : [writer, reader]
      guard.close()
      for (const client of order) await client.$disconnect()
    },
  }
}

/** Looks what became of a file that somebody wrote to. @throws {ChatwardenError} `DATABASE_REPLACED` if it is damaged. */
async function examine(url: string, guard: FileGuard, clients: readonly PrismaClient[]): Promise<void> {
  let problem: string | undefined
  try {
    // What is kept in memory hides what the file is like now.
    await Promise.all(clients.map((client) => client.$queryRawUnsafe('PRAGMA shrink_memory')))
    problem = (await withSnapshot(url, integrityProblems))[0]
  } catch (cause) {
    if (!isDamaged(cause)) throw new ChatwardenError('AUDIT_UNAVAILABLE', databaseMessage(cause), { cause })
    problem = databaseMessage(cause)
  }
  if (problem === undefined) return guard.accept()
  guard.condemn(plainLine(problem, 200))
  guard.check()
}

/** What is read is of the file that is there; `$queryRaw` without Prisma's extension, whose share of a short question is a third. */
function readerOn(client: PrismaClient, check: () => void): Reader {
  const models = client.$extends({
    query: {
      $allOperations: async ({ args, query }) => {
        check()
        return query(args)
      },
    },
  })
  const $queryRaw = async (...question: Parameters<PrismaClient['$queryRaw']>) => {
    check()
    return client.$queryRaw(...question)
  }
  return Object.assign(models, { dialect: sqliteDialect, $queryRaw }) as unknown as Reader
}

/** SQLite gives its own files the mode of this one: what is in them is for nobody else on the machine. */
function makeFile(path: string): void {
  // One that is there is not opened: this process may have it open, and would lose its locks on it.
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
}

const PURGE_PATIENCE = 3000
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

async function readMove(writer: PrismaClient): Promise<Move | undefined> {
  const [move] = await writer.$queryRaw<{ destination: string; movedAt: Date }[]>`
    SELECT destination, moved_at AS "movedAt" FROM audit_moves`
  return move && { id: MOVED, ...move }
}
