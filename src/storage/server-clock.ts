import type { Reader } from './contract.ts'

/**
 * What the clock of the database's server says (ms), where that is another machine: `undefined` where it is this one, whose
 * clock can't speak for itself, or where there is no server. A container has an address of its own and its machine's clock.
 */
export async function serverClock(db: Pick<Reader, '$queryRaw' | 'dialect'>): Promise<number | undefined> {
  if (db.dialect.name !== 'postgresql') return undefined
  const [row] = await db.$queryRaw<{ now: number; isHere: boolean }[]>`
    SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "now",
      (inet_server_addr() IS NULL OR inet_server_addr() = inet_client_addr()) AS "isHere"`
  return row === undefined || row.isHere ? undefined : row.now
}
