import type { Client } from 'pg'
import { withClient } from './client.ts'
import { refuseUnfit } from './fitness.ts'

const TABLES =
  "SELECT oid::regclass::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT relispartition"
const DROPS = `SELECT CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN 'SEQUENCE'
    ELSE 'TABLE' END || ' IF EXISTS ' || oid::regclass AS name
  FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT relispartition`
const FUNCTIONS = "SELECT oid::regprocedure::text AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace"

const namesIn = async (client: Client, sql: string): Promise<string[]> =>
  (await client.query<{ name: string }>(sql)).rows.map(({ name }) => name)

/** The tables of a database that a bot can work with; none: it is empty. @throws {ChatwardenError} `CONFIG_INVALID` of another one. */
export const tablesIn = (url: string): Promise<string[]> =>
  withClient(url, {}, async (client) => {
    await refuseUnfit(client, url)
    return namesIn(client, TABLES)
  })

/** Takes everything out of a database again that was empty before. */
export const makeEmpty = (url: string): Promise<void> =>
  withClient(url, {}, async (client) => {
    for (const what of await namesIn(client, DROPS)) await client.query(`DROP ${what} CASCADE`)
    for (const name of await namesIn(client, FUNCTIONS)) await client.query(`DROP FUNCTION IF EXISTS ${name} CASCADE`)
  })

/** How many bytes the database takes. */
export const sizeOf = (url: string): Promise<number> =>
  withClient(url, {}, async (client) => {
    const { rows } = await client.query<{ bytes: string }>('SELECT pg_database_size(current_database()) AS bytes')
    return Number(rows[0]?.bytes)
  })
