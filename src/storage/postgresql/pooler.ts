import type { Client } from 'pg'
import { openClient } from './client.ts'

/**
 * Whether something between us and the server gives sessions to whoever asks next, as PgBouncer does in its modes
 * `transaction` and `statement`: then settings, locks and prepared statements are not where they were left.
 */
export async function isSwitched(client: Client, url: string): Promise<boolean> {
  const first = await sessionOf(client)
  // Nobody stands between where the server's own number is the one that was given with the connection.
  if (first === (client as { processID?: number | null }).processID) return false
  const other = await openClient(url, 'owner')
  try {
    // An odd number of questions in between, or two sessions that take turns would look like two that stay.
    const second = await sessionOf(other)
    const isSame = second === (await sessionOf(other)) && first === (await sessionOf(client))
    return !isSame || first === second
  } finally {
    await other.end().catch(() => {})
  }
}

async function sessionOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  return rows[0]?.pid ?? 0
}
