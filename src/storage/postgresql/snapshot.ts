import { Client, types } from 'pg'
import { asUnavailable } from '../database-error.ts'
import type { Question, Snapshot, Value } from '../snapshot.ts'
import { connectionTo } from './connection.ts'
import { postgresDialect } from './dialect.ts'
import { storableText } from './storable-text.ts'
import { timeText } from './time-text.ts'

const { builtins } = types
/** Times as milliseconds, counts as numbers, and 0 or 1: what a snapshot of SQLite gives, too. */
const PARSERS = new Map<number, (text: string) => unknown>([
  [builtins.TIMESTAMP, (text) => Date.parse(`${text.replace(' ', 'T')}Z`)],
  [builtins.INT8, Number],
  [builtins.NUMERIC, Number],
  [builtins.BOOL, (text) => (text === 't' ? 1 : 0)],
])
const parsers = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    PARSERS.get(oid) ?? types.getTypeParser(oid, format)) as typeof types.getTypeParser,
}

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

/** What a connection sees, of its own transaction too. It stays open: it is whose it was. */
export function snapshotOn(client: () => Promise<Client>): Snapshot {
  const ask = async (question: Question, given: readonly Value[], rowMode?: 'array') => {
    const { text, values } = typeof question === 'string' ? { text: numbered(question), values: given } : question
    const query = { text, values: values.map(bound), types: parsers, ...(rowMode && { rowMode }) }
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
  const client = new Client(connectionTo(url, 'snapshot'))
  // A connection that breaks between two questions is told by the next one.
  client.on('error', () => {})
  await client.connect()
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  return client
}

/** Places of values are `?` there and `$1`, `$2`, … here. */
function numbered(sql: string): string {
  let count = 0
  return sql.replace(/\?/g, () => `$${++count}`)
}

const bound = (value: unknown): unknown => {
  if (value instanceof Date) return timeText(value)
  return typeof value === 'bigint' ? value.toString() : storableText(value)
}
