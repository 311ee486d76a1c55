import { Client } from 'pg'
import { ChatwardenError } from '../../kernel/errors.ts'
import { databaseLabel } from '../beside-database.ts'
import { isDamaged } from '../database-error.ts'
import { connectionTo, type Use } from './connection.ts'

/**
 * Does something on a connection of its own. `name`: the variable that names the database, for whoever has to correct it.
 * @throws {ChatwardenError} `CONFIG_INVALID` with the server's own words where it cannot be used, `DATABASE_DAMAGED`.
 */
export async function withClient<T>(
  url: string,
  { use = 'owner' as Use, name = 'DATABASE_URL' },
  work: (client: Client) => Promise<T>,
): Promise<T> {
  try {
    const client = new Client(connectionTo(url, use))
    // A connection that breaks is told by the question that it breaks.
    client.on('error', () => {})
    try {
      await client.connect()
      return await work(client)
    } finally {
      await client.end().catch(() => {})
    }
  } catch (cause) {
    if (cause instanceof ChatwardenError) throw cause
    const code = isDamaged(cause) ? 'DATABASE_DAMAGED' : 'CONFIG_INVALID'
    throw new ChatwardenError(code, `${name}=${databaseLabel(url)}: ${wordsOf(cause)}`, { cause })
  }
}

/** Of an address with several numbers, none of which answered, Node says nothing at the top. */
const wordsOf = (error: unknown): string =>
  error instanceof AggregateError
    ? error.errors.map(({ message }: Error) => message).join(', ')
    : (error as Error).message
