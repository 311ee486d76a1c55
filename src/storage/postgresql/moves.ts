import type { Client } from 'pg'
import type { Move } from '../moves.ts'

/** What a database on a server says of a move. */
export async function readMove(client: Client): Promise<Move | undefined> {
  const { rows } = await client.query<{ id: number; destination: string; ms: number }>(
    'SELECT id, destination, (extract(epoch FROM moved_at) * 1000)::float8 AS ms FROM audit_moves ORDER BY id LIMIT 1',
  )
  const [row] = rows
  return row && { id: row.id, destination: row.destination, movedAt: new Date(row.ms) }
}
