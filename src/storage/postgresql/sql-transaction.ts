import type { ClientBase, Pool } from 'pg'
import { ChatwardenError } from '../../kernel/errors.ts'
import type { LockedHead, SqlTransaction } from '../contract.ts'
import { isConnectionLost } from '../database-error.ts'
import type { Prisma } from '../prisma.ts'
import { LOCK_TIMEOUT_MS } from '../retry-while-busy.ts'
import { copyInto } from './copy-into.ts'
import { postgresDialect } from './dialect.ts'
import { plainTypes, sentAs } from './plain-types.ts'
import { isSettled, unsettled } from './session.ts'
import type { StatementNames } from './statement-names.ts'

// One round trip: the lock and what it guards.
const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED;
  SELECT size, last_created_at AS "lastCreatedAt", checkpoint, ${isSettled('writing')} AS "isSettled"
  FROM public.audit_head WHERE id = 1 FOR UPDATE`

/**
 * Runs `work` in a transaction that has the lock of the trail's head, on the driver alone: Prisma's share of an append
 * was more than that of the tree. The statements are few and always the same, so the server keeps them prepared.
 * @throws {ChatwardenError} `AUDIT_UNAVAILABLE` if the server could not do it.
 */
export async function runSqlTransaction<T>(
  pool: Pool,
  names: StatementNames,
  work: (tx: SqlTransaction) => Promise<T>,
): Promise<T> {
  const client = await orUnavailable(() => pool.connect())
  // Who hears nothing from the server must not wait for ever.
  const deadline = setTimeout(() => void client.end(), LOCK_TIMEOUT_MS * 2).unref()
  let broken: Error | undefined
  const onError = (error: Error) => {
    broken = error
  }
  client.on('error', onError)
  try {
    const begun = (await orUnavailable(() => client.query({ text: BEGIN, types: plainTypes }))) as unknown as {
      rows: { size: number; lastCreatedAt: number; checkpoint: string; isSettled: 0 | 1 }[]
    }[]
    const [head] = begun[1]?.rows ?? []
    if (head?.isSettled === 0) {
      // Not to be used again: a new one is settled anew.
      broken = unsettled()
      throw new ChatwardenError('AUDIT_UNAVAILABLE', broken.message, { cause: broken })
    }
    const result = await work(sqlOn(client, names, head && { ...head, lastCreatedAt: new Date(head.lastCreatedAt) }))
    // The server says ROLLBACK to a COMMIT of what has failed.
    const { command } = await orUnavailable(() => client.query('COMMIT'))
    if (command !== 'COMMIT') throw new ChatwardenError('AUDIT_UNAVAILABLE', 'The database did not commit.')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch((cause: Error) => {
      broken = cause
    })
    throw error
  } finally {
    clearTimeout(deadline)
    client.off('error', onError)
    client.release(broken)
  }
}

/** Speaks to the trail on a connection whose transaction has the lock of the head, and read it: times come as milliseconds. */
export function sqlOn(client: ClientBase, names: StatementNames, head: LockedHead | undefined): SqlTransaction {
  const run = (question: TemplateStringsArray | Prisma.Sql, given: unknown[]) => {
    const sent = sentAs(question, given)
    const query = { ...sent, name: names.nameOf(sent.text), types: plainTypes }
    return orUnavailable(() => client.query(query))
  }
  return {
    dialect: postgresDialect,
    head,
    $queryRaw: (async (question: never, ...given: unknown[]) => (await run(question, given)).rows) as never,
    $executeRaw: (async (question: never, ...given: unknown[]) => (await run(question, given)).rowCount ?? 0) as never,
    copy: (table, columns, rows) => orUnavailable(() => copyInto(client, table, columns, rows)),
  }
}

/** What the server or the connection to it says becomes one of ours; programming errors stay what they are. */
async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!isConnectionLost(cause) && (cause as { severity?: unknown }).severity === undefined) throw cause
    throw new ChatwardenError('AUDIT_UNAVAILABLE', (cause as Error).message, { cause })
  }
}
