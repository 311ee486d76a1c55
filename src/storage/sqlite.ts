import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ChatwardenError } from '../kernel/errors.ts'
import { databasePath } from './beside-database.ts'
import type { Database } from './contract.ts'
import { asDomainError } from './database-error.ts'
import { PrismaClient } from './generated/sqlite/client.ts'
import { ImmediateSqlite } from './immediate-sqlite.ts'
import { migrate } from './migrations.ts'
import { MOVED, type Move, refuseMoved } from './moves.ts'
import { LOCK_TIMEOUT_MS } from './retry-while-busy.ts'
import type { Deviations } from './schema/deviations.ts'
import { refuseAltered, schemaDeviations } from './schema/schema.ts'
import { isSmall } from './small-file.ts'
import { withSnapshot } from './snapshot.ts'
import { speaking } from './speaking.ts'
import { sqliteDialect } from './sqlite-dialect.ts'

/** Opens the SQLite file that `url` (`file:PATH`) names, bringing its schema up to date first. */
export async function openSqlite(url: string): Promise<Database> {
  const path = databasePath(url)
  let deviations: Deviations
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    // SQLite gives its own files the mode of this one: what is in them is for nobody else on the machine.
    closeSync(openSync(path, 'a', 0o600))
    await migrate(path)
    deviations = await withSnapshot(url, schemaDeviations)
  } catch (cause) {
    if (cause instanceof ChatwardenError) throw cause
    throw new ChatwardenError('CONFIG_INVALID', `DATABASE_URL=file:${path}: ${(cause as Error).message}`, { cause })
  }
  // One client is one connection, and what runs beside a transaction on it runs inside it: so reads have their own.
  const writer = new PrismaClient({ adapter: new ImmediateSqlite(path), errorFormat: 'minimal' })
  const reader = new PrismaClient({ adapter: new ImmediateSqlite(path, { readonly: true }), errorFormat: 'minimal' })
  try {
    await assertDurable(writer)
    refuseAltered(deviations)
    refuseMoved(await readMove(writer))
  } catch (error) {
    await Promise.all([reader.$disconnect(), writer.$disconnect()])
    throw error
  }
  let isClosed = false
  return {
    reader: Object.assign(reader, { dialect: sqliteDialect }),
    shared: undefined,
    deviations,
    transaction: async (work) => {
      // Prisma would open the file again by itself.
      if (isClosed) throw new ChatwardenError('AUDIT_UNAVAILABLE', 'Chatwarden is closed.')
      try {
        return await writer.$transaction((tx) => work(speaking(tx, sqliteDialect)), {
          maxWait: LOCK_TIMEOUT_MS * 2,
          timeout: LOCK_TIMEOUT_MS * 2,
        })
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
