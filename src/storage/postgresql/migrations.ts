import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Client } from 'pg'
import { ChatwardenError } from '../../kernel/errors.ts'
import { type Applied, type Migration, pendingMigrations, readMigrations } from '../migration-files.ts'

const SHIPPED = fileURLToPath(new URL('../../../prisma/postgresql/migrations', import.meta.url))

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

/**
 * Brings the database to the schema of this version, creating it if need be, all in one transaction; of several
 * processes that start at once, one applies it. Asks for no right to do so where there is nothing to do.
 * @throws {ChatwardenError} `MIGRATION_FAILED` if a migration fails, was edited after it was applied, comes from a newer
 * version, or this user may not apply it.
 */
export async function migratePostgres(client: Client, directory = SHIPPED): Promise<void> {
  const shipped = readMigrations(directory)
  if (pendingMigrations(await applied(client), shipped).length === 0) return
  await client.query('BEGIN')
  try {
    await client.query("SELECT pg_advisory_xact_lock(hashtext('chatwarden.migrations'))")
    await client.query(TABLE)
    for (const migration of pendingMigrations(await applied(client), shipped)) await apply(client, migration)
    await client.query('COMMIT')
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => {})
    if ((cause as { code?: unknown }).code !== '42501') throw cause
    throw new ChatwardenError(
      'MIGRATION_FAILED',
      'The user of DATABASE_URL may not bring the schema up to date. Do it as the owner: DATABASE_OWNER_URL=postgresql://… chatwarden migrate',
      { cause },
    )
  }
}

async function applied(client: Client): Promise<Applied[]> {
  const { rows } = await client.query<{ exists: boolean }>(
    "SELECT to_regclass('public._prisma_migrations') IS NOT NULL AS exists",
  )
  if (rows[0]?.exists !== true) return []
  const migrations = await client.query<Applied>(
    'SELECT migration_name, checksum, finished_at FROM "_prisma_migrations" WHERE rolled_back_at IS NULL',
  )
  return migrations.rows
}

async function apply(client: Client, { name, sql, checksum }: Migration): Promise<void> {
  const started = new Date()
  try {
    await client.query(sql)
  } catch (cause) {
    if ((cause as { code?: unknown }).code === '42501') throw cause
    throw new ChatwardenError('MIGRATION_FAILED', `Migration ${name}: ${(cause as Error).message}.`, { cause })
  }
  await client.query(
    `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
     VALUES ($1, $2, $3, $4, $5, 1)`,
    [randomUUID(), checksum, name, started, new Date()],
  )
}
