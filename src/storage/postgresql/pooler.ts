import type { Client } from 'pg'
import { openClient } from './client.ts'

const ROUNDS = 10

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
    // Others may ask meanwhile, so one look is none. Each asks twice in a row, or two sessions that take turns would look like two that stay.
    const second = await sessionOf(other)
    for (let round = 0; round < ROUNDS; round++) {
      const isMine = second === (await sessionOf(other)) && first === (await sessionOf(client))
      if (!isMine || first === second || first !== (await sessionOf(client))) return true
    }
    return false
  } finally {
    await other.end().catch(() => {})
  }
}

async function sessionOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  return rows[0]?.pid ?? 0
}
