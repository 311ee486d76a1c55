import type { Client } from 'pg'
import type { Question, Snapshot, Value } from '../contract.ts'
import { asUnavailable } from '../database-error.ts'
import { openClient } from './client.ts'
import { postgresDialect } from './dialect.ts'
import { bound, plainTypes } from './plain-types.ts'
import { settledLocally } from './session.ts'
import { StatementNames } from './statement-names.ts'

const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'

/** A snapshot of a database on a server: a transaction that sees one moment, on a connection of its own. */
export function openPostgresSnapshot(url: string): Snapshot {
  let opened: Promise<Client> | undefined
  const client = (): Promise<Client> => {
    opened ??= open(url)
    return opened
  }
  return {
    ...snapshotOn(client),
    close: async () => {
      await (await opened?.catch(() => undefined))?.end().catch(() => {})
    },
  }
}

/** Looks at a database as it is at one moment, on a connection that is there. */
export async function snapshotWithin<T>(client: Client, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  await client.query(BEGIN)
  try {
    return await work(snapshotOn(async () => client))
  } finally {
    // Nothing was written, so this ends what failed too.
    await client.query('ROLLBACK').catch(() => {})
  }
}

/** What a connection sees, of its own transaction too. It stays open: it is whose it was. */
export function snapshotOn(client: () => Promise<Client>): Snapshot {
  const names = new StatementNames()
  const ask = async (question: Question, given: readonly Value[], rowMode?: 'array') => {
    const { text, values } = typeof question === 'string' ? { text: numbered(question), values: given } : question
    const name = values.length > 0 ? names.nameOf(text) : undefined
    const query = { name, text, values: values.map(bound), types: plainTypes, ...(rowMode && { rowMode }) }
    try {
      return (await (await client()).query(query)).rows as never[]
    } catch (error) {
      throw asUnavailable(error)
    }
  }
  return {
    dialect: postgresDialect,
    read: (question, ...values) => ask(question, values, 'array'),
    rows: (question, values = []) => ask(question, values),
    close: () => {},
  }
}

async function open(url: string): Promise<Client> {
  const client = await openClient(url, 'snapshot')
  try {
    // From here on it is one and the same session, whatever stands between.
    await client.query(`${BEGIN}; ${settledLocally('snapshot')}`)
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}

/** Places of values are `?` there and `$1`, `$2`, … here. */
function numbered(sql: string): string {
  let count = 0
  return sql.replace(/\?/g, () => `$${++count}`)
}
