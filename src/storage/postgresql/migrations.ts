import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Client } from 'pg'
import { ChatwardenError } from '../../kernel/errors.ts'
import { migrationFailed } from '../migration-failed.ts'
import { type Applied, type Migration, pendingMigrations, readMigrations } from '../migration-files.ts'

export const POSTGRESQL_MIGRATIONS = fileURLToPath(new URL('../../../prisma/postgresql/migrations', import.meta.url))

/** Which migrations a database has. */
export const APPLIED_MIGRATIONS =
  'SELECT migration_name, checksum, finished_at FROM public."_prisma_migrations" WHERE rolled_back_at IS NULL'

/** Prisma's own table, so that `prisma migrate status` on a machine with a network agrees. */
const TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum"              VARCHAR(64) NOT NULL,
    "finished_at"           TIMESTAMPTZ,
    "migration_name"        VARCHAR(255) NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        TIMESTAMPTZ,
    "started_at"            TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count"   INTEGER NOT NULL DEFAULT 0
)`

/** Whom a refusal names: the bot, which need not be allowed to, or the owner of the tables. */
export type Migrator = 'DATABASE_URL' | 'DATABASE_OWNER_URL'

const ADVICE: Readonly<Record<Migrator, string>> = {
  DATABASE_URL: 'Do it as the owner: DATABASE_OWNER_URL=postgresql://… chatwarden migrate',
  DATABASE_OWNER_URL: 'It has to own the database, or the tables that are there.',
}

/**
 * Brings the database to the schema of this version, creating it if need be, all in one transaction; of several
 * processes that start at once, one applies it. Asks for no right to do so where there is nothing to do.
 * @returns the names of what was applied.
 * @throws {ChatwardenError} `MIGRATION_FAILED` if a migration fails, was edited after it was applied, comes from a newer
 * version, or this user may not apply it.
 */
export async function migratePostgres(
  client: Client,
  { as = 'DATABASE_URL' as Migrator, directory = POSTGRESQL_MIGRATIONS } = {},
): Promise<readonly string[]> {
  try {
    const shipped = readMigrations(directory)
    if (pendingMigrations(await applied(client), shipped).length === 0) return []
    return await inTransaction(client, async () => {
      await client.query("SELECT pg_advisory_xact_lock(hashtext('chatwarden.migrations'))")
      await client.query('SET LOCAL search_path = public')
      await client.query(TABLE)
      const pending = pendingMigrations(await applied(client), shipped)
      for (const migration of pending) await apply(client, migration)
      return pending.map(({ name }) => name)
    })
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== '42501') throw cause
    throw new ChatwardenError(
      'MIGRATION_FAILED',
      `The user of ${as} may not bring the schema up to date. ${ADVICE[as]}`,
      { cause },
    )
  }
}

/** What a database still needs. Nothing is changed. @throws {ChatwardenError} `MIGRATION_FAILED` for one that does not fit. */
export const pendingIn = async (client: Client): Promise<readonly string[]> =>
  pendingMigrations(await applied(client), readMigrations(POSTGRESQL_MIGRATIONS)).map(({ name }) => name)

async function inTransaction<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN')
  try {
    const result = await work()
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
}

async function applied(client: Client): Promise<Applied[]> {
  const { rows } = await client.query<{ exists: boolean }>(
    "SELECT to_regclass('public._prisma_migrations') IS NOT NULL AS exists",
  )
  if (rows[0]?.exists !== true) return []
  const migrations = await client.query<Applied>(APPLIED_MIGRATIONS)
  return migrations.rows
}

async function apply(client: Client, { name, sql, checksum }: Migration): Promise<void> {
  const started = new Date()
  try {
    await client.query(sql)
  } catch (cause) {
    if ((cause as { code?: unknown }).code === '42501') throw cause
    throw migrationFailed(name, cause)
  }
  await client.query(
    `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
     VALUES ($1, $2, $3, $4, $5, 1)`,
    [randomUUID(), checksum, name, started, new Date()],
  )
}
