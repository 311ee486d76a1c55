import type { Client } from 'pg'
import { databaseLabel } from '../beside-database.ts'
import { codeOf, isConnectionLost, isDamaged } from '../database-error.ts'
import { isFull, type Obstacle, obstacleOf, openingError } from '../obstacle.ts'
import { connectionTo } from './connection.ts'
import { UNSETTLED, type Use } from './session.ts'
import { SessionClient } from './session-client.ts'

/** A connection of its own, whose session is settled. @throws the driver's own error. */
export async function openClient(url: string, use: Use): Promise<Client> {
  const client = new SessionClient(connectionTo(url, use))
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}

/**
 * Does something on a connection of its own. `name`: the variable that names the database, for whoever has to correct it.
 * @throws {ChatwardenError} with the server's own words: `CANNOT_START` where it is away or full, `DATABASE_DAMAGED`, or else `CONFIG_INVALID`.
 */
export async function withClient<T>(
  url: string,
  { use = 'owner' as Use, name = 'DATABASE_URL' },
  work: (client: Client) => Promise<T>,
): Promise<T> {
  try {
    const client = await openClient(url, use)
    try {
      return await work(client)
    } finally {
      await client.end().catch(() => {})
    }
  } catch (cause) {
    throw openingError(cause, `${name}=${databaseLabel(url)}`, obstacleOnServer)
  }
}

function obstacleOnServer(cause: unknown): Obstacle {
  const text = wordsOf(cause)
  if (isFull(cause)) return obstacleOf(cause)
  if (isDamaged(cause)) return { code: 'DATABASE_DAMAGED', text }
  if (codeOf(cause) === UNSETTLED || !isAway(cause)) return { code: 'CONFIG_INVALID', text }
  return { code: 'CANNOT_START', text, advice: 'Is the server running? See: chatwarden doctor' }
}

/** An address with several numbers fails with all of their errors. */
const isAway = (cause: unknown): boolean =>
  cause instanceof AggregateError ? cause.errors.some(isConnectionLost) : isConnectionLost(cause)

/** Of an address with several numbers, none of which answered, Node says nothing at the top. */
const wordsOf = (error: unknown): string =>
  error instanceof AggregateError
    ? error.errors.map(({ message }: Error) => message).join(', ')
    : (error as Error).message
